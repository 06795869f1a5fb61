// SPDX-License-Identifier: Apache-2.0
//
// From the gradient of a loss with respect to a convolution's output to that with respect to its input, the weights
// being constants.
//
//     Weights turned = weights.for_gradient();                                   // once per model
//     GradientPlan plan = plan_gradient(shape, width, height, {.threads = 4});   // the forward's shape and input size
//     run_gradient(plan, turned, {.data = output_gradient}, {.data = input_gradient, .gate = input}, workspace, pool);
//
// With zero padding this is one convolution; run() with plan.convolution does the same. With mirrored or repeated
// borders the gradient of the padded picture is made first and its border folded back onto the pixels it came from.
// Stride 1.
#pragma once

#include "engine/convolve/convolve.h"

namespace pinxit::convolve {

struct GradientPlan {
  Plan convolution;             ///< to the input, or to the padded input where `fold`
  bool fold = false;
  int64_t width = 0, height = 0;  ///< of the input
  AxisTable rows, columns;      ///< the forward's: where each padded row and column is folded to
  size_t workspace_floats = 0;
};

GradientPlan plan_gradient(const ConvolutionShape& shape, int64_t width, int64_t height, const Options& options = {});

/// `output_gradient`: as run()'s Input (scale, ReLU … included); `input_gradient`: as run()'s Output, with `add` and
/// `gate`; its sums and bias are for zero padding alone.
void run_gradient(const GradientPlan& plan, const Weights& turned, const Input& output_gradient,
                  const Output& input_gradient, float* workspace, const ParallelFor& parallel = {});

}  // namespace pinxit::convolve
