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

namespace {

struct Workspace {
  std::unique_ptr<float[]> floats;
  size_t size = 0;
};
thread_local Workspace workspace;

}  // namespace

float* convolution_workspace(size_t floats) {
  if (floats > workspace.size) {
    release_convolution_workspace();  // also should there be no memory
    workspace.floats.reset(new float[floats]);
    workspace.size = floats;
  }
  return workspace.floats.get();
}

void release_convolution_workspace() {
  workspace = {};
}

}  // namespace pinxit
