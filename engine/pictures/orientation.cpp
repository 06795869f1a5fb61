// SPDX-License-Identifier: Apache-2.0
#include "engine/pictures/orientation.h"

namespace pinxit {
namespace {

constexpr unsigned orientation_tag = 0x0112, short_type = 3;

/// Bytes of either order; reading outside gives 0.
struct Bytes {
  const uint8_t* data;
  size_t size;
  bool little;
  unsigned at(size_t i) const { return i < size ? data[i] : 0; }
  unsigned two(size_t i) const { return little ? at(i) | at(i + 1) << 8 : at(i) << 8 | at(i + 1); }
  uint32_t four(size_t i) const { return little ? two(i) | two(i + 2) << 16 : two(i) << 16 | two(i + 2); }
};

}  // namespace

int exif_orientation(const uint8_t* exif, size_t size) {
  if (size < 8 || exif[0] != exif[1] || (exif[0] != 'I' && exif[0] != 'M')) return 1;
  const Bytes bytes{exif, size, exif[0] == 'I'};
  const size_t folder = bytes.four(4);
  const unsigned entries = bytes.two(2) == 42 ? bytes.two(folder) : 0;
  for (unsigned i = 0; i < entries; ++i) {
    const size_t entry = folder + 2 + size_t(i) * 12;
    if (entry + 12 > size) break;
    if (bytes.two(entry) != orientation_tag || bytes.two(entry + 2) != short_type) continue;
    const unsigned value = bytes.two(entry + 8);
    return value >= 1 && value <= 8 ? int(value) : 1;
  }
  return 1;
}

RowPath upright_row(int orientation, int64_t width, int64_t height, int64_t row) {
  const int64_t right = width - 1, opposite = height - 1 - row;
  switch (orientation) {
    case 2:
      return {right, row, -1, 0};
    case 3:
      return {right, opposite, -1, 0};
    case 4:
      return {0, opposite, 1, 0};
    case 5:
      return {row, 0, 0, 1};
    case 6:
      return {opposite, 0, 0, 1};
    case 7:
      return {opposite, right, 0, -1};
    case 8:
      return {row, right, 0, -1};
    default:
      return {0, row, 1, 0};
  }
}

}  // namespace pinxit
