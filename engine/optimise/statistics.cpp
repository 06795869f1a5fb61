// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/statistics.h"

#include <torch/types.h>

#include <algorithm>

#include "engine/optimise/symmetric.h"

namespace pinxit {
namespace {

/// Float32 products of more positions than this lose digits: BLAS adds them up one after the other where there are few
/// channels. On a GPU, where sums are trees, calls count more.
int64_t chunk_rows(const torch::Tensor& features) {
  return features.is_cpu() ? 4096 : int64_t(1) << 20;
}

torch::Tensor outer(const StatisticsKind& kind, const torch::Tensor& v) {
  return kind.full ? torch::outer(v, v) : v.square();
}

}  // namespace

torch::Tensor Statistics::around_zero() const {
  return kind.centred ? second + outer(kind, mean) : second;
}

void StatisticsSum::add(const torch::Tensor& features, const torch::Tensor& weights, double total) {
  const int64_t rows = features.size(0), step = chunk_rows(features);
  if (total <= 0) return;
  if (weights.defined() || rows <= step) return add_chunk(features, weights, total);
  for (int64_t first = 0; first < rows; first += step) {
    const auto chunk = features.slice(0, first, std::min(first + step, rows));
    add_chunk(chunk, {}, double(chunk.size(0)));
  }
}

void StatisticsSum::add_chunk(const torch::Tensor& features, const torch::Tensor& weights, double total) {
  auto values = features;
  torch::Tensor mean;
  if (kind_.centred) {
    mean = (weights.defined() ? weights.t().mm(features).squeeze(0) : features.sum(0)) / total;
    values = features - mean;
    mean = mean.to(torch::kFloat64);
  }
  const auto weighted = weights.defined() ? values * weights : values;
  const auto second =
      (kind_.full ? symmetric_product(weighted.t(), values) : (weighted * values).sum(0)).to(torch::kFloat64);
  if (weight_ == 0) {
    mean_ = mean;
    second_ = second;
    weight_ = total;
    return;
  }
  second_ = second_ + second;
  if (kind_.centred) {
    const double share = total / (weight_ + total);
    const auto shift = mean - mean_;
    second_ += outer(kind_, shift) * (weight_ * share);
    mean_ = mean_ + shift * share;
  }
  weight_ += total;
}

Statistics StatisticsSum::mean() const {
  return {kind_, weight_, mean_, second_ / weight_};
}

Statistics mixed(const std::vector<Statistics>& sources, const std::vector<double>& shares) {
  if (sources.size() == 1) return sources.front();
  Statistics all = sources.front();
  all.second = torch::zeros_like(all.second);
  if (all.kind.centred) all.mean = torch::zeros_like(all.mean);
  for (size_t i = 0; i < sources.size(); ++i) {
    all.second += sources[i].around_zero() * shares[i];
    if (all.kind.centred) all.mean += sources[i].mean * shares[i];
  }
  if (all.kind.centred) all.second -= outer(all.kind, all.mean);
  return all;
}

void statistics_gradient(const torch::Tensor& features, const torch::Tensor& weights, const Statistics& statistics,
                         const torch::Tensor& d_mean, const torch::Tensor& d_second, torch::Tensor& gradient,
                         bool add) {
  const auto type = features.scalar_type();
  const bool full = statistics.kind.full, centred = statistics.kind.centred;
  const auto slope = (full ? d_second + d_second.t() : 2 * d_second) / statistics.weight;
  torch::Tensor constant;
  if (centred)
    constant = (full ? d_mean / statistics.weight - statistics.mean.unsqueeze(0).mm(slope).squeeze(0)
                     : d_mean / statistics.weight - statistics.mean * slope)
                   .to(type);
  if (add || weights.defined()) {
    auto own = torch::empty_like(gradient);
    statistics_gradient(features, {}, statistics, d_mean, d_second, own, false);
    if (weights.defined()) own.mul_(weights);
    if (add)
      gradient.add_(own);
    else
      gradient.copy_(own);
  } else if (full) {
    if (centred)
      at::addmm_out(gradient, constant, features, slope.to(type));
    else
      at::mm_out(gradient, features, slope.to(type));
  } else {
    at::mul_out(gradient, features, slope.to(type));
    if (centred) gradient.add_(constant);
  }
}

}  // namespace pinxit
