// SPDX-License-Identifier: Apache-2.0
//
// AttnGAN's generator (Xu et al., "AttnGAN: fine-grained text to image generation with attentional generative
// adversarial networks", arXiv 1711.10485): a picture of 64 pixels from sentence and noise, then one or two times the
// double size, where every pixel looks at the caption's words. Birds, COCO and any other width: sizes, residual blocks
// and the number of branches (1–3) are read from the weights.
//
//     auto net = Attngan::load(path, torch::kCPU, torch::kFloat32).take();
//     auto sentence = net.condition(text.sentence);                        // mu and logvar
//     auto made = net.run(z, sentence.sample(eps), text, watch);           // two sources of randomness: z and eps
//     made.pictures      // [1,3,64,64], [1,3,128,128], [1,3,256,256], -1..1
//     made.attention     // [T,64,64], [T,128,128], summing to 1 over the words
//
// Tensors are upstream's: ca_net.fc, h_net1.fc, h_net1.upsampleN, h_net2.att.conv_context, h_net2.residual.N.block,
// h_net2.upsample, img_net1.img.0, …; the DCGAN variant has one img_net and one picture.
#pragma once

#include <torch/types.h>

#include <functional>
#include <vector>

#include "engine/nets/attngan_text.h"
#include "engine/nets/batch_norm.h"

namespace pinxit {

bool attngan_recognise(const Safetensors& file);

/// The sentence as a normal distribution (conditioning augmentation).
struct SentenceCondition {
  torch::Tensor mu, logvar;                              ///< [C]
  torch::Tensor sample(const torch::Tensor& eps) const;  ///< mu + eps · exp(logvar/2)
};

struct AttnganPictures {
  std::vector<torch::Tensor> pictures;   ///< small to large, [1,3,S,S] float32, -1..1 sRGB
  std::vector<torch::Tensor> attention;  ///< of each branch after the first, [T,S/2,S/2] float32
};

class Attngan {
 public:
  /// Errors: file_unreadable, model_damaged, model_unsupported.
  static Result<Attngan> load(const std::string& path, torch::Device device, torch::ScalarType type);

  int64_t noise_width() const { return noise_; }
  int64_t condition_width() const { return condition_; }
  int64_t text_width() const { return sentence_weight_.size(1); }  ///< D of the text encoder
  std::vector<int64_t> sides() const;                              ///< pixels of the pictures, small to large
  bool looks_at_words() const { return branches_.size() > 1; }
  int64_t parameters() const { return parameters_; }
  int64_t weight_bytes() const { return weight_bytes_; }
  int64_t run_bytes(int64_t words) const;  ///< of one picture with so many words, about, beside the weights

  SentenceCondition condition(const torch::Tensor& sentence) const;
  /// One picture: z [Z], c [C]. At least one word is not masked. `watch` (may be empty) hears the share of the work
  /// done, 0..1, after every block and throws to stop.
  AttnganPictures run(const torch::Tensor& z, const torch::Tensor& c, const WordFeatures& text,
                      const std::function<void(double)>& watch = {}) const;

 private:
  struct Residual {
    FoldedWeights first, second;
  };
  struct Branch {
    torch::Tensor words;  ///< [G,D]; the first branch has none
    std::vector<Residual> residual;
    std::vector<FoldedWeights> doubling;
    torch::Tensor picture;  ///< [3,G,3,3], undefined: no picture at this size
  };
  torch::Tensor look_at_words(const Branch& branch, const torch::Tensor& h, const WordFeatures& text,
                              std::vector<torch::Tensor>& attention) const;
  FoldedWeights start_;  ///< [2·M,Z+C]
  torch::Tensor sentence_weight_, sentence_bias_;
  std::vector<Branch> branches_;
  int64_t noise_ = 0, condition_ = 0, parameters_ = 0, weight_bytes_ = 0;
};

}  // namespace pinxit
