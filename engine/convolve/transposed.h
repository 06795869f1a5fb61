// SPDX-License-Identifier: Apache-2.0
//
// The transposed 3×3 convolution with stride 2 whose output is exactly doubled (TensorFlow's SAME): along an axis
//
//     out[2i] = in[i]·w[0] + in[i-1]·w[2]        out[2i+1] = in[i]·w[1]
//
// so that the four parities of row and column are plain convolutions with 2×2, 2×1, 1×2 and 1×1 kernels, 9 products for
// 4 outputs, none of them wasted.
//
//     TransposedWeights weights(inputs, outputs, iohw);  // [inputs][outputs][3][3]
//     auto plan = plan_transposed_tables(inputs, outputs, border_table(Border::zero, h, 1, h + 2),
//                                        border_table(Border::zero, w, 1, w + 2), 2 * w, 2 * h, false, false);
//     run_transposed(plan, weights, {.data = in}, {.data = out}, workspace, parallel);
#pragma once

#include <vector>

#include "engine/convolve/convolve.h"

namespace pinxit::convolve {

class TransposedWeights {
 public:
  TransposedWeights(int64_t inputs, int64_t outputs, const float* iohw);
  /// Of output rows and columns of these parities.
  const Weights& phase(int row, int column) const { return phases_[size_t(2 * row + column)]; }

 private:
  std::vector<Weights> phases_;
};

struct TransposedPlan {
  int64_t width = 0, height = 0;  ///< of the output
  struct Phase {
    Plan plan;
    int row = 0, column = 0;        ///< parities
    int64_t top = 0, left = 0;      ///< its first pixel in the output
  };
  std::vector<Phase> phases;        ///< those that have pixels
  size_t workspace_floats = 0;
};

/// The output, or a part of it; the tables and parities are those of plan_doubled_tables (outside the picture: -1).
TransposedPlan plan_transposed_tables(int64_t inputs, int64_t outputs, const AxisTable& rows, const AxisTable& columns,
                                      int64_t width, int64_t height, bool odd_row, bool odd_column,
                                      const Options& options = {});

void run_transposed(const TransposedPlan& plan, const TransposedWeights& weights, const Input& input,
                    const Output& output, float* workspace, const ParallelFor& parallel = {});

}  // namespace pinxit::convolve
