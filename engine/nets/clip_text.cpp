// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/clip_text.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <fstream>
#include <sstream>

#include "engine/base/json_reader.h"
#include "engine/base/text.h"
#include "engine/nets/chain_loading.h"

namespace pinxit {
namespace {

constexpr double eps = 1e-5;
const std::string token_tensor = "text_model.embeddings.token_embedding.weight";

/// What stands before "text_model." in this file's names; nothing found: a name that no file has.
std::string prefix_of(const Safetensors& file) {
  for (const auto& name : file.names())
    if (name.ends_with(token_tensor)) return name.substr(0, name.size() - token_tensor.size());
  return "?";
}

Failure unsupported(const std::string& path) {
  return {ErrorCode::model_unsupported, format_text(_("“%s” is no text encoder of CLIP."), path.c_str()),
          _("Choose the text encoder that the model was trained with.")};
}

void read_settings_object(JsonReader& json, ClipTextSettings& settings) {
  json.object([&](const std::string& name) {
    if (name == "num_attention_heads")
      settings.heads = json.whole_number();
    else if (name == "hidden_act")
      settings.activation = json.string();
    else if (name == "text_config")
      read_settings_object(json, settings);
    else
      json.skip();
  });
}

}  // namespace

Result<ClipTextSettings> clip_settings(const std::string& config) {
  return guarded([&] {
    std::ifstream file(config);
    std::stringstream text;
    if (!file || !(text << file.rdbuf()))
      throw Failure(ErrorCode::file_unreadable, format_text(_("The file “%s” cannot be read."), config.c_str()),
                    _("Check the file's name and that you may read it."));
    ClipTextSettings settings;
    const std::string contents = text.str();
    try {
      if (!is_utf8(contents)) throw JsonError("it is not UTF-8 text");
      JsonReader json(contents);
      read_settings_object(json, settings);
      json.end();
    } catch (const JsonError& problem) {
      throw Failure(ErrorCode::model_damaged, format_text(_("“%s” is broken: %s."), config.c_str(), problem.what()),
                    _("Download or copy the file again."));
    }
    return settings;
  });
}

bool clip_text_recognise(const Safetensors& file) {
  return prefix_of(file) != "?";
}

Result<ClipText> ClipText::load(const std::string& path, const ClipTextSettings& settings, torch::Device device,
                                torch::ScalarType type) {
  return guarded([&] {
    const auto file = Safetensors::open(path).take();
    const std::string before = prefix_of(file), model = before + "text_model.";
    if (before == "?") throw unsupported(path);
    ClipText net;
    const auto keep = [&](torch::Tensor tensor) {
      tensor = tensor.to(device, type).clone();
      net.weight_bytes_ += int64_t(tensor.nbytes());
      net.parameters_ += tensor.numel();
      return tensor;
    };
    const auto read = [&](const std::string& name, const std::vector<int64_t>& shape) {
      return keep(checked_tensor(file, model + name, shape));
    };
    net.tokens_ = read("embeddings.token_embedding.weight", {-1, -1});
    const int64_t width = net.width();
    net.places_ = read("embeddings.position_embedding.weight", {-1, width});
    const auto norm = [&](const std::string& name) {
      return Affine{read(name + ".weight", {width}), read(name + ".bias", {width})};
    };
    for (int i = 0; file.has(model + "encoder.layers." + std::to_string(i) + ".layer_norm1.weight"); ++i) {
      const std::string name = "encoder.layers." + std::to_string(i) + ".";
      std::vector<torch::Tensor> weights, biases;
      for (const char* part : {"q", "k", "v"}) {
        const std::string attention = model + name + "self_attn." + part + "_proj";
        weights.push_back(checked_tensor(file, attention + ".weight", {width, width}));
        biases.push_back(checked_tensor(file, attention + ".bias", {width}));
      }
      Block block;
      block.norm1 = norm(name + "layer_norm1");
      block.attention = {keep(torch::cat(weights)), keep(torch::cat(biases))};
      block.out = {read(name + "self_attn.out_proj.weight", {width, width}),
                   read(name + "self_attn.out_proj.bias", {width})};
      block.norm2 = norm(name + "layer_norm2");
      block.inner.weight = read(name + "mlp.fc1.weight", {-1, width});
      const int64_t inner = block.inner.weight.size(0);
      block.inner.bias = read(name + "mlp.fc1.bias", {inner});
      block.outer = {read(name + "mlp.fc2.weight", {width, inner}), read(name + "mlp.fc2.bias", {width})};
      net.blocks_.push_back(std::move(block));
    }
    if (net.blocks_.empty()) throw unsupported(path);
    net.last_norm_ = norm("final_layer_norm");
    if (file.has(before + "text_projection.weight"))
      net.projection_ = keep(checked_tensor(file, before + "text_projection.weight", {-1, width}));

    const auto& metadata = file.metadata();
    net.heads_ = settings.heads;
    if (metadata.contains("heads")) net.heads_ = std::atoll(metadata.at("heads").c_str());
    if (net.heads_ == 0) net.heads_ = std::max<int64_t>(width / 64, 1);
    net.activation_ = metadata.contains("activation") ? metadata.at("activation") : settings.activation;
    if (net.activation_.empty()) net.activation_ = width == 512 || width == 768 ? "quick_gelu" : "gelu";
    if (net.heads_ < 1 || width % net.heads_ != 0 || (net.activation_ != "gelu" && net.activation_ != "quick_gelu"))
      throw Failure(ErrorCode::model_unsupported,
                    format_text(_("This text encoder has %lld heads and the activation “%s”, which cannot be used."),
                                static_cast<long long>(net.heads_), net.activation_.c_str()),
                    _("Use the config.json that belongs to the weights."));
    return net;
  });
}

int64_t ClipText::run_bytes(int64_t texts, int64_t ids) const {
  const int64_t inner = blocks_.front().inner.weight.size(0);
  return texts * ids * (8 * width() + 2 * inner + heads_ * ids) * int64_t(tokens_.element_size());
}

torch::Tensor ClipText::attended(const Block& block, const torch::Tensor& x) const {
  const int64_t texts = x.size(0), ids = x.size(1), width = x.size(2);
  const auto all = torch::linear(x, block.attention.weight, block.attention.bias)
                       .view({texts, ids, 3, heads_, width / heads_})
                       .permute({2, 0, 3, 1, 4});  // [3,N,heads,T,D/heads]
  const auto heard = at::scaled_dot_product_attention(all[0], all[1], all[2], {}, 0.0, /*is_causal=*/true);
  return torch::linear(heard.transpose(1, 2).reshape({texts, ids, width}), block.out.weight, block.out.bias);
}

torch::Tensor ClipText::activated(const torch::Tensor& x) const {
  return activation_ == "gelu" ? torch::gelu(x) : x * torch::sigmoid(1.702 * x);
}

ClipTextFeatures ClipText::run(const std::vector<std::vector<int64_t>>& texts, std::stop_token stop) const {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> rows;
  for (const auto& text : texts) rows.push_back(torch::tensor(text, torch::kInt64));
  if (texts.empty() || texts.front().empty() || int64_t(texts.front().size()) > positions())
    throw Failure(ErrorCode::internal, "no text, or one longer than this encoder's positions");
  const auto ids = torch::stack(rows);
  if (ids.min().item<int64_t>() < 0 || ids.max().item<int64_t>() >= vocabulary())
    throw Failure(ErrorCode::bad_argument, _("The tokenizer and the text encoder do not belong together."),
                  _("Use the merges.txt that belongs to the text encoder."));
  const auto norm = [&](const torch::Tensor& x, const Affine& n) {
    return torch::layer_norm(x, {width()}, n.weight, n.bias, eps);
  };
  ClipTextFeatures text;
  auto x = torch::embedding(tokens_, ids.to(tokens_.device())) + places_.slice(0, 0, ids.size(1));
  for (const auto& block : blocks_) {
    if (stop.stop_requested()) throw Cancelled();
    text.penultimate = x;
    x = x + attended(block, norm(x, block.norm1));
    const auto inner = activated(torch::linear(norm(x, block.norm2), block.inner.weight, block.inner.bias));
    x = x + torch::linear(inner, block.outer.weight, block.outer.bias);
  }
  text.last = norm(x, last_norm_);
  const auto ends = ids.argmax(1).to(x.device());
  text.pooled = text.last.index({torch::arange(ids.size(0), ends.options()), ends});
  if (projection_.defined()) text.projected = torch::linear(text.pooled, projection_);
  return text;
}

}  // namespace pinxit
