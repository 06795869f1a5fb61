// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/vgg19.h"

#include <torch/torch.h>

#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/nets/chain_loading.h"

namespace pinxit {
namespace {

struct Slot {
  std::string layer;   ///< "conv1_1"
  std::string tensor;  ///< "features.0"
  int block = 1;       ///< 1 … 5
  bool first_of_block = false;
};

/// All convolutions of configuration E in torchvision's numbering.
const std::vector<Slot>& slots() {
  static const std::vector<Slot> all = [] {
    constexpr std::array<int, 5> depth = {2, 2, 4, 4, 4};
    std::vector<Slot> made;
    int index = 0;
    for (int block = 1; block <= 5; ++block, ++index)  // the pooling takes one number
      for (int i = 1; i <= depth[size_t(block - 1)]; ++i, index += 2)
        made.push_back({"conv" + std::to_string(block) + "_" + std::to_string(i), "features." + std::to_string(index),
                        block, i == 1});
    return made;
  }();
  return all;
}

size_t slot_index(const std::string& layer) {
  for (size_t i = 0; i < slots().size(); ++i)
    if (slots()[i].layer == layer) return i;
  throw Failure(ErrorCode::bad_argument, format_text(_("“%s” is not a layer of VGG19."), layer.c_str()),
                _("Layers are called conv1_1 to conv5_4."));
}

torch::Tensor pooled(const torch::Tensor& x, const FeatureUse& use) {
  torch::Tensor y;
  switch (use.pooling) {
    case Pooling::maximum:
      y = torch::max_pool2d(x, 2, 2);
      break;
    case Pooling::average:
      y = torch::avg_pool2d(x, 2, 2);
      break;
    case Pooling::l2:
      y = (torch::avg_pool2d(x.square(), 2, 2) * 4 + 1e-12).sqrt();
      break;
  }
  return use.pooling_scale == 1 ? y : y * use.pooling_scale;
}

}  // namespace

struct Vgg19::State {
  struct Convolution {
    torch::Tensor weight, bias;
  };
  std::vector<Convolution> convolutions;
  std::vector<std::string> layers;
  torch::Tensor mean, scale;  ///< [1,3,1,1]; input = (x - mean) · scale
  bool blue_first = false;
  torch::Device device = torch::kCPU;
  torch::ScalarType type = torch::kFloat32;
  at::MemoryFormat format = at::MemoryFormat::Contiguous;

  torch::Tensor input(const torch::Tensor& pixels) const {
    auto x = pixels.to(device, mean.scalar_type());
    if (blue_first) x = x.flip(1);
    return ((x - mean) * scale).to(type).contiguous(format);
  }
};

Result<Vgg19> Vgg19::load(const std::string& path, torch::Device device, torch::ScalarType type) {
  return guarded([&]() -> Vgg19 {
    const torch::NoGradGuard no_grad;
    const Safetensors file = Safetensors::open(path).take();
    if (!file.has("features.0.weight"))
      throw Failure(ErrorCode::model_unsupported,
                    format_text(_("The weights in “%s” are not those of a VGG19."), path.c_str()),
                    _("Pinxit reads VGG19 files with torchvision's tensor names (features.0.weight, …)."));
    auto state = std::make_shared<State>();
    state->device = device;
    state->type = type;
    // oneDNN's and cuDNN's half-precision convolutions want channels last; float32 on the CPU gains by it too.
    const bool half = type == torch::kBFloat16 || type == torch::kFloat16;
    if (half || (device.is_cpu() && type == torch::kFloat32)) state->format = at::MemoryFormat::ChannelsLast;
    int64_t channels = 3;
    bool ended = false;
    for (const Slot& slot : slots()) {
      const std::string weight = slot.tensor + ".weight", bias = slot.tensor + ".bias";
      if (!file.has(weight)) {
        ended = true;
        continue;
      }
      if (ended)
        throw Failure(ErrorCode::model_damaged, format_text(_("A convolution before “%s” is missing."), weight.c_str()),
                      _("Use another copy of the weights file."));
      checked_tensor(file, weight, {-1, channels, 3, 3});
      channels = file.shape(weight)[0];
      checked_tensor(file, bias, {channels});
      state->convolutions.push_back({file.tensor(weight).to(device, type).clone(state->format),
                                     file.tensor(bias).to(device, type).clone(at::MemoryFormat::Contiguous)});
      state->layers.push_back(slot.layer);
    }
    const auto& metadata = file.metadata();
    const auto preprocessing = metadata.find("preprocessing");
    state->blue_first = preprocessing != metadata.end() && preprocessing->second == "caffe";
    const auto numbers = torch::dtype(type == torch::kFloat64 ? torch::kFloat64 : torch::kFloat32).device(device);
    const auto three = [&](double a, double b, double c) {
      return torch::tensor({a, b, c}, numbers).view({1, 3, 1, 1});
    };
    if (state->blue_first) {
      state->mean = three(103.939, 116.779, 123.68) / 255;
      state->scale = three(255, 255, 255);
    } else {
      state->mean = three(0.485, 0.456, 0.406);
      state->scale = 1 / three(0.229, 0.224, 0.225);
    }
    return Vgg19(state);
  });
}

const std::vector<std::string>& Vgg19::layers() const {
  return state_->layers;
}

bool Vgg19::has(const std::string& layer) const {
  return std::find(layers().begin(), layers().end(), layer) != layers().end();
}

int64_t Vgg19::channels(const std::string& layer) const {
  return state_->convolutions.at(slot_index(layer)).weight.size(0);
}

int64_t Vgg19::parameters() const {
  int64_t count = 0;
  for (const auto& one : state_->convolutions) count += one.weight.numel() + one.bias.numel();
  return count;
}

bool Vgg19::caffe() const {
  return state_->blue_first;
}
torch::Device Vgg19::device() const {
  return state_->device;
}
torch::ScalarType Vgg19::type() const {
  return state_->type;
}

std::vector<torch::Tensor> Vgg19::features(const torch::Tensor& pixels, const std::vector<std::string>& wanted,
                                           const FeatureUse& use, std::stop_token stop) const {
  size_t last = 0;
  std::vector<int> place(slots().size(), -1);
  for (size_t i = 0; i < wanted.size(); ++i) {
    const size_t slot = slot_index(wanted[i]);
    if (slot >= state_->convolutions.size())
      throw Failure(ErrorCode::bad_argument, format_text(_("The encoder has no layer “%s”."), wanted[i].c_str()),
                    _("Choose one of its layers, or install a larger VGG19."));
    place[slot] = int(i);
    last = std::max(last, slot);
  }
  std::vector<torch::Tensor> found(wanted.size());
  if (wanted.empty()) return found;
  auto x = state_->input(pixels);
  for (size_t i = 0; i <= last; ++i) {
    if (stop.stop_requested()) throw Cancelled();
    const auto& [weight, bias] = state_->convolutions[i];
    if (slots()[i].first_of_block && i > 0) x = pooled(x, use);
    const bool replicate = i == 0 && use.replicate_first;
    if (replicate) x = torch::replication_pad2d(x, {1, 1, 1, 1});
    x = torch::conv2d(x, weight, bias, 1, replicate ? 0 : 1);
    const bool tapped = place[i] >= 0;
    if (tapped && !use.after_relu) {
      found[size_t(place[i])] = x;
      if (i == last) break;
      x = torch::relu(x);
    } else {
      x = torch::relu_(x);
      if (tapped) found[size_t(place[i])] = x;
    }
  }
  return found;
}

int64_t Vgg19::stride(const std::string& layer) {
  return int64_t(1) << (slots()[slot_index(layer)].block - 1);
}

int64_t Vgg19::reach(const std::string& layer) {
  int64_t pixels = 0;
  for (size_t i = 0, last = slot_index(layer); i <= last; ++i) pixels += stride(slots()[i].layer);
  return pixels;
}

double Vgg19::bytes_per_pixel(const std::string& last, const FeatureUse& use, bool with_gradient) const {
  const auto element = double(torch::elementSize(state_->type));
  const auto widest = double(state_->convolutions.front().weight.size(0));
  double bytes = 3 * element * 4;
  for (size_t i = 0, end = slot_index(last); i <= end; ++i) {
    const auto positions = 1 / double(stride(slots()[i].layer) * stride(slots()[i].layer));
    const auto outputs = double(state_->convolutions[i].weight.size(0)) * positions;
    bytes += outputs * element * (use.after_relu ? 1 : 1.25);
    if (slots()[i].first_of_block && i > 0) {
      const double pooled_values = double(state_->convolutions[i].weight.size(1)) * positions;
      bytes += pooled_values * (element + (use.pooling == Pooling::maximum ? 8
                                           : use.pooling == Pooling::l2    ? element * 8
                                                                           : 0));
    }
  }
  // Gradients of one layer's input and output, and what the style terms take beside them.
  return bytes + widest * element * (with_gradient ? 3 : 1);
}

}  // namespace pinxit
