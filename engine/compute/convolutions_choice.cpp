// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/convolutions_choice.h"

#include <ATen/Parallel.h>

#include <cstdlib>
#include <memory>
#include <string_view>

namespace pinxit {

bool own_convolutions(torch::Device device, torch::ScalarType type) {
  const char* asked = std::getenv("PINXIT_CONVOLUTIONS");
  return device.is_cpu() && type == torch::kFloat32 && !(asked && std::string_view(asked) == "libtorch");
}

convolve::Options convolution_options() {
  convolve::Options options;
  options.threads = at::get_num_threads();
  return options;
}

const convolve::ParallelFor& engine_threads() {
  static const convolve::ParallelFor threads = [](int64_t count, const std::function<void(int64_t)>& body) {
    at::parallel_for(0, count, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) body(i);
    });
  };
  return threads;
}

float* convolution_workspace(size_t floats) {
  thread_local std::unique_ptr<float[]> kept;
  thread_local size_t size = 0;
  if (floats > size) {
    kept.reset();
    size = 0;  // should there be no memory
    kept.reset(new float[floats]);
    size = floats;
  }
  return kept.get();
}

}  // namespace pinxit
