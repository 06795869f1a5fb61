// SPDX-License-Identifier: Apache-2.0
//
// safetensors files, read through mmap. Format: 8 bytes little-endian header length N, N bytes of JSON
// {name: {dtype, shape, data_offsets}}, then the data. Every rule of the format is checked before a tensor is handed
// out (lengths, ranges, overlaps, holes, duplicate names, dtypes, shape × size = range, UTF-8), because files come
// from strangers. LibTorch and the standard library only.
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

/// Writes tensors (any device, made contiguous) with 8-byte aligned data; temp file + rename.
Status save_safetensors(const std::string& path, const std::map<std::string, torch::Tensor>& tensors,
                        const std::map<std::string, std::string>& metadata = {});

}  // namespace pinxit
