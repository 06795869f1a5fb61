// SPDX-License-Identifier: Apache-2.0
//
// The prompts a painter has generated from: private, on this machine only, and clearable.
//
//     PromptHistory history;
//     history.add({request.prompt, request.vary_prompt, request.keep_prompt});
//     for (const KeptPrompt& one : history.prompts()) …                // newest first
//     if (auto newest = history.newest()) request.prompt = newest->prompt;   // Repeat
//     history.clear();
//
// One JSON file of mode 0600 in the user's data folder ($XDG_DATA_HOME/pinxit/prompts.json, or below
// PINXIT_DATA_DIR_USER). Processes take turns to change it, and a reader sees it before or after a change, never half.
// Prompts that are there already move to the front; the oldest go when there are more than `most`. No GTK here; any
// thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace pinxit {

struct KeptPrompt {
  std::string prompt;
  std::string vary_prompt;  ///< of the other end, where pictures varied along text; else empty
  bool keep = true;         ///< it may stay with layers, also when they are made by Repeat
  /// The same prompts, whether they may stay or not.
  bool operator==(const KeptPrompt& other) const { return prompt == other.prompt && vary_prompt == other.vary_prompt; }
};

class PromptHistory {
 public:
  static constexpr size_t most = 100;

  /// Empty folder: the user's.
  explicit PromptHistory(std::string folder = {});

  /// Newest first; none where the file is missing or is none of ours.
  std::vector<KeptPrompt> prompts() const;
  std::optional<KeptPrompt> newest() const;
  /// Surrounding white space does not count; a blank prompt is not kept. Errors: file_unwritable.
  Status add(const KeptPrompt& prompt) const;
  /// `keep` of a prompt that is there; another one changes nothing. Errors: file_unwritable.
  Status set_keep(const KeptPrompt& prompt) const;
  /// Errors: file_unwritable.
  Status clear() const;

  const std::string& file() const { return file_; }

 private:
  void write(const std::vector<KeptPrompt>& prompts) const;

  std::string folder_, file_;
};

}  // namespace pinxit
