// SPDX-License-Identifier: Apache-2.0
//
// Pictures as they travel between GIMP, the command line, the client and the engine.
//
// There is one encoding, and it is in the type: Srgb… means four floats a pixel, R' G' B' A, sRGB primaries and
// transfer curve (babl's "R'G'B'A float"), straight (unassociated) alpha, nominal range 0..1 (values outside may
// occur and are kept where nothing is painted), rows from top to bottom without gaps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pinxit {

/// A rectangle of whole pixels; x and y may be negative.
struct Region {
  int64_t x = 0, y = 0, width = 0, height = 0;
  int64_t right() const { return x + width; }
  int64_t bottom() const { return y + height; }
  bool empty() const { return width <= 0 || height <= 0; }
  int64_t area() const { return empty() ? 0 : width * height; }
  bool operator==(const Region&) const = default;
};

inline Region intersection(const Region& a, const Region& b) {
  const int64_t x = a.x > b.x ? a.x : b.x, y = a.y > b.y ? a.y : b.y;
  const int64_t right = a.right() < b.right() ? a.right() : b.right();
  const int64_t bottom = a.bottom() < b.bottom() ? a.bottom() : b.bottom();
  return {x, y, right > x ? right - x : 0, bottom > y ? bottom - y : 0};
}

/// Borrowed, read only.
struct SrgbView {
  const float* data = nullptr;
  int64_t width = 0, height = 0;
  const float* row(int64_t y) const { return data + 4 * y * width; }
  size_t bytes() const { return size_t(width) * size_t(height) * 4 * sizeof(float); }
};

/// Borrowed, writable.
struct SrgbSpan {
  float* data = nullptr;
  int64_t width = 0, height = 0;
  float* row(int64_t y) const { return data + 4 * y * width; }
  size_t bytes() const { return size_t(width) * size_t(height) * 4 * sizeof(float); }
  operator SrgbView() const { return {data, width, height}; }
};

/// Owned.
struct SrgbPicture {
  SrgbPicture() = default;
  SrgbPicture(int64_t w, int64_t h) : width(w), height(h), data(size_t(w) * size_t(h) * 4) {}
  int64_t width = 0, height = 0;
  std::vector<float> data;
  SrgbView view() const { return {data.data(), width, height}; }
  SrgbSpan span() { return {data.data(), width, height}; }
};

}  // namespace pinxit
