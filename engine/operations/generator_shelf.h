// SPDX-License-Identifier: Apache-2.0
//
// Models that paint from text, kept warm: the last two, by files, device and type.
//
//     auto kept = shelf.generator(choose_generator("auto", settings), torch::kCPU, torch::kFloat32);
//     kept->model->run(order, …);        // the next prompt finds the model here
#pragma once

#include <list>
#include <memory>
#include <string>
#include <vector>

#include "engine/nets/text_to_image.h"
#include "engine/operations/generator_files.h"

namespace pinxit {

struct ShelvedGenerator {
  GeneratorFiles files;
  std::shared_ptr<const TextToImage> model;
  torch::Device device = torch::kCPU;
  torch::ScalarType type = torch::kFloat32;
  std::vector<int64_t> modified;  ///< of files.all(); a model with a changed file is loaded again
};

class GeneratorShelf {
 public:
  /// From the shelf or the disk. Throws Failure as load_text_to_image does, and out_of_memory.
  std::shared_ptr<const ShelvedGenerator> generator(const GeneratorFiles& files, torch::Device device,
                                                    torch::ScalarType type);
  bool has(const GeneratorFiles& files, torch::Device device, torch::ScalarType type) const;
  const std::list<std::shared_ptr<const ShelvedGenerator>>& generators() const { return generators_; }
  void clear() { generators_.clear(); }

 private:
  std::list<std::shared_ptr<const ShelvedGenerator>> generators_;  // most recently used first
};

}  // namespace pinxit
