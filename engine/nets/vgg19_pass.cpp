// SPDX-License-Identifier: Apache-2.0
//
// The two ways through a Vgg19, and back: LibTorch's and our own.
#include <torch/autograd.h>
#include <torch/custom_class.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <optional>

#include "engine/base/text.h"
#include "engine/nets/vgg19_state.h"

namespace pinxit {

std::vector<int> Vgg19::State::places(const std::vector<std::string>& wanted, const torch::Tensor& pixels) const {
  size_t last = 0;
  std::vector<int> found(vgg_slots().size(), -1);
  for (size_t i = 0; i < wanted.size(); ++i) {
    const size_t slot = vgg_slot(wanted[i]);
    if (slot >= convolutions.size())
      throw Failure(ErrorCode::bad_argument, format_text(_("The encoder has no layer “%s”."), wanted[i].c_str()),
                    _("Choose one of its layers, or install a larger VGG19."));
    if (std::min(pixels.size(2), pixels.size(3)) < Vgg19::stride(wanted[i]))
      throw Failure(ErrorCode::bad_argument,
                    format_text(_("The picture is too small for the layer “%s”."), wanted[i].c_str()),
                    _("Choose a larger size."));
    found[slot] = int(i);
    last = std::max(last, slot);
  }
  found.resize(wanted.empty() ? 0 : last + 1);
  return found;
}

std::vector<torch::Tensor> Vgg19::State::features(const torch::Tensor& pixels, const std::vector<int>& places,
                                                  const FeatureUse& use, const std::stop_token& stop) const {
  std::vector<torch::Tensor> found(size_t(1 + *std::max_element(places.begin(), places.end())));
  auto x = input(pixels);
  for (size_t i = 0; i < places.size(); ++i) {
    if (stop.stop_requested()) throw Cancelled();
    const auto& [weight, bias] = convolutions[i];
    if (vgg_slots()[i].pooled) x = vgg_pooled(x, use);
    const bool replicate = i == 0 && use.replicate_first;
    if (replicate) x = torch::replication_pad2d(x, {1, 1, 1, 1});
    x = torch::conv2d(x, weight, bias, 1, replicate ? 0 : 1);
    const bool tapped = places[i] >= 0;
    if (tapped && !use.after_relu) {
      found[size_t(places[i])] = x;
      if (i + 1 == places.size()) break;
      x = torch::relu(x);
    } else {
      x = torch::relu_(x);
      if (tapped) found[size_t(places[i])] = x;
    }
  }
  return found;
}

namespace {

struct HeldPass : torch::CustomClassHolder {
  OwnPass pass;
  explicit HeldPass(OwnPass given) : pass(std::move(given)) {}
};

/// Our own pass as one step of autograd's graph.
class OwnFeatures : public torch::autograd::Function<OwnFeatures> {
 public:
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, const torch::Tensor& pixels,
                                                const std::shared_ptr<const OwnVgg>& net,
                                                const std::vector<int>& places, const FeatureUse& use,
                                                const std::stop_token& stop) {
    auto held = c10::make_intrusive<HeldPass>(OwnPass(net, pixels, places, use, true, stop));
    // Copies: what leaves here may be changed in place.
    torch::autograd::variable_list maps;
    for (const auto& map : held->pass.maps()) maps.push_back(map.clone());
    context->set_materialize_grads(false);
    context->saved_data["pass"] = c10::IValue::make_capsule(std::move(held));
    context->saved_data["type"] = int64_t(pixels.scalar_type());
    return maps;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto held = c10::static_intrusive_pointer_cast<HeldPass>(context->saved_data["pass"].toCapsule());
    const auto derivative = [&](size_t i, torch::Tensor& into) {
      if (!gradients[i].defined()) return false;
      into.copy_(gradients[i][0].permute({1, 2, 0}));
      return true;
    };
    const auto slope = held->pass.gradient(derivative, false);
    return {slope.to(torch::ScalarType(context->saved_data["type"].toInt())), {}, {}, {}, {}};
  }
};

}  // namespace

std::vector<torch::Tensor> Vgg19::features(const torch::Tensor& pixels, const std::vector<std::string>& wanted,
                                           const FeatureUse& use, std::stop_token stop) const {
  const auto places = state_->places(wanted, pixels);
  if (wanted.empty()) return {};
  if (!own()) return state_->features(pixels, places, use, stop);
  if (torch::GradMode::is_enabled() && pixels.requires_grad())
    return OwnFeatures::apply(pixels, state_->own, places, use, stop);
  return OwnPass(state_->own, pixels, places, use, false, stop).maps();
}

struct FeaturePass::State {
  std::shared_ptr<const Vgg19::State> net;
  torch::Tensor pixels;
  std::optional<OwnPass> own;
  std::vector<torch::Tensor> graph, maps;  ///< LibTorch's
  std::stop_token stop;

  torch::Tensor gradient(const Derivative& derivative) {
    std::vector<torch::Tensor> outputs, derivatives;
    for (size_t i = 0; i < graph.size(); ++i) {
      const torch::NoGradGuard no_grad;
      const auto& map = graph[i];
      auto into = torch::empty({map.size(2), map.size(3), map.size(1)}, map.options());
      if (!derivative(i, into)) continue;
      outputs.push_back(map);
      derivatives.push_back(into.permute({2, 0, 1}).unsqueeze(0));
    }
    if (stop.stop_requested()) throw Cancelled();
    if (outputs.empty()) return torch::zeros_like(pixels);
    graph.clear();
    return torch::autograd::grad(outputs, {pixels}, derivatives)[0];
  }
};

FeaturePass::FeaturePass(std::unique_ptr<State> state) : state_(std::move(state)) {}
FeaturePass::FeaturePass(FeaturePass&&) noexcept = default;
FeaturePass& FeaturePass::operator=(FeaturePass&&) noexcept = default;
FeaturePass::~FeaturePass() = default;

const std::vector<torch::Tensor>& FeaturePass::maps() const {
  return state_->own ? state_->own->maps() : state_->maps;
}

torch::Tensor FeaturePass::gradient(const Derivative& derivative) {
  if (!state_->own) return state_->gradient(derivative);
  return state_->own->gradient(derivative, true).to(state_->pixels.scalar_type());
}

FeaturePass Vgg19::pass(const torch::Tensor& pixels, const std::vector<std::string>& wanted, const FeatureUse& use,
                        std::stop_token stop) const {
  const auto places = state_->places(wanted, pixels);
  auto pass = std::make_unique<FeaturePass::State>();
  pass->net = state_;
  pass->pixels = pixels.detach();
  pass->stop = stop;
  if (wanted.empty()) return FeaturePass(std::move(pass));
  if (own()) {
    pass->own.emplace(state_->own, pixels, places, use, true, std::move(stop));
    return FeaturePass(std::move(pass));
  }
  const torch::AutoGradMode with_grad(true);
  pass->pixels = pass->pixels.requires_grad_(true);
  pass->graph = state_->features(pass->pixels, places, use, stop);
  for (const auto& map : pass->graph) pass->maps.push_back(map.detach());
  return FeaturePass(std::move(pass));
}

}  // namespace pinxit
