// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/square_root.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include "engine/optimise/symmetric.h"

namespace pinxit {
namespace {

constexpr int iterations = 12;

/// (3·I - product) / 2, in place.
torch::Tensor step_from(torch::Tensor product) {
  product.mul_(-0.5).diagonal().add_(1.5);
  return product;
}

class TraceOfSquareRoot : public torch::autograd::Function<TraceOfSquareRoot> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& a) {
    const auto root = matrix_square_root(a);
    context->save_for_backward({root});
    return root.trace();
  }

  /// X with root·X + X·root = g·I. All matrices of the iteration are polynomials of the root: they commute, which
  /// halves the products of the general iteration, and are symmetric.
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               const torch::autograd::tensor_list& gradients) {
    const auto root = context->get_saved_variables()[0];
    const auto norm = root.norm();
    auto a = root / norm;
    torch::Tensor q;
    for (int i = 0; i < iterations; ++i) {
      const auto t = step_from(symmetric_product(a, a));
      q = q.defined() ? symmetric_product(q, t) : t;
      if (i + 1 < iterations) a = symmetric_product(a, t);
    }
    return {q * (gradients[0] / norm / 2)};
  }
};

}  // namespace

torch::Tensor matrix_square_root(const torch::Tensor& a) {
  const auto norm = a.norm();
  auto y = a / norm;
  torch::Tensor z;
  for (int i = 0; i < iterations; ++i) {
    const auto t = step_from(z.defined() ? symmetric_product(z, y) : y.clone());
    y = symmetric_product(y, t);
    if (i + 1 < iterations) z = z.defined() ? symmetric_product(t, z) : t;
  }
  return y * norm.sqrt();
}

torch::Tensor trace_of_square_root(const torch::Tensor& a) {
  return TraceOfSquareRoot::apply(a);
}

}  // namespace pinxit
