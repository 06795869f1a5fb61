// SPDX-License-Identifier: Apache-2.0
//
// Who does the convolutions on the CPU: engine/convolve/, or LibTorch, which stays as the reference and does all else.
// One switch compares them: PINXIT_CONVOLUTIONS=libtorch|own in the environment (own where nothing is said), asked
// whenever weights are prepared.
//
//     if (own_convolutions(device, type)) {
//       const auto plan = convolve::plan_picture(shape, width, height, convolution_options());
//       convolve::run(plan, weights, in, out, convolution_workspace(plan.workspace_floats), engine_threads());
//     }
#pragma once

#include <torch/types.h>

#include "engine/convolve/convolve.h"

namespace pinxit {

/// Whether weights of this type on this device are for our own convolutions: float32 on the CPU, unless LibTorch is
/// asked for.
bool own_convolutions(torch::Device device, torch::ScalarType type);

/// As many threads as LibTorch uses, and the machine's instruction set.
convolve::Options convolution_options();

/// LibTorch's own pool. From within one of its threads the bodies run one after the other.
const convolve::ParallelFor& engine_threads();

/// At least so many floats, the calling thread's, valid until its next call; kept between runs, because fresh pages
/// cost time, until it is released by that thread.
float* convolution_workspace(size_t floats);
void release_convolution_workspace();

}  // namespace pinxit
