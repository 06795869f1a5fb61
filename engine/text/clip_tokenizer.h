// SPDX-License-Identifier: Apache-2.0
//
// CLIP's tokenizer (Radford et al., arXiv 2103.00020): composed and lower-cased text, cut into words, single digits
// and runs of signs, each encoded with byte pairs whose last symbol marks the end of the word.
//
//     auto tokenizer = ClipTokenizer::load("merges.txt").take();
//     tokenizer->read("A white flower").ids;              // start, three words, end
//     tokenizer->padded(tokenizer->read("…"), 49407);     // 77 ids, as diffusion models take them
//
// Accents are composed and white space is evened out as transformers' CLIPTokenizer does it; HTML is not unescaped and
// broken encodings are not mended, as openai/CLIP would.
#pragma once

#include <memory>

#include "engine/text/byte_pairs.h"
#include "engine/text/tokenizer.h"
#include "engine/text/unicode.h"

namespace pinxit {

class ClipTokenizer : public Tokenizer {
 public:
  static constexpr size_t positions = 77;  ///< start and end among them

  /// merges.txt, or openai/CLIP's bpe_simple_vocab_16e6.txt.gz. A shorter list makes a smaller vocabulary.
  /// Errors: as BytePairs::load.
  static Result<std::shared_ptr<const ClipTokenizer>> load(const std::string& merges);

  /// start, at most 75 ids, end. Nothing is unknown to bytes; the text beyond 75 ids is in `left_out`, from the first
  /// word that did not fit or not wholly.
  PromptTokens read(const std::string& prompt) const override;
  int64_t size() const override { return pairs_.size() + 2; }

  int64_t start() const { return pairs_.size(); }    ///< <|startoftext|>, 49406
  int64_t end() const { return pairs_.size() + 1; }  ///< <|endoftext|>, 49407
  /// The ids of the whole text, without start, end and limit.
  std::vector<int64_t> ids(const std::string& text) const;
  /// `tokens.ids` and `pad` up to 77.
  static std::vector<int64_t> padded(const PromptTokens& tokens, int64_t pad);

 private:
  explicit ClipTokenizer(BytePairs pairs);
  std::vector<int64_t> ids_of_piece(std::string_view piece) const;
  BytePairs pairs_;
  Pattern pieces_, white_space_;
};

}  // namespace pinxit
