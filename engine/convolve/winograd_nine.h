// SPDX-License-Identifier: Apache-2.0
//
// Tile transforms of the 9×9 kernel as nine 3×3 ones (nine.cpp), F(3×3, 3×3) at 0, 1, -1, 1/2, infinity; and the last
// step for few output channels. Included by kernels.cpp alone.
#pragma once

#include "engine/convolve/winograd_tiles.h"

namespace pinxit::convolve {
namespace {

template <class V>
PINXIT_INLINE void nine_backwards(const V (&x)[5], V (&y)[3]) {
  const V sum = x[1] + x[2];
  y[0] = x[0] + sum + x[3];
  y[1] = x[1] - x[2] + 0.5f * x[3];
  y[2] = sum + 0.25f * x[3] + x[4];
}

template <>
PINXIT_INLINE void forwards<PointsNine>(Vector (&x)[5]) {
  const Vector half = x[3] - x[1];
  const Vector zero = half + 0.5f * (x[0] - x[2]), one = x[3] + 0.5f * (x[2] - x[1]);
  const Vector minus = x[3] - 1.5f * x[2] + 0.5f * x[1], infinity = x[4] - x[2] - 0.5f * half;
  x[0] = zero, x[1] = one, x[2] = minus, x[3] = half, x[4] = infinity;
}

template <>
PINXIT_INLINE void backwards<PointsNine>(const Vector (&x)[5], Vector (&y)[3]) {
  nine_backwards(x, y);
}

typedef float Few __attribute__((vector_size(16)));
typedef float LooseFew __attribute__((vector_size(16), aligned(4), may_alias));

/// Up to four channels. rows[a]: P [25][tiles][stride] of the tile row a below the output's, at the output's first
/// tile; block (a, b) of the kernel lies at column (3a + b)·channels of the tile b further.
void few_nine(const float* const* rows, int64_t plane, int64_t stride, const Finish& f, float* out, int64_t row_stride,
              int64_t pixel_stride, const Cut& cut) {
  const int channels = int(f.channels);
  Few grid[5][5], half[3][5];
  for (int p = 0; p < 25; ++p) {
    Few sum = {};
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b)
        sum += *reinterpret_cast<const LooseFew*>(rows[a] + p * plane + b * stride + (3 * a + b) * channels);
    grid[p % 5][p / 5] = sum;
  }
  for (int j = 0; j < 5; ++j) {
    Few y[3];
    nine_backwards(grid[j], y);
    for (int i = 0; i < 3; ++i) half[i][j] = y[i];
  }
  for (int i = 0; i < cut.rows; ++i) {
    Few y[3];
    nine_backwards(half[i], y);
    for (int j = 0; j < cut.columns; ++j) {
      const int64_t at = i * row_stride + j * pixel_stride;
      for (int c = 0; c < channels; ++c) {
        float value = y[j][c] + f.bias[c];
        if (f.add) value += f.add[at + c];
        if (f.relu && 0 > value) value = 0;
        if (f.gate && !(f.gate[at + c] > 0)) value = 0;
        if (f.sum) f.sum[c] += value, f.square[c] += double(value) * double(value);
        out[at + c] = value;
      }
    }
  }
}

}  // namespace
}  // namespace pinxit::convolve
