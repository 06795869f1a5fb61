// SPDX-License-Identifier: Apache-2.0
#include "engine/importers/net_draft.h"

#include <algorithm>

#include "engine/importers/held_bytes.h"

namespace pinxit {

bool fits(const std::vector<int64_t>& shape, const std::vector<int64_t>& pattern) {
  return std::equal(shape.begin(), shape.end(), pattern.begin(), pattern.end(),
                    [](int64_t length, int64_t wanted) { return wanted < 0 ? length > 0 : length == wanted; });
}

NetDraft::NetDraft(const Checkpoint& checkpoint, std::string title) : checkpoint_(checkpoint) {
  constexpr std::string_view prefix = "module.";
  const auto& tensors = checkpoint.tensors;
  const bool prefixed =
      std::all_of(tensors.begin(), tensors.end(), [&](const auto& tensor) { return tensor.name.starts_with(prefix); });
  for (const StoredTensor& tensor : tensors) {
    names_.push_back(tensor.name.substr(prefixed ? prefix.size() : 0));
    by_name_.emplace(names_.back(), &tensor);
  }
  net_.title = std::move(title);
}

const StoredTensor* NetDraft::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

bool NetDraft::has(const std::string& name, const std::vector<int64_t>& shape) const {
  const StoredTensor* tensor = find(name);
  return tensor && fits(tensor->shape, shape);
}

int64_t NetDraft::take(const std::string& name, const std::vector<int64_t>& shape, const std::string& source) {
  const std::string& from = source.empty() ? name : source;
  const StoredTensor* tensor = find(from);
  if (!tensor || !fits(tensor->shape, shape))
    throw Failure(ErrorCode::model_damaged,
                  format_text(tensor ? _("“%s” looks like a %s, but its tensor “%s” has an unexpected shape.")
                                     : _("“%s” looks like a %s, but its tensor “%s” is missing."),
                              checkpoint_.path.c_str(), net_.title.c_str(), fit_for_print(from).c_str()),
                  _("Use another copy of the weights file."));
  StoredTensor renamed = *tensor;
  renamed.name = name;
  take_as(std::move(renamed), *tensor);
  return shape.empty() ? 0 : tensor->shape[0];
}

void NetDraft::take_as(StoredTensor tensor, const StoredTensor& source) {
  taken_[&source] = true;
  net_.tensors.push_back(std::move(tensor));
}

void NetDraft::take_all(bool (*wanted)(const StoredTensor&)) {
  for (size_t i = 0; i < names_.size(); ++i) {
    const StoredTensor& tensor = checkpoint_.tensors[i];
    if (!wanted || wanted(tensor)) take(names_[i], tensor.shape);
  }
}

RecognisedNet NetDraft::finished(std::string kind, std::string operation, std::string part) && {
  net_.kind = std::move(kind);
  net_.operation = std::move(operation);
  net_.part = std::move(part);
  net_.metadata.emplace("architecture", net_.title);
  for (const auto& [key, value] : checkpoint_.metadata) net_.metadata.emplace(key, value);
  for (const StoredTensor& tensor : checkpoint_.tensors)
    if (!taken_.contains(&tensor)) net_.left_out.push_back(tensor.name);
  return std::move(net_);
}

}  // namespace pinxit
