// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/precision.h"

#include <torch/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "engine/compute/convolutions_choice.h"

namespace pinxit {
namespace {

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::function<void()> through_libtorch(const torch::Tensor& picture, const torch::Tensor& weight) {
  return [=] { at::conv2d(picture, weight).select(1, 0).to(torch::kFloat32).sum().item<float>(); };  // waits for a GPU
}

/// The same convolution by our own library; `picture` is float32, channels last.
std::function<void()> through_our_own(const torch::Tensor& picture, const torch::Tensor& weight) {
  const convolve::ConvolutionShape shape{.inputs = weight.size(1), .outputs = weight.size(0)};
  const convolve::Weights weights(shape, weight.contiguous().data_ptr<float>());
  const auto plan = convolve::plan_picture(shape, picture.size(3), picture.size(2), convolution_options());
  const auto out = torch::empty({picture.size(2), picture.size(3), shape.outputs});
  return [=] {
    convolve::run(plan, weights, {.data = picture.data_ptr<float>()}, {.data = out.data_ptr<float>()},
                  convolution_workspace(plan.workspace_floats), engine_threads());
  };
}

}  // namespace

bool bf16_pays(torch::Device device, int64_t channels) {
  // Nets this narrow spend their time between the convolutions, and there bfloat16 has nothing to give.
  if (channels < 64) return false;
  static std::mutex mutex;
  static std::map<std::pair<std::string, int64_t>, bool> known;
  const std::lock_guard lock(mutex);
  const auto key = std::make_pair(device.str(), channels);
  if (const auto found = known.find(key); found != known.end()) return found->second;
  const c10::InferenceMode no_gradients;
  const int64_t side = 66;
  const auto options = torch::dtype(torch::kFloat32).device(device);
  const auto picture = torch::ones({1, channels, side, side}, options).contiguous(at::MemoryFormat::ChannelsLast);
  const auto weight = torch::ones({channels, channels, 3, 3}, options).contiguous(at::MemoryFormat::ChannelsLast);
  const auto half_picture = picture.to(torch::kBFloat16), half_weight = weight.to(torch::kBFloat16);
  // In turn, and the best of each: what else the machine does must not decide.
  const auto in_f32 = own_convolutions(device, torch::kFloat32) ? through_our_own(picture, weight)
                                                                : through_libtorch(picture, weight);
  const auto in_bf16 = through_libtorch(half_picture, half_weight);
  double f32 = 1e9, bf16 = 1e9;
  for (int run = 0; run < 8; ++run) {
    f32 = std::min(f32, seconds_of(in_f32));
    bf16 = std::min(bf16, seconds_of(in_bf16));
  }
  return known[key] = bf16 < 0.8 * f32;
}

}  // namespace pinxit
