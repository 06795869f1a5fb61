// SPDX-License-Identifier: Apache-2.0
//
// Means and second moments of features, added up piece by piece, and the way back from the derivative of a loss with
// respect to them to the features. Features are matrices [N,C]: N positions, C channels.
//
//     StatisticsSum sum({.centred = true, .full = true});
//     for (piece) sum.add(features, weights, weights_total);
//     Statistics s = sum.mean();
//     statistics_gradient(features, weights, s, d_loss_d_mean, d_loss_d_second, d_features, false);
//
// Pieces are multiplied out in their own precision around their own mean, and put together in double (Chan, Golub,
// LeVeque 1983): flat features have a covariance of zero, not of rounding errors.
#pragma once

#include <torch/types.h>

#include <vector>

namespace pinxit {

struct StatisticsKind {
  bool centred = false;  ///< second moments around the mean; else around zero, and the mean is not looked at
  bool full = false;     ///< all pairs of channels; else each channel with itself
  bool operator==(const StatisticsKind&) const = default;
};

/// Double, on the features' device.
struct Statistics {
  StatisticsKind kind;
  double weight = 0;     ///< Σ w, or the number of positions
  torch::Tensor mean;    ///< [C]; undefined unless centred
  torch::Tensor second;  ///< [C,C] or [C]: Σ w (F-mean)(F-mean)ᵀ / weight
  /// The second moment around zero, whatever the kind.
  torch::Tensor around_zero() const;
};

class StatisticsSum {
 public:
  explicit StatisticsSum(const StatisticsKind& kind) : kind_(kind) {}
  /// `weights` [N,1] of the features' type, or undefined for ones; `total` is their sum (pieces with none are skipped).
  void add(const torch::Tensor& features, const torch::Tensor& weights, double total);
  double weight() const { return weight_; }
  Statistics mean() const;

 private:
  void add_chunk(const torch::Tensor& features, const torch::Tensor& weights, double total);

  StatisticsKind kind_;
  double weight_ = 0;
  torch::Tensor mean_, second_;
};

/// Statistics of several sources seen together, each with its share (Σ shares = 1).
Statistics mixed(const std::vector<Statistics>& sources, const std::vector<double>& shares);

/// d loss / d features of one piece becomes, or with `add` is added to, `gradient` [N,C] of the features' type.
/// `statistics` are those of the whole picture.
void statistics_gradient(const torch::Tensor& features, const torch::Tensor& weights, const Statistics& statistics,
                         const torch::Tensor& d_mean, const torch::Tensor& d_second, torch::Tensor& gradient, bool add);

}  // namespace pinxit
