// SPDX-License-Identifier: Apache-2.0
#include "engine/text/clip_tokenizer.h"

#include <algorithm>

namespace pinxit {
namespace {

constexpr size_t clip_merges = 49152 - 256 - 2;  // openai's list is longer, the rest is not part of the vocabulary
constexpr const char* start_mark = "<|startoftext|>";
constexpr const char* end_mark = "<|endoftext|>";
constexpr const char* pieces =
    R"(<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+)";

}  // namespace

ClipTokenizer::ClipTokenizer(BytePairs pairs) : pairs_(std::move(pairs)), pieces_(pieces), white_space_(R"(\S+)") {}

Result<std::shared_ptr<const ClipTokenizer>> ClipTokenizer::load(const std::string& merges) {
  return guarded([&] {
    auto pairs = BytePairs::load(merges, {.end_of_word = true, .merges = clip_merges});
    if (!pairs) throw Failure(pairs.error());
    return std::shared_ptr<const ClipTokenizer>(new ClipTokenizer(std::move(*pairs)));
  });
}

std::vector<int64_t> ClipTokenizer::ids_of_piece(std::string_view piece) const {
  if (piece == start_mark) return {start()};
  if (piece == end_mark) return {end()};
  return pairs_.ids(piece);
}

std::vector<int64_t> ClipTokenizer::ids(const std::string& text) const {
  check_utf8(text);
  const std::string clean = lower_case(composed(text));
  std::vector<int64_t> all;
  for (const auto piece : pieces_.matches(clean))
    for (const int64_t id : ids_of_piece(piece)) all.push_back(id);
  return all;
}

PromptTokens ClipTokenizer::read(const std::string& prompt) const {
  check_utf8(prompt);
  const std::string clean = lower_case(composed(prompt));
  PromptTokens tokens;
  tokens.ids = {start()};
  for (const auto piece : pieces_.matches(clean)) {
    const auto ids = ids_of_piece(piece);
    const size_t room = positions - 1 - tokens.ids.size();
    tokens.ids.insert(tokens.ids.end(), ids.begin(), ids.begin() + ptrdiff_t(std::min(ids.size(), room)));
    if (ids.size() <= room) tokens.words.emplace_back(piece);
    if (ids.size() > room) {
      const auto rest = std::string_view(clean).substr(size_t(piece.data() - clean.data()));
      for (const auto word : white_space_.matches(rest))
        (tokens.left_out += tokens.left_out.empty() ? "" : " ") += word;
      break;
    }
  }
  tokens.ids.push_back(end());
  return tokens;
}

std::vector<int64_t> ClipTokenizer::padded(const PromptTokens& tokens, int64_t pad) {
  auto ids = tokens.ids;
  ids.resize(positions, pad);
  return ids;
}

}  // namespace pinxit
