// SPDX-License-Identifier: Apache-2.0
//
// Total variation of a picture and its gradient, row band by row band (its memory does not grow with the height).
//
//     auto loss = variation(x, preset.variation, weight, &gradient);   // adds weight · d variation / d x
#pragma once

#include <torch/types.h>

#include "engine/base/neural_preset.h"

namespace pinxit {

/// Scalar (double, on x's device) without the weight. `x`: [1,3,H,W] R'G'B' 0..1. `gradient` may be null.
torch::Tensor variation(const torch::Tensor& x, const VariationTerm& term, double weight, torch::Tensor* gradient);

}  // namespace pinxit
