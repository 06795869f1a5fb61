// SPDX-License-Identifier: Apache-2.0
//
// Flowers and digits: a ConvGenerator, with CLIP's pooled text vector beside the noise where it takes text.
#pragma once

#include "engine/nets/conv_generator.h"
#include "engine/nets/text_to_image.h"

namespace pinxit {

/// Throws Failure as load_text_to_image.
std::shared_ptr<const TextToImage> load_clip_images(const TextToImageFiles& files);

/// -1..1 [1,1 or 3,S,S] on any device -> 0..1 [3,S,S] on the CPU.
torch::Tensor finished_pixels(const torch::Tensor& picture);
/// Throws Failure(model_missing) when `given` is false: the part called `part` is not there.
void need_part(bool given, const char* part);
/// Throws Failure(model_damaged) when parts do not fit each other.
void need_fit(bool fits);

}  // namespace pinxit
