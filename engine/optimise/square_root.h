// SPDX-License-Identifier: Apache-2.0
//
// Square roots of covariance matrices by products alone (Newton-Schulz iteration), as Wasserstein-2 wants them.
//
//     auto root = matrix_square_root(s);                      // [C,C], no gradient
//     auto trace = trace_of_square_root(root.mm(x).mm(root)); // scalar, differentiable
//
// Twelve iterations from a/‖a‖_F. Badly conditioned matrices are not converged by then; presets are defined with these
// twelve, so that their losses compare with crowsonkb/style-transfer-pytorch.
// Source: Lin, Maji, "Improved Bilinear Pooling with CNNs", BMVC 2017.
#pragma once

#include <torch/types.h>

namespace pinxit {

/// `a`: [C,C], symmetric, positive semidefinite, not zero; any real type, kept.
torch::Tensor matrix_square_root(const torch::Tensor& a);

/// Trace of matrix_square_root(a). Its gradient is that of the Lyapunov equation solved by twelve iterations on the
/// root (not of the forward iteration).
torch::Tensor trace_of_square_root(const torch::Tensor& a);

}  // namespace pinxit
