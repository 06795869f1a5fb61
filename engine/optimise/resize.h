// SPDX-License-Identifier: Apache-2.0
//
// Sizes of pictures as tensors: antialiased when they shrink, bicubic when they grow.
//
//     auto small = resized(picture, {128, 96});       // [1,C,96,128], values kept in 0..1
#pragma once

#include <torch/types.h>

#include "engine/optimise/search_plan.h"

namespace pinxit {

/// [1,C,h,w] at `size`, kept in 0..1; the same tensor where nothing changes.
torch::Tensor resized(const torch::Tensor& picture, SearchSize size);
/// The same without keeping to 0..1: for a picture that is being searched for.
torch::Tensor enlarged(const torch::Tensor& picture, SearchSize size);

inline SearchSize size_of(const torch::Tensor& picture) { return {picture.size(3), picture.size(2)}; }

}  // namespace pinxit
