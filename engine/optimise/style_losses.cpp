// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/style_losses.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "engine/optimise/square_root.h"

namespace pinxit {
namespace {

/// Added to the diagonal of covariances, as crowsonkb.
constexpr double covariance_floor = 1e-4;
/// Added to variances before the root, which then has a derivative everywhere.
constexpr double variance_floor = 1e-6;

torch::Tensor covariance(const Statistics& s) {
  return s.second + covariance_floor * torch::eye(s.second.size(0), s.second.options());
}

/// Badly conditioned roots cost digits. Where double costs little it is taken instead.
torch::ScalarType root_type(const torch::Tensor& matrix, torch::ScalarType type) {
  return matrix.is_cpu() && matrix.size(0) <= 128 ? torch::kFloat64 : type;
}

torch::Tensor deviation(const Statistics& s) {
  return ((s.kind.full ? s.second.diagonal() : s.second) + variance_floor).sqrt();
}

}  // namespace

StatisticsKind statistics_for(StyleTerm::Kind kind) {
  return {.centred = kind != StyleTerm::Kind::gram, .full = kind != StyleTerm::Kind::moments};
}

StatisticsKind united(const StatisticsKind& a, const StatisticsKind& b) {
  return {.centred = a.centred || b.centred, .full = a.full || b.full};
}

StyleLoss::StyleLoss(const StyleTerm& term, const std::vector<Statistics>& paintings, const std::vector<double>& shares,
                     const Extent& extent, torch::ScalarType type)
    : term_(term), extent_(extent), type_(type) {
  const torch::NoGradGuard no_grad;
  if (term.kind == StyleTerm::Kind::gram) {
    for (size_t i = 0; i < paintings.size(); ++i) {
      const auto one =
          paintings[i].around_zero() * (shares[i] * gram_factor(paintings[i], int64_t(paintings[i].weight)));
      gram_ = gram_.defined() ? gram_ + one : one;
    }
    return;
  }
  const Statistics all = mixed(paintings, shares);
  mean_ = all.mean;
  if (term.kind == StyleTerm::Kind::moments) {
    deviation_ = deviation(all);
    return;
  }
  const auto s = covariance(all);
  trace_ = s.trace();
  type_ = root_type(s, type_);
  root_ = matrix_square_root(s.to(type_));
}

torch::Tensor StyleLoss::operator()(const Statistics& picture) const {
  switch (term_.kind) {
    case StyleTerm::Kind::gram:
      return gram(picture);
    case StyleTerm::Kind::wasserstein:
      return wasserstein(picture);
    case StyleTerm::Kind::moments:
      return moments(picture);
  }
  return {};
}

/// From a mean over positions to F·Fᵀ / divisor. Part of a picture counts as if the whole looked like it.
double StyleLoss::gram_factor(const Statistics& of, int64_t positions) const {
  switch (term_.divisor) {
    case StyleTerm::Divisor::one:
      return double(positions);
    case StyleTerm::Divisor::positions:
      return 1;
    case StyleTerm::Divisor::elements:
      return 1 / double(of.second.size(0));
  }
  return 1;
}

torch::Tensor StyleLoss::gram(const Statistics& picture) const {
  const auto difference = picture.around_zero() * gram_factor(picture, extent_.positions) - gram_;
  const auto sum = difference.square().sum();
  switch (term_.distance) {
    case StyleTerm::Distance::mean:
      return sum / double(gram_.numel());
    case StyleTerm::Distance::sum:
      return sum;
    case StyleTerm::Distance::picture:
      return sum / (4 * 9 * extent_.pixels * extent_.pixels);
  }
  return sum;
}

torch::Tensor StyleLoss::wasserstein(const Statistics& picture) const {
  const auto s = covariance(picture);
  const auto cross = trace_of_square_root(root_.mm(s.to(type_)).mm(root_)).to(torch::kFloat64);
  return (picture.mean - mean_).square().mean() + (trace_ + s.trace() - 2 * cross) / double(s.size(0));
}

torch::Tensor StyleLoss::moments(const Statistics& picture) const {
  return (picture.mean - mean_).square().mean() + (deviation(picture) - deviation_).square().mean();
}

}  // namespace pinxit
