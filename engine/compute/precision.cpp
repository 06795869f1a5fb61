// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/precision.h"

#include <torch/torch.h>

#include <chrono>
#include <map>
#include <mutex>
#include <utility>

namespace pinxit {
namespace {

double seconds_of(const torch::Tensor& picture, const torch::Tensor& weight) {
  const auto start = std::chrono::steady_clock::now();
  at::conv2d(picture, weight).select(1, 0).to(torch::kFloat32).sum().item<float>();  // waits for a GPU too
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
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
  double f32 = 1e9, bf16 = 1e9;
  for (int run = 0; run < 8; ++run) {
    f32 = std::min(f32, seconds_of(picture, weight));
    bf16 = std::min(bf16, seconds_of(half_picture, half_weight));
  }
  return known[key] = bf16 < 0.8 * f32;
}

}  // namespace pinxit
