// SPDX-License-Identifier: Apache-2.0
//
// Pictures as Neural Style's search sees them, and back.
//
//     auto content = tensor_of(source, {533, 400});                  // [1,3,400,533] R'G'B' 0..1
//     finish_picture(painted, source, keep_colors, result);          // any size; result as large as source
#pragma once

#include <torch/types.h>

#include "engine/base/pixels.h"
#include "engine/optimise/search_plan.h"

namespace pinxit {

/// [1,3,H,W] float32, at the picture's own size or reduced to `size`. Colours hidden under transparency fade to the
/// visible mean, values are clamped to 0..1 and NaN is 0, as a Fast Style net sees them (PictureSource).
torch::Tensor tensor_of(SrgbView picture);
torch::Tensor tensor_of(SrgbView picture, SearchSize size);

/// [1,1,H,W] float32: BT.601 luma × alpha, 0..1.
torch::Tensor mask_of(SrgbView picture);

/// Colours of `painted` [1,3,h,w], enlarged or reduced to the size of `source` and `result` (which are equal); with
/// `keep_colors` only their brightness, and the colours of `source`. Alpha is the source's.
void finish_picture(const torch::Tensor& painted, SrgbView source, bool keep_colors, SrgbSpan result);

/// `style` with mean and covariance of its colours made those of `content` (both [1,3,…] 0..1), kept in 0..1.
/// Source: Gatys, Bethge, Hertzmann, Shechtman, "Preserving Color in Neural Artistic Style Transfer", arXiv 1606.05897.
torch::Tensor recoloured(const torch::Tensor& style, const torch::Tensor& content);

}  // namespace pinxit
