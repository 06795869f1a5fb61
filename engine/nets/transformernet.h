// SPDX-License-Identifier: Apache-2.0
//
// TransformerNet, the layout of pytorch/examples' fast_neural_style (after Johnson, Alahi and Fei-Fei, "Perceptual
// losses for real-time style transfer and super-resolution", 2016, with Ulyanov's instance normalisation):
//
//     conv1 9×9 · conv2 3×3 /2 · conv3 3×3 /2 · res1…resN (two 3×3 each) · deconv1, deconv2 (nearest ×2, 3×3) · deconv3 9×9
//
// reflection padding, instance normalisation (eps 1e-5, affine) and ReLU after all but the last convolution, no ReLU
// after a residual block. Input and output are colours 0..255; sizes are rounded up to a multiple of 4.
#pragma once

#include "engine/nets/style_net.h"

namespace pinxit {

bool transformernet_recognise(const Safetensors& file);
/// Throws Failure(model_damaged) naming the tensor that is missing or has a wrong shape.
StyleNet transformernet_load(const Safetensors& file);

}  // namespace pinxit
