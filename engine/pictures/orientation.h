// SPDX-License-Identifier: Apache-2.0
//
// EXIF and TIFF orientation: 1 is upright, 2 mirrored, 3 upside down, 4 flipped, 5 transposed, 6 to be turned a quarter
// clockwise, 7 transversed, 8 to be turned a quarter anticlockwise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pinxit {

/// The orientation in EXIF data (beginning with the TIFF header "II*\0" or "MM\0*"); 1 where there is none.
int exif_orientation(const uint8_t* exif, size_t size);

/// Where a row of the stored picture goes in the upright one: its first pixel, and the step from pixel to pixel.
struct RowPath {
  int64_t x, y, step_x, step_y;
};

inline bool swaps_sides(int orientation) {
  return orientation >= 5;
}

/// `width` and `height` as stored.
RowPath upright_row(int orientation, int64_t width, int64_t height, int64_t row);

}  // namespace pinxit
