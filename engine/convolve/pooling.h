// SPDX-License-Identifier: Apache-2.0
//
// Pooling 2×2, stride 2, as VGG has it, and its way back. NHWC without gaps; an odd last row or column is dropped.
//
//     pool(Pooling::maximum, {.width = w, .height = h, .channels = c}, picture, pooled, 1, parallel);
//     pool_gradient(Pooling::maximum, size, picture, pooled_gradient, picture_gradient, {.gated = true}, parallel);
#pragma once

#include <cstdint>

#include "engine/convolve/convolve.h"

namespace pinxit::convolve {

enum class Pooling { maximum, average };

struct PictureSize {
  int64_t width = 0, height = 0, channels = 0;
};

/// [height/2][width/2][channels], times `factor` (1 for the plain pooling).
void pool(Pooling kind, const PictureSize& size, const float* picture, float* pooled, float factor = 1,
          const ParallelFor& parallel = {});

struct PoolGradientOptions {
  float factor = 1;            ///< the forward's
  const float* add = nullptr;  ///< added to each value, e.g. a loss's own gradient; may be the result's own memory
  bool gated = false;          ///< the picture came out of a ReLU: zero where it is not positive
};

/// Overwrites picture_gradient [height][width][channels]. Of equal largest values the first, in reading order, takes
/// the gradient.
void pool_gradient(Pooling kind, const PictureSize& size, const float* picture, const float* pooled_gradient,
                   float* picture_gradient, const PoolGradientOptions& options = {}, const ParallelFor& parallel = {});

}  // namespace pinxit::convolve
