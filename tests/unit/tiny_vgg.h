// SPDX-License-Identifier: Apache-2.0
//
// A VGG19 of a few channels with seeded random weights, as a file and loaded.
#pragma once

#include <torch/types.h>
#include <torch/utils.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/nets/vgg19.h"
#include "engine/weights/safetensors.h"
#include "tests/support/save_tensors.h"

namespace pinxit {

struct TinyVgg {
  std::filesystem::path folder;
  std::map<std::string, torch::Tensor> tensors;

  /// Convolutions 1 … `depth` with `widths` channels by block.
  explicit TinyVgg(size_t depth = 16, const std::vector<int64_t>& widths = {5, 6, 7, 6, 5}) {
    std::string pattern = (std::filesystem::temp_directory_path() / "pinxit-vgg-XXXXXX").string();
    folder = mkdtemp(pattern.data());
    torch::manual_seed(11);
    const std::vector<int> numbers = {0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34};
    const std::vector<size_t> blocks = {0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4};
    int64_t inputs = 3;
    for (size_t i = 0; i < depth; ++i) {
      const int64_t outputs = widths[blocks[i]];
      const std::string name = "features." + std::to_string(numbers[i]);
      tensors[name + ".weight"] = torch::randn({outputs, inputs, 3, 3}, torch::kFloat64)
                                      .mul(1.5 / std::sqrt(double(9 * inputs)))
                                      .to(torch::kFloat32);
      tensors[name + ".bias"] = torch::randn({outputs}) * 0.1;
      inputs = outputs;
    }
  }
  ~TinyVgg() { std::filesystem::remove_all(folder); }
  TinyVgg(const TinyVgg&) = delete;
  TinyVgg& operator=(const TinyVgg&) = delete;

  std::string save(const std::map<std::string, std::string>& metadata = {}) const {
    const std::string path = folder / "vgg19.safetensors";
    if (auto saved = save_safetensors(path, tensors, metadata); !saved) throw Failure(saved.error());
    return path;
  }
  std::shared_ptr<const Vgg19> load(torch::ScalarType type) const {
    return std::make_shared<const Vgg19>(Vgg19::load(save(), torch::kCPU, type).take());
  }
};

}  // namespace pinxit
