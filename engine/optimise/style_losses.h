// SPDX-License-Identifier: Apache-2.0
//
// One style term at one tap: the distance of a picture's statistics from those of the paintings.
//
//     StyleLoss loss(term, paintings, shares, {positions, pixels}, torch::kFloat32);
//     auto value = loss(statistics_of_picture);      // scalar, double; autograd goes to its mean and second
//
// Several paintings are mixed by share: their Gram matrices for gram, their statistics as those of one picture that
// shows them side by side for the others.
#pragma once

#include <torch/types.h>

#include <vector>

#include "engine/base/neural_preset.h"
#include "engine/optimise/statistics.h"

namespace pinxit {

/// The statistics `kind` compares.
StatisticsKind statistics_for(StyleTerm::Kind kind);
/// What serves both.
StatisticsKind united(const StatisticsKind& a, const StatisticsKind& b);

class StyleLoss {
 public:
  struct Extent {
    int64_t positions = 0;  ///< of the tap, for the whole picture
    double pixels = 0;      ///< rows × columns of the picture
  };
  /// `type`: of large matrix square roots (float32, or float64 for reference); small ones are taken in double on the
  /// CPU.
  StyleLoss(const StyleTerm& term, const std::vector<Statistics>& paintings, const std::vector<double>& shares,
            const Extent& extent, torch::ScalarType type);
  torch::Tensor operator()(const Statistics& picture) const;

 private:
  double gram_factor(const Statistics& of, int64_t positions) const;
  torch::Tensor gram(const Statistics& picture) const;
  torch::Tensor wasserstein(const Statistics& picture) const;
  torch::Tensor moments(const Statistics& picture) const;

  StyleTerm term_;
  Extent extent_;
  torch::ScalarType type_;
  torch::Tensor gram_;          ///< gram: of the paintings, divided
  torch::Tensor mean_;          ///< wasserstein, moments
  torch::Tensor root_, trace_;  ///< wasserstein: square root and trace of the covariance
  torch::Tensor deviation_;     ///< moments
};

}  // namespace pinxit
