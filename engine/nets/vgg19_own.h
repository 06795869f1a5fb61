// SPDX-License-Identifier: Apache-2.0
//
// VGG19 through engine/convolve: float32 on the CPU, NHWC. Normalisation of the pixels, padding, bias and ReLU happen
// inside the convolutions; so do, on the way back, the ReLUs' gates and the sums with the taps' own derivatives.
//
//     OwnVgg own;                                           // once per encoder
//     own.set_input(mean, scale, blue_first);
//     own.add(weight, bias, pooled);                        // layer by layer; `weight` is shared, not copied
//     OwnPass pass(own, pixels, places, use, true, stop);   // features
//     pass.gradient(derivative, true);                      // and back
#pragma once

#include <torch/types.h>

#include <array>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "engine/base/neural_preset.h"
#include "engine/convolve/convolve.h"
#include "engine/convolve/gradient.h"

namespace pinxit {

class OwnVgg {
 public:
  struct Layer {
    convolve::ConvolutionShape shape;
    convolve::Weights weights, back;  ///< prepared for an algorithm when it is first used
    torch::Tensor bias;
    bool pooled = false;  ///< its input comes out of a pooling
  };

  /// input = (pixels - mean) · scale, [3] each, in the order blue, green, red where `blue_first`. Before add().
  void set_input(const torch::Tensor& mean, const torch::Tensor& scale, bool blue_first);
  /// `weight` [C,3 or the layer's before,3,3], contiguous float32.
  void add(const torch::Tensor& weight, const torch::Tensor& bias, bool pooled);

  const std::vector<Layer>& layers() const { return layers_; }
  const std::array<float, 3>& scale() const { return scale_; }
  const std::array<float, 3>& shift() const { return shift_; }
  /// Prepared weights, those still held for other sizes included, and workspace for pictures of this size, layers
  /// 0 … last.
  int64_t bytes_beside(size_t last, int64_t width, int64_t height, bool with_gradient) const;

 private:
  std::vector<Layer> layers_;
  std::array<float, 3> scale_ = {1, 1, 1}, shift_ = {};  ///< input = scale · pixels + shift, red first
  bool blue_first_ = false;
};

/// One picture's features and, once, the way back from them.
class OwnPass {
 public:
  using Derivative = std::function<bool(size_t i, torch::Tensor& into)>;  ///< as FeaturePass::Derivative

  /// `places`: by layer up to the last wanted one, its number among the maps or -1. Without `keep` there is no way back
  /// and less memory.
  OwnPass(std::shared_ptr<const OwnVgg> net, const torch::Tensor& pixels, std::vector<int> places,
          const FeatureUse& use, bool keep, std::stop_token stop);
  /// [1,C,h,w] each: views of NHWC memory.
  const std::vector<torch::Tensor>& maps() const { return maps_; }
  /// [1,3,H,W] float32. With `release` what was stored is let go on the way.
  torch::Tensor gradient(const Derivative& derivative, bool release);

 private:
  void make_plans(bool keep);
  torch::Tensor pooled(const torch::Tensor& x, bool& positive) const;
  torch::Tensor slope_at(size_t i, const torch::Tensor& above, const Derivative& derivative);
  void pool_back(const torch::Tensor& below, const torch::Tensor& above, torch::Tensor& slope, bool added) const;
  void convolve_back(size_t i, const torch::Tensor& above, const convolve::Output& slope) const;
  void check_stop() const;

  std::shared_ptr<const OwnVgg> net_;
  std::vector<int> places_;
  FeatureUse use_;
  std::stop_token stop_;
  int64_t height_ = 0, width_ = 0;
  std::vector<convolve::Plan> plans_;               ///< by layer
  std::vector<convolve::GradientPlan> back_plans_;  ///< by layer; empty: no way back
  std::vector<torch::Tensor> outputs_;              ///< by layer [h,w,C], behind the ReLU but for taps before it
  std::vector<torch::Tensor> maps_;
};

}  // namespace pinxit
