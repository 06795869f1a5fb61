// SPDX-License-Identifier: Apache-2.0
#include "plugin/pixels.h"

#include <gegl.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <future>
#include <memory>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "plugin/encoding.h"
#include "plugin/items.h"

namespace pinxit {
namespace {

using Buffer = std::unique_ptr<GeglBuffer, Unref>;

/// Four sums over 8-byte words, mixed by multiplying and turning; a row's last bytes are filled up with zeros.
class Checksum {
 public:
  void add_row(const unsigned char* at, size_t bytes) {
    for (; bytes >= 32; bytes -= 32, at += 32)
      for (int lane = 0; lane < 4; ++lane) mix(lane, word(at + 8 * lane, 8));
    for (int lane = 0; bytes > 0; ++lane) {
      const size_t part = std::min<size_t>(bytes, 8);
      mix(lane, word(at, part));
      at += part, bytes -= part;
    }
  }
  std::string text() const {
    uint64_t sum = 0;
    for (const uint64_t lane : lanes_) sum = (sum ^ (lane ^ lane >> 29)) * prime;
    sum ^= sum >> 32;
    char text[32];
    g_snprintf(text, sizeof text, "pinxit64:%016" G_GINT64_MODIFIER "x", guint64(sum));
    return text;
  }

 private:
  static constexpr uint64_t prime = 0x9E3779B185EBCA87u;
  static uint64_t word(const unsigned char* at, size_t bytes) {
    uint64_t value = 0;
    std::memcpy(&value, at, bytes);
    return value;
  }
  void mix(int lane, uint64_t value) { lanes_[lane] = std::rotl(lanes_[lane] + value * prime, 31) * prime; }
  uint64_t lanes_[4] = {1, 2, 3, 4};
};

/// Rows to take at a time: whole rows of tiles, and no more than the processor's cache likes.
int64_t band_rows(int64_t width, size_t pixel_bytes) {
  const int64_t tile = std::max<int64_t>(1, gimp_tile_height());
  const int64_t rows = (int64_t(4) << 20) / std::max<int64_t>(1, width * int64_t(pixel_bytes));
  return std::max(tile, rows / tile * tile);
}

/// Calls `work(y, rows)` for the bands of `height` rows; the first ends where a row of tiles ends, `top` being the
/// place of row 0 in the drawable.
template <class Work>
void for_bands(int64_t top, int64_t height, int64_t rows, Work&& work) {
  for (int64_t y = 0; y < height;) {
    const int64_t next = std::min(height, ((top + y) / rows + 1) * rows - top);
    work(y, next - y);
    y = next;
  }
}

/// Memory of two bands: while GEGL fills or empties one on this thread, the other is converted on a second one.
class TwoBands {
 public:
  explicit TwoBands(size_t bytes) : bands_{std::vector<unsigned char>(bytes), std::vector<unsigned char>(bytes)} {}
  ~TwoBands() {
    if (work_.valid()) work_.wait();
  }
  /// The band `meanwhile` is not working on.
  unsigned char* next() { return bands_[turn_ ^= 1].data(); }
  /// Starts `work` when the work before it is done.
  template <class Work>
  void meanwhile(Work work) {
    finish();
    work_ = std::async(std::launch::async | std::launch::deferred, std::move(work));
  }
  void finish() {
    if (work_.valid()) work_.get();
  }

 private:
  std::vector<unsigned char> bands_[2];
  int turn_ = 0;
  std::future<void> work_;
};

/// Takes what GIMP hands over.
Buffer checked(GeglBuffer* handed_over) {
  Buffer buffer(handed_over);
  if (!buffer) throw Failure(ErrorCode::internal, _("GIMP did not hand over the pixels of the layer."));
  return buffer;
}

Buffer buffer_of(GimpDrawable* drawable) {
  return checked(gimp_drawable_get_buffer(drawable));
}

GeglRectangle band(int64_t x, int64_t y, int64_t width, int64_t rows) {
  return {int(x), int(y), int(width), int(rows)};
}

void write_buffer(GimpDrawable* drawable, GeglBuffer* buffer, SrgbView picture) {
  const Encoding encoding(drawable);
  const int64_t width = picture.width, rows = band_rows(width, encoding.pixel_bytes());
  TwoBands bands(size_t(rows * width) * encoding.pixel_bytes());
  const auto set = [&](const unsigned char* native, int64_t y, int64_t count) {
    const GeglRectangle rectangle = band(0, y, width, count);
    gegl_buffer_set(buffer, &rectangle, 0, encoding.native(), native, GEGL_AUTO_ROWSTRIDE);
  };
  const unsigned char* ready = nullptr;
  int64_t ready_y = 0, ready_count = 0;
  for_bands(0, picture.height, rows, [&](int64_t y, int64_t count) {
    unsigned char* native = bands.next();
    bands.meanwhile(
        [&encoding, native, pixels = count * width, row = picture.row(y)] { encoding.encode(row, native, pixels); });
    if (ready) set(ready, ready_y, ready_count);
    ready = native, ready_y = y, ready_count = count;
  });
  bands.finish();
  if (ready) set(ready, ready_y, ready_count);
  gegl_buffer_flush(buffer);
}

}  // namespace

void start_gegl() {
  g_setenv("GEGL_PATH", "/nonexistent", false);
  gegl_init(nullptr, nullptr);
  g_unsetenv("GEGL_PATH");
}

std::string read_pixels(GimpDrawable* drawable, const Region& region, SrgbSpan target) {
  const Encoding encoding(drawable);
  const Buffer buffer = buffer_of(drawable);
  const int64_t width = region.width, rows = band_rows(width, encoding.pixel_bytes());
  Checksum checksum;
  TwoBands bands(size_t(rows * width) * encoding.pixel_bytes());
  for_bands(region.y, region.height, rows, [&](int64_t y, int64_t count) {
    unsigned char* native = bands.next();
    const GeglRectangle rectangle = band(region.x, region.y + y, width, count);
    gegl_buffer_get(buffer.get(), &rectangle, 1.0, encoding.native(), native, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    bands.meanwhile([&encoding, &checksum, native, width, count, row = target.data ? target.row(y) : nullptr] {
      const size_t row_bytes = size_t(width) * encoding.pixel_bytes();
      for (int64_t r = 0; r < count; ++r) checksum.add_row(native + size_t(r) * row_bytes, row_bytes);
      if (row) encoding.decode(native, row, count * width);
    });
  });
  bands.finish();
  return checksum.text();
}

void write_pixels(GimpDrawable* drawable, SrgbView picture) {
  write_buffer(drawable, buffer_of(drawable).get(), picture);
}

void write_shadow(GimpDrawable* drawable, SrgbView picture) {
  write_buffer(drawable, checked(gimp_drawable_get_shadow_buffer(drawable)).get(), picture);
}

void merge_shadow(GimpDrawable* drawable) {
  if (!gimp_drawable_merge_shadow(drawable, true)) refused();
  gimp_drawable_update(drawable, 0, 0, gimp_drawable_get_width(drawable), gimp_drawable_get_height(drawable));
}

void multiply_mask(GimpDrawable* mask, GimpDrawable* by, int64_t x, int64_t y) {
  const Babl* linear = babl_format("Y float");
  const Buffer target = buffer_of(mask), factor = buffer_of(by);
  const int64_t width = gimp_drawable_get_width(mask), height = gimp_drawable_get_height(mask);
  const int64_t rows = band_rows(width, sizeof(float));
  std::vector<float> a(size_t(rows * width)), b(a.size());
  for_bands(0, height, rows, [&](int64_t top, int64_t count) {
    const GeglRectangle here = band(0, top, width, count), there = band(x, y + top, width, count);
    gegl_buffer_get(target.get(), &here, 1.0, linear, a.data(), GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    gegl_buffer_get(factor.get(), &there, 1.0, linear, b.data(), GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    for (size_t i = 0; i < size_t(count * width); ++i) a[i] *= b[i];
    gegl_buffer_set(target.get(), &here, 0, linear, a.data(), GEGL_AUTO_ROWSTRIDE);
  });
  gegl_buffer_flush(target.get());
}

}  // namespace pinxit
