// SPDX-License-Identifier: Apache-2.0
//
// What happens between two convolutions, in one pass over memory: normalisation (scale and shift per channel), ReLU,
// padding (index tables), change of type. Tiles are [height, width, channels], float32 or bfloat16, on any device;
// on the CPU the kernels of kernels.h do it, elsewhere LibTorch's own operations.
#pragma once

#include <torch/types.h>

#include <vector>

namespace pinxit {

/// What a normalisation layer became once the statistics were known: y = scale·x + shift, then ReLU.
struct Curve {
  torch::Tensor scale, shift;  ///< float32 [channels] on the tile's device; undefined: identity
  bool relu = false;
  bool identity() const { return !scale.defined() && !relu; }
};

/// out[y][x] = curve(in[rows[y]][columns[x]]), zero where an index is -1.
torch::Tensor gather(const torch::Tensor& in, const std::vector<int32_t>& rows, const std::vector<int32_t>& columns,
                     const Curve& curve, torch::ScalarType type);

/// curve(in), same size and type.
torch::Tensor curved(const torch::Tensor& in, const Curve& curve);

/// sum += in (both [h, w, c] contiguous, same type).
void add_in_place(torch::Tensor& sum, const torch::Tensor& in);

/// term = curve(values) + term_curve(term); both float32 [h, w, c] on the CPU, rows may have gaps.
void residual_sum(const torch::Tensor& values, const Curve& curve, torch::Tensor& term, const Curve& term_curve);

/// Sums over pixels, per channel, in double: what instance normalisation needs, collected tile by tile.
class ChannelSums {
 public:
  explicit ChannelSums(int64_t channels) : sum_(size_t(channels)), square_(size_t(channels)) {}
  void add(const torch::Tensor& tile);
  /// For convolutions that add to the sums themselves, and say of how many pixels.
  double* sum() { return sum_.data(); }
  double* square() { return square_.data(); }
  void count(int64_t pixels) { pixels_ += pixels; }
  /// Instance normalisation with biased variance: scale = gamma / sqrt(var + eps), shift = beta - mean · scale.
  Curve normalisation(const torch::Tensor& gamma, const torch::Tensor& beta, double eps, bool relu,
                      torch::Device device) const;

 private:
  std::vector<double> sum_, square_;
  int64_t pixels_ = 0;
};

}  // namespace pinxit
