// SPDX-License-Identifier: Apache-2.0
//
// AttnGAN's text encoder (Xu et al., arXiv 1711.10485): an embedding and one bidirectional LSTM.
//
//     auto net = AttnganText::load(path, torch::kCPU, torch::kFloat32).take();
//     WordFeatures text = net.run({1, 2, 3, 10, 21});      // ids of a WordTokenizer
//
// Tensors: encoder.weight [V,300], rnn.weight_ih_l0 [4H,300] …, and the same with _reverse; gates in the order i f g o.
#pragma once

#include <torch/types.h>

#include <vector>

#include "engine/weights/safetensors.h"

namespace pinxit {

/// What a caption is to AttnGAN's generator.
struct WordFeatures {
  torch::Tensor words;     ///< [D,T]
  torch::Tensor sentence;  ///< [D]: the forward direction's last state, then the backward one's
  torch::Tensor masked;    ///< [T] bool: id 0, which no pixel may look at
};

bool attngan_text_recognise(const Safetensors& file);

class AttnganText {
 public:
  /// Errors: file_unreadable, model_damaged, model_unsupported (another net, or a GRU).
  static Result<AttnganText> load(const std::string& path, torch::Device device, torch::ScalarType type);

  int64_t vocabulary() const { return embedding_.size(0); }
  int64_t width() const { return 2 * lstm_[1].size(1); }  ///< D
  int64_t parameters() const { return parameters_; }
  int64_t weight_bytes() const;

  /// At least one id, each below vocabulary(). One caption at a time: a caption's features then never depend on
  /// others'.
  WordFeatures run(const std::vector<int64_t>& ids) const;

 private:
  torch::Tensor embedding_;
  std::vector<torch::Tensor> lstm_;  ///< as at::lstm takes them
  int64_t parameters_ = 0;
};

}  // namespace pinxit
