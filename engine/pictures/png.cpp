// SPDX-License-Identifier: Apache-2.0
#include <png.h>

#include <bit>
#include <csetjmp>
#include <cstring>
#include <vector>

#include "engine/base/text.h"
#include "engine/pictures/codecs.h"
#include "engine/pictures/orientation.h"

namespace pinxit {
namespace {

constexpr int64_t best_deflate_ratio = 1100;

/// libpng leaves through a long jump; `run` makes an exception of it once no frame of libpng's is left.
struct Png {
  png_struct* png = nullptr;
  png_info* info = nullptr;
  std::jmp_buf jump;
  char message[200] = "";
  bool bad_profile = false;

  template <class Calls>
  [[gnu::noinline]] void run(Calls&& calls) {  // calls libpng only: nothing in it may need destruction
    if (setjmp(jump)) throw LibraryError(message);
    calls();
  }
};

void on_error(png_struct* png, const char* message) {
  auto* state = static_cast<Png*>(png_get_error_ptr(png));
  std::snprintf(state->message, sizeof state->message, "%s", message);
  std::longjmp(state->jump, 1);
}

void on_warning(png_struct* png, const char* message) {
  if (std::strncmp(message, "iCCP", 4) == 0) static_cast<Png*>(png_get_error_ptr(png))->bad_profile = true;
}

struct PngReader : Png {
  explicit PngReader(FILE* file) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, static_cast<Png*>(this), on_error, on_warning);
    info = png ? png_create_info_struct(png) : nullptr;
    if (!info) throw std::bad_alloc();
    png_init_io(png, file);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  }
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
};

struct PngWriter : Png {
  explicit PngWriter(FILE* file) {
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, static_cast<Png*>(this), on_error, on_warning);
    info = png ? png_create_info_struct(png) : nullptr;
    if (!info) throw std::bad_alloc();
    png_init_io(png, file);
  }
  ~PngWriter() { png_destroy_write_struct(&png, &info); }
};

/// The embedded profile, or one made of the gAMA and cHRM chunks where neither iCCP nor sRGB is there.
std::vector<uint8_t> profile_of(PngReader& reader, bool grey) {
  png_struct* png = reader.png;
  png_info* info = reader.info;
  char* name = nullptr;
  png_byte* data = nullptr;
  png_uint_32 size = 0;
  int compression = 0;
  if (png_get_iCCP(png, info, &name, &compression, &data, &size)) return {data, data + size};
  if (reader.bad_profile)
    unsupported(_("its color profile is damaged"), _("Open it in GIMP, assign a profile and export it again."));
  double exponent = 0;
  if (png_get_valid(png, info, PNG_INFO_sRGB) || !png_get_gAMA(png, info, &exponent) || exponent <= 0) return {};
  Primaries p;
  png_get_cHRM(png, info, &p.white[0], &p.white[1], &p.red[0], &p.red[1], &p.green[0], &p.green[1], &p.blue[0],
               &p.blue[1]);
  return gamma_profile(exponent, p, grey);
}

FileFacts facts_of(PngReader& reader) {
  png_struct* png = reader.png;
  png_info* info = reader.info;
  FileFacts facts;
  facts.width = png_get_image_width(png, info);
  facts.height = png_get_image_height(png, info);
  facts.grey = !(png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR);
  facts.has_alpha = png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA;
  facts.depth = png_get_bit_depth(png, info) == 16 ? SampleDepth::bits16 : SampleDepth::bits8;
  facts.profile = profile_of(reader, facts.grey);
  png_byte* exif = nullptr;
  png_uint_32 size = 0;
  if (png_get_eXIf_1(png, info, &size, &exif)) facts.orientation = exif_orientation(exif, size);
  return facts;
}

void decode(FILE* file, PictureSink& sink) {
  PngReader reader(file);
  png_struct* png = reader.png;
  png_info* info = reader.info;
  int passes = 1;
  reader.run([&] {
    png_read_info(png, info);
    png_set_expand(png);
    if constexpr (std::endian::native == std::endian::little) png_set_swap(png);
    passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
  });
  FileFacts facts = facts_of(reader);
  check_claim(facts, file_bytes(file), best_deflate_ratio);
  const int64_t height = facts.height;
  const size_t row_bytes = facts.row_bytes();
  if (png_get_rowbytes(png, info) != row_bytes) damaged(_("its header is broken"));

  std::vector<uint8_t> rows(row_bytes * size_t(passes == 1 ? 1 : height));
  uint8_t* data = rows.data();
  sink.begin(std::move(facts));
  if (passes == 1) {
    for (int64_t y = 0; y < height; ++y) {
      reader.run([&] { png_read_row(png, data, nullptr); });
      sink.row(y, data);
    }
  } else {  // interlaced: the last row is complete only with the last pass
    reader.run([&] {
      for (int pass = 0; pass < passes; ++pass)
        for (int64_t y = 0; y < height; ++y) png_read_row(png, data + size_t(y) * row_bytes, nullptr);
    });
    for (int64_t y = 0; y < height; ++y) sink.row(y, data + size_t(y) * row_bytes);
  }
  reader.run([&] { png_read_end(png, nullptr); });
}

}  // namespace

void read_png(FILE* file, PictureSink& sink) {
  try {
    decode(file, sink);
  } catch (const LibraryError& problem) {
    damaged(format_text(_("the PNG data is damaged (%s)"), problem.what()));
  }
}

void write_png(FILE* file, PictureRows& rows) {
  const FileFacts& facts = rows.facts();
  if (facts.width > PNG_UINT_31_MAX || facts.height > PNG_UINT_31_MAX)
    unwritable(_("PNG cannot hold a picture so large"));
  const int colours = (facts.grey ? 0 : PNG_COLOR_MASK_COLOR) | (facts.has_alpha ? PNG_COLOR_MASK_ALPHA : 0);
  const int bits = facts.depth == SampleDepth::bits8 ? 8 : 16;
  PngWriter writer(file);
  png_struct* png = writer.png;
  png_info* info = writer.info;
  try {
    writer.run([&] {
      png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
      png_set_IHDR(png, info, png_uint_32(facts.width), png_uint_32(facts.height), bits, colours, PNG_INTERLACE_NONE,
                   PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
      if (!facts.profile.empty())
        png_set_iCCP(png, info, "ICC profile", PNG_COMPRESSION_TYPE_BASE, facts.profile.data(),
                     png_uint_32(facts.profile.size()));
      png_set_compression_level(png, 5);
      png_write_info(png, info);
      if (std::endian::native == std::endian::little && bits == 16) png_set_swap(png);
    });
    for (int64_t y = 0; y < facts.height; ++y) {
      const auto* row = static_cast<const uint8_t*>(rows.row(y));
      writer.run([&] { png_write_row(png, row); });
    }
    writer.run([&] {
      png_write_end(png, info);
      png_write_flush(png);
    });
  } catch (const LibraryError& problem) {
    unwritable(problem.what());
  }
}

}  // namespace pinxit
