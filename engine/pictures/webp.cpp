// SPDX-License-Identifier: Apache-2.0
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "engine/base/text.h"
#include "engine/pictures/codecs.h"
#include "engine/pictures/orientation.h"

namespace pinxit {
namespace {

struct DeleteDemuxer {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
struct DeleteMux {
  void operator()(WebPMux* mux) const { WebPMuxDelete(mux); }
};

std::vector<uint8_t> whole_file(FILE* file) {
  std::vector<uint8_t> bytes(size_t(file_bytes(file)));
  if (std::fread(bytes.data(), 1, bytes.size(), file) != bytes.size()) damaged(std::strerror(errno));
  return bytes;
}

std::vector<uint8_t> chunk(WebPDemuxer* demuxer, const char* name) {
  WebPChunkIterator found;
  std::vector<uint8_t> bytes;
  if (WebPDemuxGetChunk(demuxer, name, 1, &found))
    bytes.assign(found.chunk.bytes, found.chunk.bytes + found.chunk.size);
  WebPDemuxReleaseChunkIterator(&found);
  return bytes;
}

/// Some programs put JPEG's "Exif\0\0" in front.
int orientation_of(const std::vector<uint8_t>& exif) {
  const size_t prefix = exif.size() >= 6 && std::memcmp(exif.data(), "Exif\0", 6) == 0 ? 6 : 0;
  return exif_orientation(exif.data() + prefix, exif.size() - prefix);
}

void check(bool fine, const WebPPicture& picture) {
  if (fine) return;
  if (picture.error_code == VP8_ENC_ERROR_OUT_OF_MEMORY || picture.error_code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY)
    throw std::bad_alloc();
  unwritable(format_text(_("the WebP encoder failed (%d)"), int(picture.error_code)));
}

struct Picture : WebPPicture {
  Picture() {
    if (!WebPPictureInit(this)) unwritable(_("the WebP library is of another version"));
  }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;
  ~Picture() { WebPPictureFree(this); }
};

struct Memory : WebPMemoryWriter {
  Memory() { WebPMemoryWriterInit(this); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { WebPMemoryWriterClear(this); }
};

void import_rows(Picture& picture, PictureRows& rows) {
  const FileFacts& facts = rows.facts();
  picture.use_argb = 1;
  picture.width = int(facts.width);
  picture.height = int(facts.height);
  if (!WebPPictureAlloc(&picture)) throw std::bad_alloc();
  for (int y = 0; y < picture.height; ++y) {
    const auto* from = static_cast<const uint8_t*>(rows.row(y));
    uint32_t* to = picture.argb + size_t(y) * size_t(picture.argb_stride);
    for (int x = 0; x < picture.width; ++x, from += facts.channels())
      to[x] = (facts.has_alpha ? uint32_t(from[3]) << 24 : 0xFF000000u) | uint32_t(from[0]) << 16 |
              uint32_t(from[1]) << 8 | from[2];
  }
}

void write_bytes(FILE* file, const uint8_t* bytes, size_t size) {
  if (std::fwrite(bytes, 1, size, file) != size) unwritable(std::strerror(errno));
}

void write_with_profile(FILE* file, const Memory& encoded, const std::vector<uint8_t>& profile) {
  const std::unique_ptr<WebPMux, DeleteMux> mux(WebPMuxNew());
  const WebPData image{encoded.mem, encoded.size}, colour{profile.data(), profile.size()};
  WebPData whole{};
  if (!mux || WebPMuxSetImage(mux.get(), &image, 0) != WEBP_MUX_OK ||
      WebPMuxSetChunk(mux.get(), "ICCP", &colour, 0) != WEBP_MUX_OK ||
      WebPMuxAssemble(mux.get(), &whole) != WEBP_MUX_OK)
    throw std::bad_alloc();
  const std::unique_ptr<const uint8_t, void (*)(const void*)> owner(
      whole.bytes, [](const void* p) { WebPFree(const_cast<void*>(p)); });
  write_bytes(file, whole.bytes, whole.size);
}

}  // namespace

void read_webp(FILE* file, PictureSink& sink) {
  const std::vector<uint8_t> bytes = whole_file(file);
  const WebPData data{bytes.data(), bytes.size()};
  const std::unique_ptr<WebPDemuxer, DeleteDemuxer> demuxer(WebPDemux(&data));
  WebPBitstreamFeatures features;
  if (!demuxer || WebPGetFeatures(bytes.data(), bytes.size(), &features) != VP8_STATUS_OK)
    damaged(_("the WebP data is damaged"));
  if (features.has_animation) unsupported(_("it is an animation"), _("Open it in GIMP and export one of its frames."));
  FileFacts facts;
  facts.width = features.width;
  facts.height = features.height;
  facts.has_alpha = features.has_alpha;
  facts.profile = chunk(demuxer.get(), "ICCP");
  facts.orientation = orientation_of(chunk(demuxer.get(), "EXIF"));
  check_size(facts.width, facts.height);

  const size_t row_bytes = facts.row_bytes();
  const int64_t height = facts.height;
  std::vector<uint8_t> samples(row_bytes * size_t(height));
  const auto decoder = facts.has_alpha ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  if (!decoder(bytes.data(), bytes.size(), samples.data(), samples.size(), int(row_bytes)))
    damaged(_("the WebP data is damaged"));
  sink.begin(std::move(facts));
  for (int64_t y = 0; y < height; ++y) sink.row(y, samples.data() + size_t(y) * row_bytes);
}

void write_webp(FILE* file, PictureRows& rows, int quality) {
  const FileFacts& facts = rows.facts();
  if (facts.width > WEBP_MAX_DIMENSION || facts.height > WEBP_MAX_DIMENSION)
    throw PictureProblem(ErrorCode::file_unwritable,
                         format_text(_("WebP holds at most %d pixels a side"), WEBP_MAX_DIMENSION),
                         _("Choose PNG or TIFF."));
  WebPConfig config;
  if (!WebPConfigPreset(&config, WEBP_PRESET_PHOTO, float(quality)))
    unwritable(_("the WebP library is of another version"));
  if (quality == 100) {
    WebPConfigLosslessPreset(&config, 4);
    config.exact = 1;  // colours of transparent pixels too
  } else {
    config.use_sharp_yuv = quality >= 90;
  }
  Memory memory;
  Picture picture;
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = static_cast<WebPMemoryWriter*>(&memory);
  import_rows(picture, rows);
  check(WebPEncode(&config, &picture), picture);
  if (facts.profile.empty())
    write_bytes(file, memory.mem, memory.size);
  else
    write_with_profile(file, memory, facts.profile);
}

}  // namespace pinxit
