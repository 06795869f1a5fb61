// SPDX-License-Identifier: Apache-2.0
//
// safetensors files as LibTorch's tensors, read through mmap; every rule of the format is checked
// (engine/base/safetensors_header.h). LibTorch and the standard library only.
//
//     const Safetensors file = Safetensors::open(path).take();
//     const torch::Tensor weight = file.tensor("features.0.weight");
#pragma once

#include <torch/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace pinxit {

class Safetensors {
 public:
  /// Errors: file_unreadable, model_damaged (with the rule that was broken).
  static Result<Safetensors> open(const std::string& path);

  std::vector<std::string> names() const;  ///< in the order of the data
  bool has(const std::string& name) const;
  /// Borrowed from the mapping (kept alive by the tensor) where aligned, else a copy. CPU, the file's own dtype.
  /// Throws Failure(model_damaged) when there is no such tensor.
  torch::Tensor tensor(const std::string& name) const;
  std::vector<int64_t> shape(const std::string& name) const;
  const std::map<std::string, std::string>& metadata() const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace pinxit
