// SPDX-License-Identifier: Apache-2.0
#include "engine/text/word_tokenizer.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/text/lines.h"

namespace pinxit {
namespace {

constexpr size_t file_limit = size_t(16) << 20;  // bytes

std::string ascii_of(std::string_view word) {
  std::string ascii;
  std::copy_if(word.begin(), word.end(), std::back_inserter(ascii), [](char c) { return (c & 0x80) == 0; });
  return ascii;
}

}  // namespace

WordTokenizer::WordTokenizer() : words_(R"([\p{L}\p{N}_]+)") {}

Result<std::shared_ptr<const WordTokenizer>> WordTokenizer::make(const std::vector<std::string>& words, size_t limit) {
  return guarded([&] {
    std::shared_ptr<WordTokenizer> made(new WordTokenizer);
    for (size_t id = 0; id < words.size(); ++id)
      if (!made->ids_.emplace(words[id], int64_t(id)).second)
        throw Failure(ErrorCode::model_damaged,
                      format_text(_("The model's vocabulary has the word “%s” twice."), words[id].c_str()),
                      _("Download or copy the model again."));
    if (words.size() < 2)
      throw Failure(ErrorCode::model_damaged, _("The model's vocabulary has no words."),
                    _("Download or copy the model again."));
    made->size_ = int64_t(words.size());
    made->limit_ = limit;
    return std::shared_ptr<const WordTokenizer>(std::move(made));
  });
}

Result<std::shared_ptr<const WordTokenizer>> WordTokenizer::load(const std::string& path, size_t limit) {
  return guarded([&] {
    std::vector<std::string> words;
    for (auto& line : text_lines(read_text_file(path, file_limit))) words.push_back(std::move(line));
    return make(words, limit).take();
  });
}

PromptTokens WordTokenizer::read(const std::string& prompt) const {
  check_utf8(prompt);
  const std::string clean = lower_case(prompt);
  PromptTokens tokens;
  for (const auto word : words_.matches(clean)) {
    const std::string ascii = ascii_of(word);
    const auto found = ids_.find(ascii);
    if (found == ids_.end() || found->second == 0) {
      const std::string& shown = ascii.empty() ? std::string(word) : ascii;
      if (std::find(tokens.unknown_words.begin(), tokens.unknown_words.end(), shown) == tokens.unknown_words.end())
        tokens.unknown_words.push_back(shown);
    } else if (tokens.ids.size() == limit_) {
      (tokens.left_out += tokens.left_out.empty() ? "" : " ") += ascii;
    } else {
      tokens.ids.push_back(found->second);
      tokens.words.push_back(ascii);
    }
  }
  return tokens;
}

}  // namespace pinxit
