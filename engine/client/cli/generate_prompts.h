// SPDX-License-Identifier: Apache-2.0
//
// The prompts of one call of `pinxit generate`, and what a model would read of them.
#pragma once

#include <string>
#include <vector>

#include "engine/requests/generate.h"
#include "engine/text/captions.h"

namespace pinxit {

class Prompts {
 public:
  /// The request's prompt, or the lines of its captions file. Throws as read_captions.
  explicit Prompts(const GenerateRequest& request);

  bool captions() const { return !file_.empty(); }
  const std::vector<Caption>& list() const { return list_; }  ///< line 0: the prompt itself
  /// How messages call it: "prompt", or "FILE:LINE". Never the prompt's own words.
  std::string name(const Caption& prompt) const;
  /// The request with this prompt, as an engine takes it.
  static GenerateRequest with(GenerateRequest request, const Caption& prompt);

 private:
  std::string file_;
  std::vector<Caption> list_;
};

/// What an engine's facts of a prompt say (EngineClient::read_prompt).
struct PromptReading {
  std::string model, title;
  bool takes_prompt = true, attention = false, any_size = false;
  std::vector<std::string> sizes, words, unknown_words;  ///< sizes as "64 × 64"
  std::string left_out;
};

/// Throws Failure(protocol) for text that is no such object.
PromptReading reading_of(const std::string& facts);

/// Lines for people: the model and what it can; which words of the prompt it reads, and which not.
std::string model_text(const PromptReading& reading);
std::string prompt_text(const PromptReading& reading);

}  // namespace pinxit
