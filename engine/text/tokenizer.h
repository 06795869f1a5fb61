// SPDX-License-Identifier: Apache-2.0
//
// From a prompt to the numbers a text encoder takes.
//
//     std::shared_ptr<const Tokenizer> tokenizer = ClipTokenizer::load("merges.txt").take();
//     PromptTokens tokens = tokenizer->read("A white flower");
//     tokens.ids              // 49406 320 1579 4055 49407
//     tokens.unknown_words    // to be shown before the run
//
// Tokenizers never change after loading: any thread may use one. This header needs the standard library alone, so nets
// can be built where GLib is missing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pinxit {

struct PromptTokens {
  std::vector<int64_t> ids;                ///< of the vocabulary, with start and end where the encoder wants them
  std::vector<std::string> words;          ///< what was read, in order; a vocabulary of words: one for each id
  std::vector<std::string> unknown_words;  ///< not in the vocabulary and therefore not read, each once
  std::string left_out;                    ///< the end of the prompt beyond the limit; empty: all was read
};

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  /// Any UTF-8 text; other bytes throw Failure(bad_argument). A prompt of which nothing can be read gives no `words`.
  virtual PromptTokens read(const std::string& prompt) const = 0;
  /// Ids are 0 … size - 1.
  virtual int64_t size() const = 0;
};

}  // namespace pinxit
