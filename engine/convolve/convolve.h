// SPDX-License-Identifier: Apache-2.0
//
// Convolutions for the CPU with fewer multiplications than the libraries need. float32, NHWC, the standard library
// alone; threads are the caller's.
//
//     ConvolutionShape shape{.inputs = 64, .outputs = 128};              // 3×3, stride 1, zero padding
//     Weights weights(shape, oihw);                                      // once per model
//     Plan plan = plan_picture(shape, width, height, {.threads = 4});    // which algorithm, blocks, workspace
//     std::vector<float> workspace(plan.workspace_floats);               // reuse it: fresh pages cost time
//     run(plan, weights, {.data = picture}, {.data = result, .bias = bias, .relu = true}, workspace.data(), parallel);
//
// * Padding is a table: the picture's row (or column) behind every padded one. Border tiles take the same way as all
//   others and padding costs no pass. plan_tables takes any tables: a tile of a larger picture, a window, a crop.
// * What stands between two convolutions is applied while pixels are read (Input: scale and shift per channel, ReLU,
//   residual term) and written (Output: bias, sum, ReLU, gate, and the channels' sums for the next normalisation).
// * The gradient with respect to the picture, weights frozen, is the same convolution with turned weights: gradient.h.
// * The same bits come out from run to run, and of one algorithm whatever the number of threads; only the channel sums
//   may differ in their last bits between numbers of threads. Which algorithm is expected to be fastest can depend on
//   the number of threads.
//
// The arithmetic is explained in docs/convolution.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "engine/convolve/border.h"
#include "engine/convolve/instruction_set.h"
#include "engine/convolve/weights.h"

namespace pinxit::convolve {

/// Calls body(0) … body(count - 1), on several threads if it likes, and returns when all are done. Empty: one by one.
using ParallelFor = std::function<void(int64_t count, const std::function<void(int64_t)>& body)>;

struct Options {
  int threads = 1;                           ///< how many bodies may run at once
  std::optional<Algorithm> algorithm = {};   ///< empty: the one expected to be fastest
  InstructionSet set = best_instruction_set();
};

/// How one convolution of one picture size is done.
struct Plan {
  ConvolutionShape shape;
  Algorithm algorithm = Algorithm::direct;
  InstructionSet set = InstructionSet::portable;
  int threads = 1;
  int64_t width = 0, height = 0;   ///< of the output
  AxisTable rows, columns;         ///< the input's row behind each padded row; -1: zeros
  int64_t input_width = 0;         ///< rows without gaps are this wide
  int lead_row = 0, lead_column = 0;  ///< doubling: rows and columns of the first tile before the output
  int64_t blocks = 0;              ///< units of work
  int64_t block_tiles = 0;         ///< Winograd: tiles in a block
  int64_t block_width = 0, block_height = 0;  ///< direct: output pixels in a block; 9×9: tiles
  size_t workspace_floats = 0;
};

/// A picture of width × height, padded by half the kernel on each side as shape.border says. The output has
/// (n - 1) / stride + 1 rows and columns for odd kernels, 2n where shape.doubled.
Plan plan_picture(const ConvolutionShape& shape, int64_t width, int64_t height, const Options& options = {});

/// Any part of any picture (`doubled` shapes: plan_doubled_tables): `rows` and `columns` hold the index behind each
/// padded position, (outputs - 1)·stride + kernel of them. shape.border is not looked at.
Plan plan_tables(const ConvolutionShape& shape, AxisTable rows, AxisTable columns, const Options& options = {});

/// A part of a doubled picture: `width` × `height` pixels whose first has odd or even coordinates there. The tables
/// hold the small picture's index behind each small row (column), from (first output row) / 2 - 1 to (last output
/// row) / 2 + 1.
Plan plan_doubled_tables(const ConvolutionShape& shape, AxisTable rows, AxisTable columns, int64_t width,
                         int64_t height, bool odd_row, bool odd_column, const Options& options = {});

/// The algorithm plan_tables would choose.
Algorithm fastest_algorithm(const ConvolutionShape& shape, int64_t width, int64_t height, const Options& options);

struct Input {
  const float* data = nullptr;
  int64_t row_stride = 0;    ///< in floats; 0: rows without gaps, as wide as the largest column index
  int64_t pixel_stride = 0;  ///< in floats; 0: the channels
  /// value = relu?(scale[c] · data + shift[c]) + residual
  const float* scale = nullptr;  ///< [inputs], with `shift`, or both null
  const float* shift = nullptr;
  bool relu = false;
  const float* residual = nullptr;  ///< same strides as `data`
};

struct Output {
  float* data = nullptr;
  int64_t row_stride = 0;    ///< in floats; 0: width · pixel_stride
  int64_t pixel_stride = 0;  ///< in floats; 0: the channels
  /// value = gate?(relu?(convolution + bias[c] + add))
  const float* bias = nullptr;  ///< [outputs] or null
  const float* add = nullptr;   ///< same strides as `data`; may be `data` itself: then the result is added to it
  bool relu = false;
  const float* gate = nullptr;  ///< same strides as `data`; 0 is written where gate ≤ 0 (a ReLU's way back)
  /// += Σ value and Σ value², [outputs] each; floats inside a block, doubles across. Both or none.
  double* sum = nullptr;
  double* square = nullptr;
};

/// `workspace` holds plan.workspace_floats. `weights` may be used by several runs at once.
void run(const Plan& plan, const Weights& weights, const Input& input, const Output& output, float* workspace,
         const ParallelFor& parallel = {});

}  // namespace pinxit::convolve
