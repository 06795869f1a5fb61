// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/transformernet.h"

#include "engine/nets/chain_loading.h"

namespace pinxit {
namespace {

class Loader {
 public:
  explicit Loader(const Safetensors& file) : file_(file) {}

  /// One convolution called `name` with the normalisation called `norm` (empty: none) at the end of the chain.
  void append(const std::string& name, const std::string& norm, int stride, bool upsampled, bool relu,
              int add_from = -1) {
    auto weight = checked_tensor(file_, name + ".conv2d.weight", {-1, channels_, -1, -1});
    const int64_t out = weight.size(0);
    auto bias = checked_tensor(file_, name + ".conv2d.bias", {out});
    if (weight.size(2) != weight.size(3) || weight.size(2) % 2 == 0 || (upsampled && weight.size(2) != 3))
      checked_tensor(file_, name + ".conv2d.weight", {out, channels_, 3, 3});
    ChainLayer layer;
    // A bias before instance normalisation cancels.
    const auto used_bias = norm.empty() ? bias : torch::Tensor();
    layer.convolution = upsampled ? Convolution::upsampled(weight, used_bias)
                                  : Convolution::plain(weight, used_bias, stride, Padding::reflect);
    layer.normalised = !norm.empty();
    if (layer.normalised) {
      layer.gamma = checked_tensor(file_, norm + ".weight", {out});
      layer.beta = checked_tensor(file_, norm + ".bias", {out});
    }
    layer.eps = 1e-5;
    layer.relu = relu;
    layer.add_from = add_from;
    net.chain.layers.push_back(std::move(layer));
    channels_ = out;
  }

  int last() const { return int(net.chain.layers.size()) - 1; }
  StyleNet net;

 private:
  const Safetensors& file_;
  int64_t channels_ = 3;
};

}  // namespace

bool transformernet_recognise(const Safetensors& file) {
  return file.has("conv1.conv2d.weight") && file.has("deconv1.conv2d.weight") && file.has("in1.weight");
}

StyleNet transformernet_load(const Safetensors& file) {
  Loader loader(file);
  loader.append("conv1", "in1", 1, false, true);
  loader.append("conv2", "in2", 2, false, true);
  loader.append("conv3", "in3", 2, false, true);
  for (int block = 1; file.has("res" + std::to_string(block) + ".conv1.conv2d.weight"); ++block) {
    const std::string name = "res" + std::to_string(block) + ".";
    const int before = loader.last();
    loader.append(name + "conv1", name + "in1", 1, false, true);
    loader.append(name + "conv2", name + "in2", 1, false, false, before);
  }
  loader.append("deconv1", "in4", 1, true, true);
  loader.append("deconv2", "in5", 1, true, true);
  loader.append("deconv3", "", 1, false, false);
  if (loader.net.chain.layers.back().convolution.outputs() != 3)
    checked_tensor(file, "deconv3.conv2d.weight", {3, -1, -1, -1});
  loader.net.kind = "transformernet";
  loader.net.border = 32;
  return std::move(loader.net);
}

}  // namespace pinxit
