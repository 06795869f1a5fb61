// SPDX-License-Identifier: Apache-2.0
//
// Batch normalisation with running statistics is a scale and a shift, which go into the convolution before it.
//
//     auto [weight, bias] = with_batch_norm(file, file.tensor("conv.weight"), 0, "norm");
#pragma once

#include <torch/types.h>

#include <string>

#include "engine/nets/chain_loading.h"

namespace pinxit {

struct FoldedWeights {
  torch::Tensor weight, bias;
  /// As the file has them: the convolution's weights, and the normalisation's weight and bias.
  int64_t parameters() const { return weight.numel() + 2 * bias.numel(); }
};

/// `outputs` is the dimension of `weight` that counts output channels: 0, or 1 of transposed convolutions; the
/// normalisation's tensors are NORM.weight, .bias, .running_mean, .running_var. float32, computed in float64, eps 1e-5.
/// Throws Failure(model_damaged).
inline FoldedWeights with_batch_norm(const Safetensors& file, const torch::Tensor& weight, int64_t outputs,
                                     const std::string& norm) {
  const auto read = [&](const char* part) {
    return checked_tensor(file, norm + part, {weight.size(outputs)}).to(torch::kFloat64);
  };
  const auto scale = read(".weight") / (read(".running_var") + 1e-5).sqrt();
  std::vector<int64_t> shape(size_t(weight.dim()), 1);
  shape[size_t(outputs)] = -1;
  return {(weight.to(torch::kFloat64) * scale.view(shape)).to(torch::kFloat32).contiguous(),
          (read(".bias") - read(".running_mean") * scale).to(torch::kFloat32).contiguous()};
}

}  // namespace pinxit
