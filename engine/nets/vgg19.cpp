// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/vgg19.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/compute/convolutions_choice.h"
#include "engine/nets/chain_loading.h"
#include "engine/nets/vgg19_state.h"

namespace pinxit {

/// All convolutions of configuration E in torchvision's numbering.
const std::vector<VggSlot>& vgg_slots() {
  static const std::vector<VggSlot> all = [] {
    constexpr std::array<int, 5> depth = {2, 2, 4, 4, 4};
    std::vector<VggSlot> made;
    int index = 0;
    for (int block = 1; block <= 5; ++block, ++index)  // the pooling takes one number
      for (int i = 1; i <= depth[size_t(block - 1)]; ++i, index += 2)
        made.push_back({"conv" + std::to_string(block) + "_" + std::to_string(i), "features." + std::to_string(index),
                        block, block > 1 && i == 1});
    return made;
  }();
  return all;
}

size_t vgg_slot(const std::string& layer) {
  for (size_t i = 0; i < vgg_slots().size(); ++i)
    if (vgg_slots()[i].layer == layer) return i;
  throw Failure(ErrorCode::bad_argument, format_text(_("“%s” is not a layer of VGG19."), layer.c_str()),
                _("Layers are called conv1_1 to conv5_4."));
}

torch::Tensor vgg_pooled(const torch::Tensor& x, const FeatureUse& use) {
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

torch::Tensor Vgg19::State::input(const torch::Tensor& pixels) const {
  auto x = pixels.to(device, mean.scalar_type());
  if (blue_first) x = x.flip(1);
  return ((x - mean) * scale).to(type).contiguous(format);
}

void Vgg19::State::prepare_own() {
  auto made = std::make_shared<OwnVgg>();
  made->set_input(mean.flatten(), scale.flatten(), blue_first);
  for (size_t i = 0; i < convolutions.size(); ++i)
    made->add(convolutions[i].weight, convolutions[i].bias, vgg_slots()[i].pooled);
  own = std::move(made);
}

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
    const bool own = own_convolutions(device, type);
    if (half || (device.is_cpu() && type == torch::kFloat32 && !own)) state->format = at::MemoryFormat::ChannelsLast;
    int64_t channels = 3;
    bool ended = false;
    for (const VggSlot& slot : vgg_slots()) {
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
    if (own) state->prepare_own();
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
  return state_->convolutions.at(vgg_slot(layer)).weight.size(0);
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
bool Vgg19::own() const {
  return state_->own != nullptr;
}

int64_t Vgg19::stride(const std::string& layer) {
  return int64_t(1) << (vgg_slots()[vgg_slot(layer)].block - 1);
}

int64_t Vgg19::reach(const std::string& layer) {
  int64_t pixels = 0;
  for (size_t i = 0, last = vgg_slot(layer); i <= last; ++i) pixels += stride(vgg_slots()[i].layer);
  return pixels;
}

double Vgg19::bytes_per_pixel(const std::string& last, const FeatureUse& use, bool with_gradient) const {
  const auto element = double(torch::elementSize(state_->type));
  const auto values_of = [&](size_t i) {
    const auto stride = double(Vgg19::stride(vgg_slots()[i].layer));
    return double(state_->convolutions[i].weight.size(0)) / (stride * stride);
  };
  const auto pooled_of = [&](size_t i) { return vgg_slots()[i].pooled ? values_of(i - 1) / 4 : 0; };
  double bytes = 3 * element * 4, most = 0;
  for (size_t i = 0, end = vgg_slot(last); i <= end; ++i) {
    const double outputs = values_of(i) * element, pooled = pooled_of(i) * element;
    const double relu_copy = use.after_relu || (own() && use.pooling == Pooling::maximum) ? 0 : outputs / 4;
    bytes += outputs;
    if (own()) {
      // Beside what is kept: a pooled input forwards; back, the slopes of an output, of its input, and of a pooling.
      const double before = i > 0 ? values_of(i - 1) * element : 3 * element;
      const double of_l2 = use.pooling == Pooling::l2 ? 6 * before : 0;
      const double back = bytes + outputs + before + pooled * 2 + relu_copy * 4 + of_l2;
      most = std::max(most, with_gradient ? back : bytes + pooled + relu_copy + of_l2);
      continue;
    }
    const double of_pooling = use.pooling == Pooling::maximum ? 8 / element : use.pooling == Pooling::l2 ? 8 : 0;
    bytes += relu_copy + pooled * (1 + of_pooling);
  }
  if (own()) return most;
  // Gradients of one layer's input and output, and what the style terms take beside them.
  return bytes + values_of(0) * element * (with_gradient ? 3 : 1);
}

int64_t Vgg19::bytes_beside(const std::string& last, int64_t width, int64_t height, bool with_gradient) const {
  return own() ? state_->own->bytes_beside(vgg_slot(last), width, height, with_gradient) : 0;
}

}  // namespace pinxit
