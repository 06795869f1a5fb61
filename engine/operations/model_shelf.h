// SPDX-License-Identifier: Apache-2.0
//
// Models kept warm: the last few style nets and encoders, by file, device and type.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "engine/nets/style_net.h"
#include "engine/nets/vgg19.h"
#include "engine/store/catalogue.h"

namespace pinxit {

struct ShelvedNet {
  ModelEntry entry;
  StyleNet net;
  std::string path;
  int64_t modified = 0;  ///< of the file, nanoseconds; a changed file is loaded again
  torch::Device device = torch::kCPU;
  torch::ScalarType type = torch::kFloat32;
};

struct ShelvedEncoder {
  ModelEntry entry;
  std::shared_ptr<const Vgg19> net;
  std::string path;
  int64_t modified = 0;
};

class ModelShelf {
 public:
  /// From the shelf or the disk. Throws Failure as resolve_model and load_style_net do.
  std::shared_ptr<const ShelvedNet> style_net(const ModelEntry& entry, torch::Device device, torch::ScalarType type);
  bool has(const ModelEntry& entry, torch::Device device, torch::ScalarType type) const;
  /// Throws Failure as resolve_model and Vgg19::load do.
  std::shared_ptr<const ShelvedEncoder> encoder(const ModelEntry& entry, torch::Device device, torch::ScalarType type);
  bool has_encoder(const ModelEntry& entry, torch::Device device, torch::ScalarType type) const;
  const std::list<std::shared_ptr<const ShelvedNet>>& nets() const { return nets_; }
  const std::list<std::shared_ptr<const ShelvedEncoder>>& encoders() const { return encoders_; }
  void clear() { nets_.clear(), encoders_.clear(); }

 private:
  std::list<std::shared_ptr<const ShelvedNet>> nets_;  // most recently used first
  std::list<std::shared_ptr<const ShelvedEncoder>> encoders_;
};

}  // namespace pinxit
