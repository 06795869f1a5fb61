// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/rectified_flow_words.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr std::array silent = {"a", "an", "and", "in", "of", "on", "some", "the", "with"};
constexpr std::array any_flower = {"bloom", "blooms", "blossom", "blossoms", "flower", "flowers"};

template <class Words>
bool among(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The character at `at`, which is moved behind it. Throws Failure(bad_argument).
char32_t next_character(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return i < text.size() ? uint8_t(text[i]) : 0; };
  const uint8_t first = byte(at);
  size_t length = 0;
  if (first < 0x80) length = 1;
  if (first >= 0xC2 && first < 0xE0) length = 2;
  if (first >= 0xE0 && first < 0xF0) length = 3;
  if (first >= 0xF0 && first < 0xF5) length = 4;
  char32_t character = length == 1 ? first : first & (0x7Fu >> length);
  bool sound = length > 0 && first > 0;
  for (size_t i = 1; i < length; ++i) {
    sound = sound && (byte(at + i) & 0xC0) == 0x80;
    character = (character << 6) | (byte(at + i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
  sound = sound && character >= least[length] && character <= 0x10FFFF && (character < 0xD800 || character > 0xDFFF);
  if (!sound) throw Failure(ErrorCode::bad_argument, _("The prompt is not UTF-8 text."), _("Type or paste it again."));
  at += length;
  return character;
}

bool in_words(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  const bool signs = c < 0xC0 || c == 0xD7 || c == 0xF7 || (c >= 0x2000 && c < 0x2070) || (c >= 0x3000 && c < 0x3040);
  return !signs;
}

/// Runs of letters, digits, _ and what is neither ASCII nor a sign or space; lowered; without "'s".
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool possessive = false;  // an apostrophe stands before `word`
  const auto end_word = [&](char32_t sign) {
    if (!word.empty() && !(possessive && word == "s")) words.push_back(word);
    possessive = (sign == '\'' || sign == 0x2019) && !word.empty();
    word.clear();
  };
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    const char32_t character = next_character(text, at);
    if (!in_words(character))
      end_word(character);
    else if (character >= 'A' && character <= 'Z')
      word += char(character - 'A' + 'a');
    else
      word += text.substr(start, at - start);
  }
  end_word(0);
  return words;
}

Failure damaged(const char* sentence) {
  return {ErrorCode::model_damaged, sentence, _("Download or copy the model again.")};
}

}  // namespace

Result<std::shared_ptr<const RectifiedFlowWords>> RectifiedFlowWords::make(const std::vector<std::string>& words) {
  return guarded([&] {
    std::shared_ptr<RectifiedFlowWords> made(new RectifiedFlowWords);
    if (words.size() < 2) throw damaged(_("The model's vocabulary has no words."));
    for (size_t id = 0; id < words.size(); ++id)
      if (words[id].empty() || !made->ids_.emplace(words[id], int64_t(id)).second)
        throw damaged(_("The model's vocabulary has a word twice, or an empty one."));
    made->ids_.erase(words[0]);
    made->list_ = words;
    made->size_ = int64_t(words.size());
    return std::shared_ptr<const RectifiedFlowWords>(std::move(made));
  });
}

int64_t RectifiedFlowWords::id_of(const std::string& word) const {
  const auto listed = [&](const std::string& form) {
    const auto found = ids_.find(form);
    return found == ids_.end() ? -1 : found->second;
  };
  if (const int64_t id = listed(word); id >= 0) return id;
  for (const auto& [ending, singular] : {std::pair("ies", "y"), std::pair("es", ""), std::pair("s", "")})
    if (word.ends_with(ending))
      if (const int64_t id = listed(word.substr(0, word.size() - std::string_view(ending).size()) + singular); id >= 0)
        return id;
  return -1;
}

PromptTokens RectifiedFlowWords::read(const std::string& prompt) const {
  PromptTokens tokens;
  const auto add = [&](int64_t id, const std::string& word) {
    if (among(tokens.words, word)) return;
    tokens.ids.push_back(id);
    tokens.words.push_back(word);
  };
  for (const auto& word : words_of(prompt)) {
    if (const int64_t id = id_of(word); id > 0)
      add(id, list_[size_t(id)]);
    else if (among(any_flower, word))
      add(0, word);
    else if (!among(silent, word) && !among(tokens.unknown_words, word))
      tokens.unknown_words.push_back(word);
  }
  return tokens;
}

}  // namespace pinxit
