// SPDX-License-Identifier: Apache-2.0
#include <tiffio.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "engine/base/text.h"
#include "engine/pictures/codecs.h"

namespace pinxit {
namespace {

constexpr tmsize_t largest_block = tmsize_t(4) << 30;   // bytes libtiff may take at once
constexpr int64_t classic_limit = int64_t(3900) << 20;  // bytes of samples above which BigTIFF is written

struct CloseTiff {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};

/// An open TIFF that keeps libtiff's complaints to itself.
class Tiff {
 public:
  template <class Open>
  explicit Tiff(Open&& open) {
    const std::unique_ptr<TIFFOpenOptions, void (*)(TIFFOpenOptions*)> options(TIFFOpenOptionsAlloc(),
                                                                               TIFFOpenOptionsFree);
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), on_error, this);
    TIFFOpenOptionsSetWarningHandlerExtR(
        options.get(), [](TIFF*, void*, const char*, const char*, va_list) { return 1; }, this);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), largest_block);
    tiff_.reset(open(options.get()));
    check(bool(tiff_));
  }
  Tiff(const Tiff&) = delete;
  Tiff& operator=(const Tiff&) = delete;
  TIFF* get() const { return tiff_.get(); }
  void check(bool fine) const {
    if (!fine) throw LibraryError(message_);
  }
  template <class Value>
  Value field(uint32_t tag, Value otherwise) const {
    Value value{};
    return TIFFGetFieldDefaulted(tiff_.get(), tag, &value) ? value : otherwise;
  }

 private:
  static int on_error(TIFF*, void* self, const char*, const char* format, va_list values) {
    auto* tiff = static_cast<Tiff*>(self);
    if (!*tiff->message_) std::vsnprintf(tiff->message_, sizeof message_, format, values);
    return 1;
  }
  char message_[300] = "";
  std::unique_ptr<TIFF, CloseTiff> tiff_;
};

enum class SampleKind { integer8, integer16, integer32, float16, float32, float64 };

/// How the samples lie in the file.
struct Layout {
  explicit Layout(const Tiff& tiff)
      : width(tiff.field<uint32_t>(TIFFTAG_IMAGEWIDTH, 0)),
        height(tiff.field<uint32_t>(TIFFTAG_IMAGELENGTH, 0)),
        samples(tiff.field<uint16_t>(TIFFTAG_SAMPLESPERPIXEL, 1)),
        bits(tiff.field<uint16_t>(TIFFTAG_BITSPERSAMPLE, 1)),
        format(tiff.field<uint16_t>(TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT)),
        photometric(tiff.field<uint16_t>(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK)),
        compression(tiff.field<uint16_t>(TIFFTAG_COMPRESSION, COMPRESSION_NONE)),
        planar(tiff.field<uint16_t>(TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE) {
    uint16_t extras = 0;
    uint16_t* kinds = nullptr;
    TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_EXTRASAMPLES, &extras, &kinds);
    for (uint16_t i = 0; i < extras && !alpha; ++i) {
      const bool only_extra = extras == 1 && kinds[i] == EXTRASAMPLE_UNSPECIFIED;
      if (kinds[i] == EXTRASAMPLE_UNASSALPHA || kinds[i] == EXTRASAMPLE_ASSOCALPHA || only_extra) alpha = colours() + i;
      associated = alpha && kinds[i] == EXTRASAMPLE_ASSOCALPHA;
    }
    if (extras == 0 && samples == colours() + 1) alpha = colours();
    if (alpha >= samples) alpha = 0;
  }
  bool grey() const { return photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE; }
  unsigned colours() const { return grey() ? 1 : 3; }
  size_t pixel_bytes() const { return size_t(samples) * bits / 8; }
  /// Rows can be read sample by sample; other files go through libtiff's own conversion to 8 bits.
  bool plain() const {
    const bool integer = format == SAMPLEFORMAT_UINT && (bits == 8 || bits == 16 || bits == 32);
    const bool floating = format == SAMPLEFORMAT_IEEEFP && (bits == 16 || bits == 32 || bits == 64);
    return (integer || floating) && (grey() || photometric == PHOTOMETRIC_RGB) && samples >= colours();
  }
  SampleKind kind() const {
    if (format == SAMPLEFORMAT_UINT)
      return bits == 8 ? SampleKind::integer8 : bits == 16 ? SampleKind::integer16 : SampleKind::integer32;
    return bits == 16 ? SampleKind::float16 : bits == 32 ? SampleKind::float32 : SampleKind::float64;
  }

  uint32_t width, height;
  uint16_t samples, bits, format, photometric, compression;
  bool planar;
  unsigned alpha = 0;  ///< which sample it is; 0: none
  bool associated = false;
};

float half_to_float(uint16_t half) {
  const int exponent = half >> 10 & 31, mantissa = half & 1023;
  const float size = exponent == 31  ? (mantissa ? NAN : INFINITY)
                     : exponent == 0 ? std::ldexp(float(mantissa), -24)
                                     : std::ldexp(float(mantissa + 1024), exponent - 25);
  return half & 0x8000 ? -size : size;
}

template <class Sample>
float value_of(const uint8_t* at, double most) {
  Sample sample;
  std::memcpy(&sample, at, sizeof sample);
  return most > 4e9 ? float(double(sample) / most) : float(sample) / float(most);
}

float value_of(const uint8_t* at, SampleKind kind) {
  switch (kind) {
    case SampleKind::integer8:
      return value_of<uint8_t>(at, 255);
    case SampleKind::integer16:
      return value_of<uint16_t>(at, 65535);
    case SampleKind::integer32:
      return value_of<uint32_t>(at, 4294967295.0);
    case SampleKind::float32:
      return value_of<float>(at, 1);
    case SampleKind::float64:
      return value_of<double>(at, 1);
    case SampleKind::float16:
      break;
  }
  uint16_t half;
  std::memcpy(&half, at, sizeof half);
  return half_to_float(half);
}

/// A row as it lies in the file to floats with straight alpha.
void convert(const uint8_t* from, const Layout& layout, float* to) {
  const size_t sample_bytes = layout.bits / 8;
  const SampleKind kind = layout.kind();
  const bool inverted = layout.photometric == PHOTOMETRIC_MINISWHITE;
  for (uint32_t x = 0; x < layout.width; ++x, from += layout.pixel_bytes()) {
    const float alpha = layout.alpha ? value_of(from + layout.alpha * sample_bytes, kind) : 1;
    for (unsigned c = 0; c < layout.colours(); ++c) {
      float value = value_of(from + c * sample_bytes, kind);
      if (inverted) value = 1 - value;
      if (layout.associated) value = alpha > 0 ? value / alpha : 0;
      *to++ = value;
    }
    if (layout.alpha) *to++ = alpha;
  }
}

/// Reads rows from the first to the last: whole tiles and planes at a time where the file is made of them.
class BandReader {
 public:
  BandReader(const Tiff& tiff, const Layout& layout) : tiff_(tiff), layout_(layout) {
    tiled_ = TIFFIsTiled(tiff.get());
    block_width_ = tiled_ ? tiff.field<uint32_t>(TIFFTAG_TILEWIDTH, 0) : layout.width;
    uint32_t rows = tiled_          ? tiff.field<uint32_t>(TIFFTAG_TILELENGTH, 0)
                    : layout.planar ? tiff.field<uint32_t>(TIFFTAG_ROWSPERSTRIP, layout.height)
                                    : 1;
    block_rows_ = tiled_ ? rows : std::min(rows, layout.height);
    const tmsize_t block_bytes = tiled_ ? TIFFTileSize(tiff.get()) : TIFFStripSize(tiff.get());
    if (!block_width_ || !block_rows_ || block_bytes <= 0 || block_bytes > largest_block)
      damaged(_("its header is broken"));
    band_rows_ = std::min(block_rows_, layout.height);
    band_.resize(size_t(band_rows_) * layout.width * layout.pixel_bytes());
    if (tiled_ || layout.planar) block_.resize(size_t(block_bytes));
  }

  const uint8_t* row(uint32_t y) {
    if (y % block_rows_ == 0) fill(y);
    return band_.data() + size_t(y % block_rows_) * layout_.width * layout_.pixel_bytes();
  }

 private:
  void fill(uint32_t y) {
    if (!tiled_ && !layout_.planar) return tiff_.check(TIFFReadScanline(tiff_.get(), band_.data(), y, 0) >= 0);
    const uint16_t planes = layout_.planar ? layout_.samples : uint16_t(1);
    const uint32_t rows = std::min(band_rows_, layout_.height - y);
    for (uint16_t plane = 0; plane < planes; ++plane)
      for (uint32_t x = 0; x < layout_.width; x += std::min(block_width_, layout_.width - x)) {
        const tmsize_t size = tmsize_t(block_.size());
        const tmsize_t got =
            tiled_ ? TIFFReadTile(tiff_.get(), block_.data(), x, y, 0, plane)
                   : TIFFReadEncodedStrip(tiff_.get(), TIFFComputeStrip(tiff_.get(), y, plane), block_.data(), size);
        tiff_.check(got >= 0);
        copy(x, rows, plane);
      }
  }
  void copy(uint32_t x, uint32_t rows, uint16_t plane) {
    const size_t sample = layout_.bits / 8, pixel = layout_.pixel_bytes(), piece = layout_.planar ? sample : pixel;
    const uint32_t columns = std::min(block_width_, layout_.width - x);
    for (uint32_t y = 0; y < rows; ++y) {
      const uint8_t* from = block_.data() + size_t(y) * block_width_ * piece;
      uint8_t* to = band_.data() + (size_t(y) * layout_.width + x) * pixel + plane * sample;
      if (!layout_.planar)
        std::memcpy(to, from, columns * pixel);
      else
        for (uint32_t i = 0; i < columns; ++i) std::memcpy(to + i * pixel, from + i * sample, sample);
    }
  }

  const Tiff& tiff_;
  const Layout& layout_;
  bool tiled_ = false;
  uint32_t block_width_ = 0, block_rows_ = 0, band_rows_ = 0;
  std::vector<uint8_t> band_, block_;
};

FileFacts facts_of(const Tiff& tiff, const Layout& layout) {
  FileFacts facts;
  facts.width = layout.width;
  facts.height = layout.height;
  facts.grey = layout.grey();
  facts.has_alpha = layout.plain() && layout.alpha;
  facts.depth = !layout.plain() || layout.bits == 8                       ? SampleDepth::bits8
                : layout.bits == 16 && layout.format == SAMPLEFORMAT_UINT ? SampleDepth::bits16
                                                                          : SampleDepth::float32;
  uint32_t size = 0;
  const uint8_t* profile = nullptr;
  if (TIFFGetField(tiff.get(), TIFFTAG_ICCPROFILE, &size, &profile)) facts.profile.assign(profile, profile + size);
  const uint16_t orientation = tiff.field<uint16_t>(TIFFTAG_ORIENTATION, 1);
  facts.orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
  const bool deflate = layout.compression == COMPRESSION_ADOBE_DEFLATE || layout.compression == COMPRESSION_DEFLATE ||
                       layout.compression == COMPRESSION_LZW;
  check_size(facts.width, facts.height);
  const int64_t file_size = int64_t(TIFFGetSizeProc(tiff.get())(TIFFClientdata(tiff.get())));
  if (layout.plain() && layout.compression == COMPRESSION_NONE) check_claim(facts, file_size, 2);
  if (deflate) check_claim(facts, file_size, 1 << 12);
  return facts;
}

void read_plain(const Tiff& tiff, const Layout& layout, PictureSink& sink) {
  FileFacts facts = facts_of(tiff, layout);  // refuses what is too large before memory is taken for it
  BandReader bands(tiff, layout);
  std::vector<float> samples(size_t(layout.width) * facts.channels());
  sink.begin(std::move(facts));
  for (uint32_t y = 0; y < layout.height; ++y) {
    convert(bands.row(y), layout, samples.data());
    sink.row(y, samples.data(), SampleDepth::float32);
  }
}

/// Palettes, few bits, YCbCr: libtiff makes 8-bit colours of them.
void read_by_library(const Tiff& tiff, const Layout& layout, PictureSink& sink) {
  FileFacts facts = facts_of(tiff, layout);
  std::vector<uint32_t> raster(size_t(layout.width) * layout.height);
  TIFFSetField(tiff.get(), TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);  // only in memory: the sink turns the picture
  tiff.check(TIFFReadRGBAImageOriented(tiff.get(), layout.width, layout.height, raster.data(), ORIENTATION_TOPLEFT, 1));
  const size_t channels = facts.channels();
  std::vector<uint8_t> samples(facts.row_bytes());
  sink.begin(std::move(facts));
  for (uint32_t y = 0; y < layout.height; ++y) {
    const uint32_t* from = raster.data() + size_t(y) * layout.width;
    for (uint32_t x = 0; x < layout.width; ++x)
      for (size_t c = 0; c < channels; ++c) samples[x * channels + c] = uint8_t(from[x] >> (8 * c));
    sink.row(y, samples.data());
  }
}

void decode(const std::string& path, PictureSink& sink) {
  const Tiff tiff([&](TIFFOpenOptions* options) { return TIFFOpenExt(path.c_str(), "r", options); });
  if (tiff.field<uint16_t>(TIFFTAG_COMPRESSION, 0) == COMPRESSION_JPEG &&
      tiff.field<uint16_t>(TIFFTAG_PHOTOMETRIC, 0) == PHOTOMETRIC_YCBCR)
    TIFFSetField(tiff.get(), TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  const Layout layout(tiff);
  if (layout.photometric == PHOTOMETRIC_SEPARATED)
    unsupported(_("it is for printing (CMYK)"), _("Convert it to RGB in GIMP and export it again."));
  char why[1024] = "";
  if (layout.plain()) return read_plain(tiff, layout, sink);
  const bool few_bits = layout.bits <= 8 && layout.format == SAMPLEFORMAT_UINT;
  const bool known =
      layout.grey() || layout.photometric == PHOTOMETRIC_PALETTE || layout.photometric == PHOTOMETRIC_YCBCR;
  if (!few_bits || !known || !TIFFRGBAImageOK(tiff.get(), why))
    unsupported(_("it is a kind of TIFF that Pinxit does not know"), _("Open it in GIMP and export it as RGB."));
  read_by_library(tiff, layout, sink);
}

void set_fields(TIFF* tiff, const FileFacts& facts) {
  const bool floating = facts.depth == SampleDepth::float32;
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, uint32_t(facts.width));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, uint32_t(facts.height));
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, int(facts.channels()));
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, int(facts.sample_bytes() * 8));
  TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, floating ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, facts.grey ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
  TIFFSetField(tiff, TIFFTAG_PREDICTOR, floating ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, 0));
  const uint16_t straight = EXTRASAMPLE_UNASSALPHA;
  if (facts.has_alpha) TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &straight);
  if (!facts.profile.empty())
    TIFFSetField(tiff, TIFFTAG_ICCPROFILE, uint32_t(facts.profile.size()), facts.profile.data());
}

}  // namespace

void read_tiff(const std::string& path, PictureSink& sink) {
  try {
    decode(path, sink);
  } catch (const LibraryError& problem) {
    damaged(format_text(_("the TIFF data is damaged (%s)"), problem.what()));
  }
}

void write_tiff(FILE* file, PictureRows& rows) {
  const FileFacts& facts = rows.facts();
  const char* mode = int64_t(facts.row_bytes()) * facts.height > classic_limit ? "w8" : "w";
  try {
    const Tiff tiff([&](TIFFOpenOptions* options) {
      return TIFFFdOpenExt(::dup(::fileno(file)), "picture", mode, options);  // libtiff closes the copy
    });
    set_fields(tiff.get(), facts);
    for (int64_t y = 0; y < facts.height; ++y)
      tiff.check(TIFFWriteScanline(tiff.get(), const_cast<void*>(rows.row(y)), uint32_t(y), 0) >= 0);
    tiff.check(TIFFFlush(tiff.get()));
  } catch (const LibraryError& problem) {
    unwritable(problem.what());
  }
}

}  // namespace pinxit
