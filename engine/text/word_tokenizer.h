// SPDX-License-Identifier: Apache-2.0
//
// A vocabulary of whole words, as AttnGAN has it (Xu et al., arXiv 1711.10485): lower case, words are runs of letters,
// digits and _, characters outside ASCII are taken out of them, and what is not in the vocabulary is not read.
//
//     auto tokenizer = WordTokenizer::make(words).take();       // words[0] is "<end>", which stands for no word
//     auto tokens = tokenizer->read("This tiny bird's crown is blue!");
//     tokens.words            // this bird s crown is blue, one for each id
//     tokens.unknown_words    // tiny
#pragma once

#include <memory>
#include <unordered_map>

#include "engine/base/error.h"
#include "engine/text/tokenizer.h"
#include "engine/text/unicode.h"

namespace pinxit {

class WordTokenizer : public Tokenizer {
 public:
  static constexpr size_t usual_limit = 25;  ///< words, WORDS_NUM of AttnGAN's birds

  /// `words` by id; id 0 is never given out. Errors: model_damaged (a word twice, or none).
  static Result<std::shared_ptr<const WordTokenizer>> make(const std::vector<std::string>& words,
                                                           size_t limit = usual_limit);
  /// A text file with a word a line, plain or gzip; the first line is word 0.
  /// Errors: model_missing, file_unreadable, model_damaged.
  static Result<std::shared_ptr<const WordTokenizer>> load(const std::string& path, size_t limit = usual_limit);

  /// At most `limit` known words; later ones are in `left_out`.
  PromptTokens read(const std::string& prompt) const override;
  int64_t size() const override { return size_; }

 private:
  WordTokenizer();
  std::unordered_map<std::string, int64_t> ids_;
  int64_t size_ = 0;
  size_t limit_ = usual_limit;
  Pattern words_;
};

}  // namespace pinxit
