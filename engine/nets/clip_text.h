// SPDX-License-Identifier: Apache-2.0
//
// CLIP's text tower (Radford et al., arXiv 2103.00020) of any width: embeddings, transformer blocks with the
// normalisation first and a causal mask, a last normalisation.
//
//     auto net = ClipText::load(path, clip_settings(folder + "/config.json").take(), device, type).take();
//     ClipTextFeatures text = net.run({tokenizer->read("A white flower").ids});
//     text.pooled                 // [1,512]: what the flower generator takes
//
// Tensors are transformers', with whatever stands before "text_model." (checkpoints that hold more than the text
// tower): text_model.embeddings.token_embedding.weight [V,D], …, and text_projection.weight [P,D] where there is one.
// Widths, layers, vocabulary and positions are read from the weights; heads and activation are not in them, so they
// come from the file's metadata {"heads", "activation"}, else from the settings, else from the width as published
// models have it.
#pragma once

#include <torch/types.h>

#include <stop_token>
#include <string>
#include <vector>

#include "engine/weights/safetensors.h"

namespace pinxit {

struct ClipTextSettings {
  int64_t heads = 0;       ///< 0: of 64 numbers each
  std::string activation;  ///< "quick_gelu", "gelu"; empty: quick_gelu for the widths of OpenAI's models, 512 and 768
};

/// num_attention_heads and hidden_act of a config.json, also inside its text_config.
/// Errors: file_unreadable, model_damaged.
Result<ClipTextSettings> clip_settings(const std::string& config);

struct ClipTextFeatures {
  torch::Tensor last;         ///< [N,T,D] after the last normalisation
  torch::Tensor penultimate;  ///< [N,T,D] before the last block, not normalised
  torch::Tensor pooled;       ///< [N,D]: `last` at the first place of the largest id, which is the end of the text
  torch::Tensor projected;    ///< [N,P]: `pooled` in CLIP's common space; undefined without text_projection
};

bool clip_text_recognise(const Safetensors& file);

class ClipText {
 public:
  /// Errors: file_unreadable, model_damaged, model_unsupported.
  static Result<ClipText> load(const std::string& path, const ClipTextSettings& settings, torch::Device device,
                               torch::ScalarType type);

  int64_t width() const { return tokens_.size(1); }
  int64_t layers() const { return int64_t(blocks_.size()); }
  int64_t heads() const { return heads_; }
  int64_t vocabulary() const { return tokens_.size(0); }
  int64_t positions() const { return places_.size(0); }
  const std::string& activation() const { return activation_; }
  int64_t parameters() const { return parameters_; }
  int64_t weight_bytes() const { return weight_bytes_; }
  int64_t run_bytes(int64_t texts, int64_t ids) const;  ///< about, beside the weights

  /// Texts of equally many ids, at most positions(). Pads behind the end change nothing before them, so a single text
  /// needs none. Throws Cancelled between blocks.
  ClipTextFeatures run(const std::vector<std::vector<int64_t>>& texts, std::stop_token stop = {}) const;

 private:
  struct Affine {
    torch::Tensor weight, bias;
  };
  struct Block {
    Affine norm1, attention, out, norm2, inner, outer;  ///< `attention` is queries, keys and values one below the other
  };
  torch::Tensor attended(const Block& block, const torch::Tensor& x) const;
  torch::Tensor activated(const torch::Tensor& x) const;
  torch::Tensor tokens_, places_, projection_;
  std::vector<Block> blocks_;
  Affine last_norm_;
  std::string activation_;
  int64_t heads_ = 0, parameters_ = 0, weight_bytes_ = 0;
};

}  // namespace pinxit
