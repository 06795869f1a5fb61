// SPDX-License-Identifier: Apache-2.0
//
// Matrix products known to be symmetric: F·Fᵀ, polynomials of one symmetric matrix. Only the lower half is multiplied.
//
//     auto gram = symmetric_product(features.t(), features);
#pragma once

#include <torch/types.h>

namespace pinxit {

/// a·b, [C,N] × [N,C], exactly symmetric. No gradient.
torch::Tensor symmetric_product(const torch::Tensor& a, const torch::Tensor& b);

}  // namespace pinxit
