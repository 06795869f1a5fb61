// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/statistics.h"

#include <torch/torch.h>

#include <algorithm>

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
  const auto second = (kind_.full ? weighted.t().mm(values) : (weighted * values).sum(0)).to(torch::kFloat64);
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

torch::Tensor statistics_gradient(const torch::Tensor& features, const torch::Tensor& weights,
                                  const Statistics& statistics, const torch::Tensor& d_mean,
                                  const torch::Tensor& d_second) {
  const auto type = features.scalar_type();
  const auto slope = (statistics.kind.full ? d_second + d_second.t() : 2 * d_second) / statistics.weight;
  torch::Tensor gradient;
  if (!statistics.kind.centred) {
    gradient = statistics.kind.full ? features.mm(slope.to(type)) : features * slope.to(type);
  } else if (statistics.kind.full) {
    const auto constant = d_mean / statistics.weight - statistics.mean.unsqueeze(0).mm(slope).squeeze(0);
    gradient = torch::addmm(constant.to(type), features, slope.to(type));
  } else {
    gradient =
        torch::addcmul((d_mean / statistics.weight).to(type), features - statistics.mean.to(type), slope.to(type));
  }
  return weights.defined() ? gradient.mul_(weights) : gradient;
}

}  // namespace pinxit
