// SPDX-License-Identifier: Apache-2.0
//
// Generators made of transposed convolutions, in the layout of Barut's thesis (after DCGAN, Radford et al., arXiv
// 1511.06434, and TAC-GAN, Dash et al., arXiv 1703.06412): noise and text become small maps side by side, which are
// doubled until the picture is there.
//
//     auto net = ConvGenerator::load(path, torch::kCPU, torch::kFloat32).take();
//     net.run(noise, text)      // [N,100], [512] -> [N,3,128,128], -1..1
//
//     z    [N,Z] ─ transposed k×k ─ norm ─ leaky ReLU ┐
//     text [T]   ─ transposed k×k ─ norm ─ leaky ReLU ┴ n × (transposed 4×4 /2 ─ norm ─ leaky ReLU) ─ 4×4 ─ tanh
//
// Tensors: feature_maps.N (z), prompt_features.N (text), main.N. Without the first two, main.0 takes z and there is no
// text. All widths and sizes are read from the weights. Pictures are sRGB colours, or grey with one channel.
#pragma once

#include <torch/types.h>

#include <functional>
#include <vector>

#include "engine/nets/batch_norm.h"

namespace pinxit {

bool conv_generator_recognise(const Safetensors& file);

class ConvGenerator {
 public:
  /// Errors: file_unreadable, model_damaged, model_unsupported (another net).
  static Result<ConvGenerator> load(const std::string& path, torch::Device device, torch::ScalarType type);

  int64_t noise_width() const { return noise_; }
  int64_t text_width() const { return text_; }  ///< 0: no text
  int64_t channels() const { return channels_; }
  int64_t side() const { return side_; }  ///< pixels; pictures are square
  int64_t parameters() const { return parameters_; }
  int64_t weight_bytes() const;
  int64_t run_bytes() const { return run_bytes_; }  ///< of one picture, about, beside the weights

  /// z [N,Z], text [T] or [N,T] (undefined where there is none), any real type and device -> [N,C,S,S] float32 on the
  /// net's device, -1..1. `watch` (may be empty) hears the share of the work done, 0..1, after every layer and throws
  /// to stop.
  torch::Tensor run(const torch::Tensor& z, const torch::Tensor& text,
                    const std::function<void(double)>& watch = {}) const;

 private:
  torch::Tensor first_maps(const FoldedWeights& layer, const torch::Tensor& vectors) const;
  FoldedWeights noise_maps_, text_maps_;
  std::vector<FoldedWeights> doubling_;
  torch::Tensor last_;
  int64_t noise_ = 0, text_ = 0, channels_ = 0, side_ = 0, parameters_ = 0, run_bytes_ = 0;
};

}  // namespace pinxit
