// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/vgg19_own.h"

#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "engine/base/error.h"
#include "engine/compute/convolutions_choice.h"
#include "engine/convolve/pooling.h"
#include "engine/nets/vgg19_state.h"

namespace pinxit {
namespace {

/// Which algorithm: plain or Winograd, whichever is faster, and always the same of Winograd's two, or the prepared
/// weights of all sizes of a pyramid would be held together. Forwards F(4×4), the more exact one: a rounding error that
/// moves a value across zero, or another one to the top of a pooling, changes the gradient by far more than itself.
/// Back errors stay what they are, and F(6×6) is used but where its larger form of the weights would need much memory.
convolve::Options options_for(const convolve::ConvolutionShape& shape, int64_t width, int64_t height, bool back) {
  auto options = convolution_options();
  const auto fastest = convolve::fastest_algorithm(shape, width, height, options);
  const bool many = shape.inputs * shape.outputs > 1 << 16;
  if (fastest == convolve::Algorithm::winograd4 || fastest == convolve::Algorithm::winograd6)
    options.algorithm = back && !many ? convolve::Algorithm::winograd6 : convolve::Algorithm::winograd4;
  return options;
}

convolve::ConvolutionShape shape_for(const OwnVgg::Layer& layer, bool replicate) {
  auto shape = layer.shape;
  if (replicate) shape.border = convolve::Border::replicate;
  return shape;
}

convolve::Plan plan_forwards(const OwnVgg::Layer& layer, bool replicate, int64_t width, int64_t height) {
  const auto shape = shape_for(layer, replicate);
  return convolve::plan_picture(shape, width, height, options_for(shape, width, height, false));
}

convolve::GradientPlan plan_back(const OwnVgg::Layer& layer, bool replicate, int64_t width, int64_t height) {
  const auto shape = shape_for(layer, replicate);
  return convolve::plan_gradient(shape, width, height, options_for(layer.back.shape(), width, height, true));
}

torch::Tensor new_picture(int64_t height, int64_t width, int64_t channels) {
  return torch::empty({height, width, channels}, torch::kFloat32);
}

/// [h,w,C] seen as [1,C,h,w], and back.
torch::Tensor as_map(const torch::Tensor& x) {
  return x.permute({2, 0, 1}).unsqueeze(0);
}
torch::Tensor as_picture(const torch::Tensor& map) {
  return map[0].permute({1, 2, 0}).contiguous();
}

convolve::PictureSize size_of(const torch::Tensor& x) {
  return {.width = x.size(1), .height = x.size(0), .channels = x.size(2)};
}

convolve::Pooling kind_of(Pooling pooling) {
  return pooling == Pooling::maximum ? convolve::Pooling::maximum : convolve::Pooling::average;
}

}  // namespace

void OwnVgg::set_input(const torch::Tensor& mean, const torch::Tensor& scale, bool blue_first) {
  blue_first_ = blue_first;
  for (int64_t c = 0; c < 3; ++c) {
    const int64_t from = blue_first ? 2 - c : c;
    const double factor = scale[from].item<double>();
    scale_[size_t(c)] = float(factor);
    shift_[size_t(c)] = float(-mean[from].item<double>() * factor);
  }
}

void OwnVgg::add(const torch::Tensor& weight, const torch::Tensor& bias, bool pooled) {
  const convolve::ConvolutionShape shape{.inputs = weight.size(1), .outputs = weight.size(0)};
  if (layers_.empty()) {
    // Pixels are red first, and their gradient is that of values before the scale.
    const auto ordered = (blue_first_ ? weight.flip(1) : weight).contiguous();
    const auto scale = torch::tensor({scale_[0], scale_[1], scale_[2]}).view({1, 3, 1, 1});
    const auto scaled = (ordered * scale).contiguous();
    layers_.push_back({shape, convolve::Weights(shape, ordered.data_ptr<float>()),
                       convolve::Weights(shape, scaled.data_ptr<float>()).for_gradient(), bias, pooled});
    return;
  }
  const convolve::Weights weights(shape,
                                  std::shared_ptr<const float>(weight.data_ptr<float>(), [weight](const float*) {}));
  layers_.push_back({shape, weights, weights.for_gradient(), bias, pooled});
}

int64_t OwnVgg::bytes_beside(size_t last, int64_t width, int64_t height, bool with_gradient) const {
  size_t packed = 0, workspace = 0;
  for (size_t i = 0; i <= last; ++i) {
    if (layers_[i].pooled) width = std::max<int64_t>(width / 2, 1), height = std::max<int64_t>(height / 2, 1);
    // Repeated borders cost the way back a padded picture.
    const auto plan = plan_forwards(layers_[i], i == 0, width, height);
    packed += layers_[i].weights.packed_bytes(plan.algorithm, plan.set);
    workspace = std::max(workspace, plan.workspace_floats);
    if (!with_gradient) continue;
    const auto back = plan_back(layers_[i], i == 0, width, height);
    packed += layers_[i].back.packed_bytes(back.convolution.algorithm, back.convolution.set);
    workspace = std::max(workspace, back.workspace_floats);
  }
  return int64_t(packed + workspace * sizeof(float));
}

OwnPass::OwnPass(std::shared_ptr<const OwnVgg> net, const torch::Tensor& pixels, std::vector<int> places,
                 const FeatureUse& use, bool keep, std::stop_token stop)
    : net_(std::move(net)), places_(std::move(places)), use_(use), stop_(std::move(stop)), outputs_(places_.size()) {
  const torch::NoGradGuard no_grad;
  maps_.resize(size_t(1 + *std::max_element(places_.begin(), places_.end())));
  auto x = as_picture(pixels.detach().to(torch::kFloat32));
  height_ = x.size(0), width_ = x.size(1);
  make_plans(keep);
  bool positive = true;
  for (size_t i = 0; i < places_.size(); ++i) {
    check_stop();
    const auto& layer = net_->layers()[i];
    if (layer.pooled) x = pooled(x, positive);
    const bool tapped = places_[i] >= 0, relu = use_.after_relu || !tapped;
    const auto out = new_picture(x.size(0), x.size(1), layer.shape.outputs);
    const auto& plan = plans_[i];
    convolve::Input input{.data = x.data_ptr<float>(), .relu = !positive};
    if (i == 0) input.scale = net_->scale().data(), input.shift = net_->shift().data();
    convolve::run(plan, layer.weights, input,
                  {.data = out.data_ptr<float>(), .bias = layer.bias.data_ptr<float>(), .relu = relu},
                  convolution_workspace(plan.workspace_floats), engine_threads());
    if (keep) outputs_[i] = out;
    if (tapped) maps_[size_t(places_[i])] = as_map(out);
    x = out;
    positive = relu;
  }
}

/// Plans of all layers; the weights that they need are prepared on all threads, the largest first.
void OwnPass::make_plans(bool keep) {
  int64_t width = width_, height = height_;
  for (size_t i = 0; i < places_.size(); ++i) {
    const auto& layer = net_->layers()[i];
    const bool replicate = i == 0 && use_.replicate_first;
    if (layer.pooled) width /= 2, height /= 2;
    plans_.push_back(plan_forwards(layer, replicate, width, height));
    if (keep) back_plans_.push_back(plan_back(layer, replicate, width, height));
  }
  std::atomic<size_t> next = 0;
  engine_threads()(convolution_options().threads, [&](int64_t) {
    for (size_t i; (i = next.fetch_add(1)) < places_.size() * (keep ? 2 : 1);) {
      const size_t l = places_.size() - 1 - i % places_.size();
      const auto& layer = net_->layers()[l];
      const auto& plan = i < places_.size() ? plans_[l] : back_plans_[l].convolution;
      (i < places_.size() ? layer.weights : layer.back).packed(plan.algorithm, plan.set);
    }
  });
}

void OwnPass::check_stop() const {
  if (stop_.stop_requested()) throw Cancelled();
}

/// `positive`: x has gone through its ReLU. The largest value may go through it afterwards.
torch::Tensor OwnPass::pooled(const torch::Tensor& x, bool& positive) const {
  if (use_.pooling != Pooling::maximum && !positive) {
    positive = true;
    return pooled(x.relu(), positive);
  }
  if (use_.pooling == Pooling::l2) return as_picture(vgg_pooled(as_map(x), use_));
  const auto y = new_picture(x.size(0) / 2, x.size(1) / 2, x.size(2));
  convolve::pool(kind_of(use_.pooling), size_of(x), x.data_ptr<float>(), y.data_ptr<float>(), float(use_.pooling_scale),
                 engine_threads());
  return y;
}

/// slope = gated(way back of the pooling + slope, where `added`).
void OwnPass::pool_back(const torch::Tensor& below, const torch::Tensor& above, torch::Tensor& slope,
                        bool added) const {
  if (use_.pooling == Pooling::l2) {
    const torch::AutoGradMode with_grad(true);
    const auto leaf = as_map(below.relu()).detach().set_requires_grad(true);
    const auto way = as_picture(torch::autograd::grad({vgg_pooled(leaf, use_)}, {leaf}, {as_map(above)})[0]);
    const torch::NoGradGuard no_grad;
    if (added)
      slope.add_(way);
    else
      slope = way;
    at::threshold_backward_out(slope, slope, below, 0);
    return;
  }
  convolve::pool_gradient(
      kind_of(use_.pooling), size_of(below), below.data_ptr<float>(), above.data_ptr<float>(), slope.data_ptr<float>(),
      {.factor = float(use_.pooling_scale), .add = added ? slope.data_ptr<float>() : nullptr, .gated = true},
      engine_threads());
}

/// From the slope at layer i's output to that at its input.
void OwnPass::convolve_back(size_t i, const torch::Tensor& above, const convolve::Output& slope) const {
  const auto& layer = net_->layers()[i];
  const auto& plan = back_plans_[i];
  convolve::run_gradient(plan, layer.back, {.data = above.data_ptr<float>()}, slope,
                         convolution_workspace(plan.workspace_floats), engine_threads());
}

/// d loss / d layer i's output before its ReLU; `above`: the same of layer i + 1. Undefined: zero.
torch::Tensor OwnPass::slope_at(size_t i, const torch::Tensor& above, const Derivative& derivative) {
  const auto& below = outputs_[i];
  const bool tapped = places_[i] >= 0;
  auto slope = torch::empty_like(below);
  const bool added = tapped && use_.after_relu && derivative(size_t(places_[i]), slope);
  if (!above.defined()) {
    if (added)
      at::threshold_backward_out(slope, slope, below, 0);
    else
      slope.reset();
  } else if (net_->layers()[i + 1].pooled) {
    const auto pooled = new_picture(below.size(0) / 2, below.size(1) / 2, below.size(2));
    convolve_back(i + 1, above, {.data = pooled.data_ptr<float>()});
    pool_back(below, pooled, slope, added);
  } else {
    convolve_back(i + 1, above,
                  {.data = slope.data_ptr<float>(),
                   .add = added ? slope.data_ptr<float>() : nullptr,
                   .gate = below.data_ptr<float>()});
  }
  if (tapped && !use_.after_relu) {
    auto own = torch::empty_like(below);
    if (derivative(size_t(places_[i]), own)) slope = slope.defined() ? slope.add_(own) : own;
  }
  return slope;
}

torch::Tensor OwnPass::gradient(const Derivative& derivative, bool release) {
  const torch::NoGradGuard no_grad;
  torch::Tensor slope;
  for (size_t i = outputs_.size(); i-- > 0;) {
    check_stop();
    slope = slope_at(i, slope, derivative);
    if (!release) continue;
    outputs_[i].reset();
    if (places_[i] >= 0) maps_[size_t(places_[i])].reset();
  }
  check_stop();
  if (!slope.defined()) return torch::zeros({1, 3, height_, width_});
  const auto pixels = new_picture(height_, width_, 3);
  convolve_back(0, slope, {.data = pixels.data_ptr<float>()});
  return as_map(pixels).contiguous();
}

}  // namespace pinxit
