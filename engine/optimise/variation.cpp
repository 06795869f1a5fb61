// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/variation.h"

#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

namespace pinxit {
namespace {

/// Values of a band, so that its temporaries stay in the tens of megabytes.
constexpr int64_t band_values = int64_t(1) << 21;

/// The share of the pairs of neighbouring rows (y, y+1), y in first … last-1, and of the neighbours within row y.
/// `p`: rows first … last of the picture (last-1 where there is no further row). With `closing` the last row's own
/// neighbours are counted too.
torch::Tensor band_sum(const torch::Tensor& p, bool closing, VariationTerm::Kind kind, int64_t height, int64_t width) {
  const auto row = [&](int64_t from, int64_t to) { return p.slice(2, from, to); };
  const int64_t rows = p.size(2);
  const auto own = closing ? p : row(0, rows - 1);
  const auto dx = own.slice(3, 1) - own.slice(3, 0, width - 1);
  const auto dy = row(1, rows) - row(0, rows - 1);
  switch (kind) {
    case VariationTerm::Kind::absolute:
      return dx.abs().sum() + dy.abs().sum();
    case VariationTerm::Kind::uneven: {
      const double both = 3.0 * double(height * (width - 1) + (height - 1) * width);
      return dx.abs().sum() + dy.abs().sum() / std::max(both, 1.0);
    }
    case VariationTerm::Kind::power:
      return (dx.slice(2, 0, rows - 1).square() + dy.slice(3, 0, width - 1).square()).pow(1.25).sum();
    case VariationTerm::Kind::nine_point:
      break;
  }
  return {};
}

/// crowsonkb's stencil on the picture with its border repeated: `p` holds padded rows first … last, columns padded.
/// Of its rows of centres those of the padding do not count (`from`, `to`).
torch::Tensor nine_point_sum(const torch::Tensor& p, int64_t from, int64_t to, int64_t height, int64_t width) {
  const int64_t rows = p.size(2), columns = p.size(3);
  const auto part = [&](int64_t y0, int64_t y1, int64_t x0, int64_t x1) { return p.slice(2, y0, y1).slice(3, x0, x1); };
  const auto straight = (part(from, to, 2, columns) - part(from, to, 1, columns - 1)).square().sum() +
                        (part(from + 1, to + 1, 1, columns - 1) - part(from, to, 1, columns - 1)).square().sum();
  const auto diagonal = (part(1, rows, 1, columns) - part(0, rows - 1, 0, columns - 1)).square().sum() +
                        (part(1, rows, 0, columns - 1) - part(0, rows - 1, 1, columns)).square().sum();
  return 2 *
         (straight / (3.0 * 3 * double(height * width)) + diagonal / (12.0 * 3 * double((height + 1) * (width + 1))));
}

}  // namespace

torch::Tensor variation(const torch::Tensor& x, const VariationTerm& term, double weight, torch::Tensor* gradient) {
  const int64_t height = x.size(2), width = x.size(3);
  const torch::AutoGradMode grad_mode(gradient != nullptr);
  auto total = torch::zeros({}, torch::dtype(torch::kFloat64).device(x.device()));
  const bool padded = term.kind == VariationTerm::Kind::nine_point;
  // Pairs of rows: those of the picture, or those of the picture with one row added on both sides.
  const int64_t pairs = padded ? height + 1 : std::max<int64_t>(height - 1, 1);
  const int64_t step = std::max<int64_t>(1, band_values / (3 * width));
  for (int64_t first = 0; first < pairs; first += step) {
    const int64_t last = std::min(first + step, pairs);
    const int64_t top = std::max<int64_t>(padded ? first - 1 : first, 0);
    const int64_t bottom = std::min(padded ? last : last + 1, height);
    const auto rows = x.slice(2, top, bottom).detach().set_requires_grad(gradient != nullptr);
    auto p = term.scale == 1 ? rows : rows * term.scale;
    torch::Tensor sum;
    if (padded) {
      const int64_t above = first == 0, below = last == pairs;
      p = torch::replication_pad2d(p, {1, 1, above, below});
      sum = nine_point_sum(p, above, p.size(2) - 1, height, width);
    } else {
      sum = band_sum(p, last == pairs, term.kind, height, width);
    }
    if (gradient)
      gradient->slice(2, top, bottom).add_(torch::autograd::grad({sum}, {rows})[0].to(gradient->scalar_type()), weight);
    total += sum.detach().to(torch::kFloat64);
  }
  return total;
}

}  // namespace pinxit
