// SPDX-License-Identifier: Apache-2.0
//
// Birds and COCO: AttnGAN's text encoder and generator as one model, with attention maps.
#pragma once

#include "engine/nets/attngan.h"
#include "engine/nets/text_to_image.h"

namespace pinxit {

/// Throws Failure as load_text_to_image.
std::shared_ptr<const TextToImage> load_attngan_images(const TextToImageFiles& files);

}  // namespace pinxit
