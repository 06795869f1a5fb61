// SPDX-License-Identifier: Apache-2.0
//
// The inner loops of the convolutions as one table of functions per instruction set. Everything is float32; channels
// are the vector lanes. Single-threaded, no allocation; the drivers (direct.cpp, winograd.cpp) share the work out.
//
// Channel counts need not be multiples of the lanes: pictures are read and written exactly, workspace rows are padded.
#pragma once

#include <cstdint>

#include "engine/convolve/instruction_set.h"

namespace pinxit::convolve {

/// How stored values become a convolution's input: scale·x + shift per channel, ReLU, plus a residual term.
struct Source {
  const float* data = nullptr;
  const float* residual = nullptr;  ///< same strides as `data`, or null
  const float* scale = nullptr;     ///< [channels padded to whole vectors]; null: identity, then shift is null too
  const float* shift = nullptr;
  bool relu = false;
  int64_t channels = 0;
  bool curved() const { return scale || relu || residual; }
};

/// What happens to a convolution's output before it is stored: + bias + add, ReLU, gate; then the sums are taken.
struct Finish {
  const float* bias = nullptr;  ///< [channels padded to whole vectors]; never null
  const float* add = nullptr;   ///< same strides as the output, or null
  const float* gate = nullptr;  ///< same strides as the output, or null: zero where gate ≤ 0
  bool relu = false;
  int64_t channels = 0;
  double* sum = nullptr;     ///< [channels padded]: += Σ values; null: not wanted
  double* square = nullptr;  ///< [channels padded]: += Σ values²
};

/// C[rows][columns] (+)= Σ over segments s of A_s[rows][depth] · B_s[depth][columns]; B is packed in groups of
/// `group` columns, each [segments · depth][group], the last one narrower (whole vectors).
struct Product {
  const float* const* a = nullptr;  ///< first row of each segment
  int64_t a_stride = 0;             ///< between rows
  const float* b = nullptr;         ///< packed weights, group 0
  int64_t b_depth = 0;              ///< rows of B in memory
  int64_t b_first = 0;              ///< the first row of them that is used
  float* c = nullptr;
  int64_t c_stride = 0;
  int64_t rows = 0, columns = 0;  ///< columns: padded to whole vectors
  int64_t segments = 1, depth = 0;
  bool accumulate = false;
  /// Products added up in a register before they join C: long chains of additions would add their rounding errors up.
  int64_t partial = 32;
};

/// Two rows of a pooling's way back.
struct PoolBack {
  const float* picture = nullptr;
  const float* pooled_gradient = nullptr;  ///< [width][channels]
  const float* add = nullptr;              ///< as `gradient`, or null
  float* gradient = nullptr;               ///< two rows, row_stride apart
  int64_t row_stride = 0, width = 0, channels = 0;  ///< width: of the pooled row
  float factor = 1;
  bool gated = false;
};

/// Which part of an output tile is wanted.
struct Cut {
  int row = 0, column = 0, rows = 0, columns = 0;
};

/// One tile transform, input or output. V and M hold one plane per point, `plane` floats apart.
using InputTile = void (*)(const Source& source, const int64_t* rows, const int64_t* columns, float* v, int64_t plane);
using OutputTile = void (*)(const float* m, int64_t plane, const Finish& finish, float* out, int64_t row_stride,
                            int64_t pixel_stride, const Cut& cut);

struct Kernels {
  int lanes;  ///< floats in a vector
  int group;  ///< columns of a packed group of weights, a multiple of `lanes`

  void (*product)(const Product& product);

  /// One padded row: for x < width the source's pixel at offset row + columns[x]·pixel_stride, zero where columns[x]
  /// is -1 or row is -1; out [width][channels] without gaps.
  void (*gather_row)(const Source& source, int64_t row, const int32_t* columns, int64_t pixel_stride, int64_t width,
                     float* out);
  /// From a product's rows [width][m_stride] to the picture.
  void (*finish_row)(const float* m, int64_t m_stride, const Finish& finish, float* out, int64_t pixel_stride,
                     int64_t width);
  /// One filter per channel: m[x][channel] = Σ over taps of rows[tap row][x·stride + tap column] · weights[tap], both
  /// padded to whole vectors; gathered rows are [..][channels] without gaps and may be read a vector beyond their end.
  void (*depthwise_row)(const float* const* rows, int kernel_rows, int kernel_columns, int stride, int64_t channels,
                        const float* weights, int64_t width, float* m, int64_t m_stride);

  /// F(4×4, 3×3) and F(6×6, 3×3). `rows` and `columns` are the offsets (floats) of the tile's rows and columns, -1 for
  /// zeros; V rows are padded to whole vectors. `out` is the first wanted pixel.
  InputTile input4, input6;
  OutputTile output4, output6;
  /// Nearest ×2 and 3×3 at once: 4×4 small pixels, 16 points, 49 products, 6×6 pixels.
  InputTile input_doubled;
  OutputTile output_doubled;
  /// F(3×3, 3×3) for 9×9 kernels, and their last step for up to four channels (winograd_nine.h).
  InputTile input_nine;
  OutputTile output_nine;
  void (*few_nine)(const float* const* rows, int64_t plane, int64_t stride, const Finish& finish, float* out,
                   int64_t row_stride, int64_t pixel_stride, const Cut& cut);

  /// 2×2 pooling of two rows to one of `width` pixels, times `factor`; and back.
  void (*max_pool_row)(const float* upper, const float* lower, int64_t width, int64_t channels, float factor,
                       float* out);
  void (*average_pool_row)(const float* upper, const float* lower, int64_t width, int64_t channels, float factor,
                           float* out);
  void (*max_pool_back)(const PoolBack& pool);
  void (*average_pool_back)(const PoolBack& pool);
};

const Kernels& kernels(InstructionSet set);

}  // namespace pinxit::convolve
