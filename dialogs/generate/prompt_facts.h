// SPDX-License-Identifier: Apache-2.0
//
// What a model would read of a prompt, out of the engine's facts (EngineClient::read_prompt), and what the painter is
// told of it. No GTK here.
//
//     const PromptFacts facts = prompt_facts(outcome.facts);
//     if (!facts.unknown_words.empty()) label.set(unread_sentence(facts));
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pinxit {

/// Fields that are missing are as here.
struct PromptFacts {
  std::string model_title;
  bool takes_prompt = true;
  bool attention = false;  ///< the model can tell which word counted where
  bool any_size = false;   ///< it paints each size by itself; else pictures are scaled
  std::vector<int64_t> sides;  ///< longest sides of the pictures it paints on its way, the last is the result's
  std::vector<std::string> words, unknown_words;
  std::string left_out;  ///< the end of a prompt that is too long
};

PromptFacts prompt_facts(const std::string& json);

/// Which words are left out, in one or two sentences; empty where all are read.
std::string unread_sentence(const PromptFacts& facts);

}  // namespace pinxit
