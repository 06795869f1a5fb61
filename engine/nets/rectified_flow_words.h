// SPDX-License-Identifier: Apache-2.0
//
// The words of a net that knows only some: those in its file, and nothing else. In text/ there is a tokenizer for
// vocabularies of thousands of words; this one needs no GLib and forgives more, as every word of a short list counts.
//
//     auto words = RectifiedFlowWords::make({"<end>", "red", "tulip", "lily", "valley"}).take();
//     words->read("Red tulips, please!").words            // red, tulip
//     words->read("Red tulips, please!").unknown_words    // please
//     words->read("a lily of the valley").words           // lily, valley: articles say nothing and are no unknown
//     words words->read("a flower").ids                         // 0: any
//
// Letters of ASCII are lowered; "tulips", "daisies" and "tulip's" are known where the singular is.
#pragma once

#include <memory>
#include <unordered_map>

#include "engine/base/error.h"
#include "engine/text/tokenizer.h"

namespace pinxit {

class RectifiedFlowWords : public Tokenizer {
 public:
  /// `words` by id; word 0 stands for nothing. Errors: model_damaged (a word twice, an empty one, or none).
  static Result<std::shared_ptr<const RectifiedFlowWords>> make(const std::vector<std::string>& words);

  /// Each word once, in order, as the list has it; those that only say "flower" are id 0. No limit.
  PromptTokens read(const std::string& prompt) const override;
  int64_t size() const override { return size_; }

 private:
  RectifiedFlowWords() = default;
  /// -1: not in the list.
  int64_t id_of(const std::string& word) const;
  std::vector<std::string> list_;
  std::unordered_map<std::string, int64_t> ids_;
  int64_t size_ = 0;
};

}  // namespace pinxit
