// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/conv_generator.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr double leak = 0.2;

/// A transposed convolution and its normalisation; in -1: any.
FoldedWeights transposed(const Safetensors& file, const std::string& group, int index, int64_t in, int64_t kernel) {
  const auto weight = checked_tensor(file, group + std::to_string(index) + ".weight", {in, -1, kernel, kernel});
  if (weight.size(2) != weight.size(3))
    checked_tensor(file, group + std::to_string(index) + ".weight",
                   {in, weight.size(1), weight.size(2), weight.size(2)});
  return with_batch_norm(file, weight, 1, group + std::to_string(index + 1));
}

void move_to(FoldedWeights& layer, torch::Device device, torch::ScalarType type) {
  layer.weight = layer.weight.to(device, type);
  layer.bias = layer.bias.to(device, type);
}

}  // namespace

bool conv_generator_recognise(const Safetensors& file) {
  return file.has("main.0.weight") && file.has("main.1.running_mean") && file.has("main.3.weight");
}

Result<ConvGenerator> ConvGenerator::load(const std::string& path, torch::Device device, torch::ScalarType type) {
  return guarded([&] {
    const auto file = Safetensors::open(path).take();
    if (!conv_generator_recognise(file))
      throw Failure(ErrorCode::model_unsupported, format_text(_("“%s” is no picture generator."), path.c_str()),
                    _("Choose the weights of a flower or digit generator."));
    ConvGenerator net;
    int index = 0;
    const bool two_inputs = file.has("feature_maps.0.weight");
    net.noise_maps_ = transposed(file, two_inputs ? "feature_maps." : "main.", 0, -1, -1);
    net.noise_ = net.noise_maps_.weight.size(0);
    net.side_ = net.noise_maps_.weight.size(2);
    int64_t width = net.noise_maps_.weight.size(1), widest = width * net.side_ * net.side_;
    if (two_inputs) {
      net.text_maps_ = transposed(file, "prompt_features.", 0, -1, net.side_);
      net.text_ = net.text_maps_.weight.size(0);
      width += net.text_maps_.weight.size(1);
    } else {
      index = 3;
    }
    for (; file.has("main." + std::to_string(index + 1) + ".running_mean"); index += 3) {
      net.doubling_.push_back(transposed(file, "main.", index, width, 4));
      width = net.doubling_.back().weight.size(1);
      net.side_ *= 2;
      if (net.side_ > 4096) throw Failure(ErrorCode::model_unsupported, _("This generator's pictures are too large."));
      widest = std::max(widest, width * net.side_ * net.side_);
    }
    net.last_ = checked_tensor(file, "main." + std::to_string(index) + ".weight", {-1, width, 4, 4});
    net.channels_ = net.last_.size(0);
    if (net.channels_ != 1 && net.channels_ != 3)
      checked_tensor(file, "main." + std::to_string(index) + ".weight", {3, width, 4, 4});
    net.parameters_ = net.noise_maps_.parameters() + net.last_.numel();
    if (two_inputs) net.parameters_ += net.text_maps_.parameters();
    for (const auto& layer : net.doubling_) net.parameters_ += layer.parameters();
    // Two neighbouring layers' maps, and what the convolution between them takes.
    net.run_bytes_ = 4 * widest * int64_t(torch::elementSize(type));
    move_to(net.noise_maps_, device, type);
    if (two_inputs) move_to(net.text_maps_, device, type);
    for (auto& layer : net.doubling_) move_to(layer, device, type);
    net.last_ = net.last_.to(device, type).clone();
    return net;
  });
}

int64_t ConvGenerator::weight_bytes() const {
  int64_t bytes = int64_t(noise_maps_.weight.nbytes() + last_.nbytes());
  if (text_ > 0) bytes += int64_t(text_maps_.weight.nbytes());
  for (const auto& layer : doubling_) bytes += int64_t(layer.weight.nbytes());
  return bytes;
}

/// A transposed convolution of single pixels is a product of matrices.
torch::Tensor ConvGenerator::first_maps(const FoldedWeights& layer, const torch::Tensor& vectors) const {
  const auto& weight = layer.weight;
  return torch::mm(vectors, weight.flatten(1))
      .view({vectors.size(0), weight.size(1), weight.size(2), weight.size(3)})
      .add_(layer.bias.view({1, -1, 1, 1}));
}

torch::Tensor ConvGenerator::run(const torch::Tensor& z, const torch::Tensor& text,
                                 const std::function<void(double)>& watch) const {
  const torch::NoGradGuard no_grad;
  if (z.dim() != 2 || z.size(1) != noise_ || (text_ > 0 && (!text.defined() || text.size(-1) != text_)))
    throw Failure(ErrorCode::internal, "noise or text of a wrong size for this generator");
  auto maps = torch::leaky_relu(first_maps(noise_maps_, z.to(noise_maps_.weight.options())), leak);
  if (text_ > 0) {
    const auto vectors = (text.dim() == 1 ? text.unsqueeze(0) : text).to(text_maps_.weight.options());
    const auto beside = torch::leaky_relu(first_maps(text_maps_, vectors), leak);
    maps = torch::cat({maps, beside.expand({z.size(0), -1, -1, -1})}, 1);
  }
  const double layers = double(doubling_.size()) + 2;
  double done = 1;
  if (watch) watch(done / layers);
  for (const auto& layer : doubling_) {
    maps = torch::leaky_relu(torch::conv_transpose2d(maps, layer.weight, layer.bias, 2, 1), leak);
    if (watch) watch(++done / layers);
  }
  // "same" around an even kernel: one row and column before, two behind.
  return torch::conv2d(torch::constant_pad_nd(maps, {1, 2, 1, 2}), last_).to(torch::kFloat32).tanh_();
}

}  // namespace pinxit
