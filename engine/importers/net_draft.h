// SPDX-License-Identifier: Apache-2.0
//
// What the recognisers share: a checkpoint's tensors by name, and those that have been taken for our net.
//
//     NetDraft draft(checkpoint, "TransformerNet");
//     if (!draft.has("conv1.conv2d.weight")) return std::nullopt;      // another network
//     draft.take("in1.weight", {-1}, "in1.scale");                     // throws where it is missing or misshapen
//     return std::move(draft).finished("transformernet", "fast-style");
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/importers/recognise.h"

namespace pinxit {

class NetDraft {
 public:
  /// "module." (DataParallel) is taken off all names where all have it. `checkpoint` must outlive the draft.
  NetDraft(const Checkpoint& checkpoint, std::string title);

  const StoredTensor* find(const std::string& name) const;
  bool has(const std::string& name) const { return find(name) != nullptr; }
  /// True where the tensor is there and has this shape; -1 stands for any length of 1 or more.
  bool has(const std::string& name, const std::vector<int64_t>& shape) const;
  const Checkpoint& checkpoint() const { return checkpoint_; }

  /// Takes `source` (default: `name`) as `name`; gives its first length. Throws Failure(model_damaged).
  int64_t take(const std::string& name, const std::vector<int64_t>& shape, const std::string& source = {});
  /// Takes a tensor that was turned or reshaped; `source` is where it came from.
  void take_as(StoredTensor tensor, const StoredTensor& source);
  /// Takes everything that `wanted` says yes to (default: all), under its own name.
  void take_all(bool (*wanted)(const StoredTensor&) = nullptr);

  RecognisedNet finished(std::string kind, std::string operation = {}, std::string part = {}) &&;

 private:
  const Checkpoint& checkpoint_;
  std::vector<std::string> names_;  ///< in the order of the checkpoint's tensors
  std::map<std::string, const StoredTensor*> by_name_;
  std::map<const StoredTensor*, bool> taken_;
  RecognisedNet net_;
};

bool fits(const std::vector<int64_t>& shape, const std::vector<int64_t>& pattern);

using Recogniser = std::optional<RecognisedNet> (*)(const Checkpoint&);
std::optional<RecognisedNet> recognise_transformernet(const Checkpoint& checkpoint);
std::optional<RecognisedNet> recognise_slimnet(const Checkpoint& checkpoint);
std::optional<RecognisedNet> recognise_vgg19(const Checkpoint& checkpoint);
std::optional<RecognisedNet> recognise_rectified_flow(const Checkpoint& checkpoint);

}  // namespace pinxit
