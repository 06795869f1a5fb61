// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/symmetric.h"

#include <torch/types.h>

#include <algorithm>

namespace pinxit {

torch::Tensor symmetric_product(const torch::Tensor& a, const torch::Tensor& b) {
  // Panels of rows up to their own diagonal block. Short sums in narrow panels would cost more speed than they save.
  const int64_t size = a.size(0), narrowest = a.size(1) > size ? 64 : 256;
  const int64_t rows = std::max(narrowest, (size + 3) / 4);
  if (!a.is_cpu() || size <= rows) return a.mm(b);
  auto all = torch::empty({size, size}, a.options());
  for (int64_t first = 0; first < size; first += rows) {
    const int64_t last = std::min(first + rows, size);
    const auto panel = a.slice(0, first, last).mm(b.slice(1, 0, last));
    all.slice(0, first, last).slice(1, 0, last).copy_(panel);
    if (first > 0) all.slice(0, 0, first).slice(1, first, last).copy_(panel.slice(1, 0, first).t());
  }
  return all;
}

}  // namespace pinxit
