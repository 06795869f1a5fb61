// SPDX-License-Identifier: Apache-2.0
//
// The slim net, the layout of lengstrom's fast-style-transfer with few channels: tensors Variable_0, Variable_1, … in
// threes (convolution weight, shift, scale):
//
//     9×9 · 3×3 /2 · 3×3 /2 · five residual blocks of two 3×3 · two transposed 3×3 ×2 · 9×9
//
// zero padding as TensorFlow's SAME; instance normalisation (eps 1e-3) after every convolution, the last included;
// ReLU except after a block's second convolution and the last. Output: tanh(x)·150 + 127.5. Colours are 0..255.
#pragma once

#include "engine/nets/style_net.h"

namespace pinxit {

bool slimnet_recognise(const Safetensors& file);
/// Throws Failure(model_damaged) naming the tensor that is missing or has a wrong shape.
StyleNet slimnet_load(const Safetensors& file);

}  // namespace pinxit
