// SPDX-License-Identifier: Apache-2.0
//
// Padding as a table of indices: entry i is the row (or column) of the picture that stands at padded position i, -1
// for zeros.
//
//     border_table(Border::reflect, 5, 1, 7)  ->  1 0 1 2 3 4 3
#pragma once

#include <cstdint>
#include <vector>

namespace pinxit::convolve {

enum class Border {
  zero,
  reflect,    ///< mirrored without repeating the border; also where the padding is wider than the picture
  replicate,  ///< the border repeated
};

/// Mirrors any index into 0 … n-1 without repeating the border (period 2n-2); n = 1 gives 0.
int64_t reflected(int64_t index, int64_t n);

using AxisTable = std::vector<int32_t>;

/// `length` positions, the first of which is -before, over a picture of n pixels.
AxisTable border_table(Border border, int64_t n, int64_t before, int64_t length);

}  // namespace pinxit::convolve
