// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/square_root.h"

#include <torch/torch.h>

namespace pinxit {
namespace {

constexpr int iterations = 12;

torch::Tensor three_identities(const torch::Tensor& like) {
  return 3 * torch::eye(like.size(0), like.options());
}

class TraceOfSquareRoot : public torch::autograd::Function<TraceOfSquareRoot> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& a) {
    const auto root = matrix_square_root(a);
    context->save_for_backward({root});
    return root.trace();
  }

  /// X with root·X + X·root = g·I. All matrices of the iteration are polynomials of the root and commute, which halves
  /// the products of the general iteration.
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               const torch::autograd::tensor_list& gradients) {
    const auto root = context->get_saved_variables()[0];
    const auto norm = root.norm();
    const auto three = three_identities(root);
    auto a = root / norm;
    torch::Tensor q;
    for (int i = 0; i < iterations; ++i) {
      const auto t = torch::addmm(three, a, a, 0.5, -0.5);
      q = q.defined() ? q.mm(t) : t;
      if (i + 1 < iterations) a = a.mm(t);
    }
    return {q * (gradients[0] / norm / 2)};
  }
};

}  // namespace

torch::Tensor matrix_square_root(const torch::Tensor& a) {
  const auto norm = a.norm();
  const auto three = three_identities(a);
  auto y = a / norm;
  torch::Tensor z;
  for (int i = 0; i < iterations; ++i) {
    const auto t = z.defined() ? torch::addmm(three, z, y, 0.5, -0.5) : (three - y) / 2;
    y = y.mm(t);
    if (i + 1 < iterations) z = z.defined() ? t.mm(z) : t;
  }
  return y * norm.sqrt();
}

torch::Tensor trace_of_square_root(const torch::Tensor& a) {
  return TraceOfSquareRoot::apply(a);
}

}  // namespace pinxit
