// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/preview_surface.h"

#include <algorithm>
#include <cmath>

namespace pinxit {
namespace {

uint32_t level(float value) {
  return value >= 0 ? uint32_t(std::min(value, 1.0f) * 255 + 0.5f) : 0;  // NaN is not >= 0
}

uint32_t premultiplied(const float* pixel) {
  const float alpha = pixel[3] >= 0 ? std::min(pixel[3], 1.0f) : 0;
  const auto channel = [&](int c) { return level(std::clamp(pixel[c], 0.0f, 1.0f) * alpha); };
  return level(alpha) << 24 | channel(0) << 16 | channel(1) << 8 | channel(2);
}

struct Canvas {
  Surface surface;
  unsigned char* data;
  int stride;
  uint32_t* row(int64_t y) { return reinterpret_cast<uint32_t*>(data + y * stride); }
};

Canvas new_canvas(int64_t width, int64_t height) {
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, int(width), int(height)));
  cairo_surface_flush(surface.get());
  auto* data = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  return {std::move(surface), data, stride};
}

}  // namespace

Surface surface_of(const SrgbView& picture, const Region& region) {
  Canvas canvas = new_canvas(region.width, region.height);
  if (!canvas.data) return {};
  for (int64_t y = 0; y < region.height; y++) {
    const float* from = picture.row(region.y + y) + 4 * region.x;
    uint32_t* to = canvas.row(y);
    for (int64_t x = 0; x < region.width; x++, from += 4) to[x] = premultiplied(from);
  }
  cairo_surface_mark_dirty(canvas.surface.get());
  return std::move(canvas.surface);
}

Surface reduced_surface(const SrgbView& picture, Size size) {
  Canvas canvas = new_canvas(size.width, size.height);
  if (!canvas.data) return {};
  const double across = double(picture.width) / double(size.width), down = double(picture.height) / double(size.height);
  const int samples = std::clamp(int(std::ceil(std::max(across, down))), 1, 4);
  for (int64_t y = 0; y < size.height; y++) {
    uint32_t* to = canvas.row(y);
    for (int64_t x = 0; x < size.width; x++) {
      float mean[4] = {0, 0, 0, 0};  // premultiplied while it is summed up
      for (int j = 0; j < samples; j++) {
        const auto row = std::min<int64_t>(picture.height - 1, int64_t((double(y) + (j + 0.5) / samples) * down));
        for (int i = 0; i < samples; i++) {
          const auto column = std::min<int64_t>(picture.width - 1, int64_t((double(x) + (i + 0.5) / samples) * across));
          const float* pixel = picture.row(row) + 4 * column;
          for (int c = 0; c < 3; c++) mean[c] += pixel[c] * pixel[3];
          mean[3] += pixel[3];
        }
      }
      for (int c = 0; c < 3; c++) mean[c] = mean[3] > 0 ? mean[c] / mean[3] : 0;
      mean[3] /= float(samples * samples);
      to[x] = premultiplied(mean);
    }
  }
  cairo_surface_mark_dirty(canvas.surface.get());
  return std::move(canvas.surface);
}

void draw_checks(cairo_t* cairo, const Region& region) {
  static cairo_pattern_t* const checks = [] {
    cairo_surface_t* tile = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 16, 16);
    cairo_t* brush = cairo_create(tile);
    cairo_set_source_rgb(brush, 0.4, 0.4, 0.4);
    cairo_paint(brush);
    cairo_set_source_rgb(brush, 0.6, 0.6, 0.6);
    cairo_rectangle(brush, 0, 0, 8, 8);
    cairo_rectangle(brush, 8, 8, 8, 8);
    cairo_fill(brush);
    cairo_destroy(brush);
    cairo_pattern_t* pattern = cairo_pattern_create_for_surface(tile);
    cairo_surface_destroy(tile);
    cairo_pattern_set_extend(pattern, CAIRO_EXTEND_REPEAT);
    return pattern;
  }();
  cairo_save(cairo);
  cairo_rectangle(cairo, double(region.x), double(region.y), double(region.width), double(region.height));
  cairo_set_source(cairo, checks);
  cairo_fill(cairo);
  cairo_restore(cairo);
}

}  // namespace pinxit
