// SPDX-License-Identifier: Apache-2.0
#include "engine/text/byte_pairs.h"

#include <algorithm>
#include <array>
#include <queue>

#include "engine/base/text.h"
#include "engine/text/unicode.h"

namespace pinxit {
namespace {

constexpr size_t file_limit = size_t(64) << 20;  // bytes; CLIP's merges are 0.5 MB, the largest known 3 MB
constexpr const char* end_mark = "</w>";

/// Bytes in the order of their ids: those that print as themselves first.
std::array<int, 256> bytes_in_order() {
  std::array<int, 256> order{};
  size_t next = 0;
  const auto prints = [](int b) { return (b >= 33 && b <= 126) || (b >= 161 && b <= 255 && b != 173); };
  for (int b = 0; b < 256; ++b)
    if (prints(b)) order[next++] = b;
  for (int b = 0; b < 256; ++b)
    if (!prints(b)) order[next++] = b;
  return order;
}

/// How a merges file writes the byte with this id: itself, or one of the characters from U+0100 on. UTF-8.
std::string written(size_t id, int byte) {
  constexpr size_t printing = 188;
  const int code = id < printing ? byte : int(256 + id - printing);
  if (code < 0x80) return std::string(1, char(code));
  return {char(0xC0 | code >> 6), char(0x80 | (code & 0x3F))};
}

uint64_t key(int32_t left, int32_t right) {
  return uint64_t(uint32_t(left)) << 32 | uint32_t(right);
}

Failure damaged(const std::string& path, size_t line) {
  return {ErrorCode::model_damaged,
          format_text(_("“%s” is not a list of merges: line %zu makes no sense."), path.c_str(), line),
          _("Download or copy the file again.")};
}

}  // namespace

Result<BytePairs> BytePairs::load(const std::string& path, Kind kind) {
  return guarded([&] {
    const std::string text = read_text_file(path, file_limit);
    BytePairs pairs;
    pairs.end_of_word_ = kind.end_of_word;
    pairs.byte_ids_.resize(256);
    std::unordered_map<std::string, int32_t> symbols;
    const auto order = bytes_in_order();
    for (size_t id = 0; id < order.size(); ++id) {
      pairs.byte_ids_[size_t(order[id])] = int32_t(id);
      symbols.emplace(written(id, order[id]), int32_t(id));
    }
    if (kind.end_of_word)
      for (size_t id = 0; id < order.size(); ++id)
        symbols.emplace(written(id, order[id]) + end_mark, int32_t(256 + id));

    auto next = int32_t(symbols.size());
    const int32_t first = next;
    size_t line = 0;
    for (size_t at = 0; at < text.size() && size_t(next - first) < kind.merges;) {
      const size_t end = std::min(text.find('\n', at), text.size());
      std::string_view row(text.data() + at, end - at);
      at = end + 1;
      if (row.ends_with('\r')) row.remove_suffix(1);
      if ((++line == 1 && row.find("#version") != row.npos) || row.empty()) continue;
      const size_t space = row.find(' ');
      if (space == row.npos) throw damaged(path, line);
      const auto left = symbols.find(std::string(row.substr(0, space)));
      const auto right = symbols.find(std::string(row.substr(space + 1)));
      if (left == symbols.end() || right == symbols.end()) throw damaged(path, line);
      if (!pairs.merges_.emplace(key(left->second, right->second), Merge{next - first, next}).second)
        throw damaged(path, line);
      symbols.emplace(left->first + right->first, next++);
    }
    if (next == first) throw damaged(path, line);
    pairs.size_ = next;
    return pairs;
  });
}

std::vector<int64_t> BytePairs::ids(std::string_view piece) const {
  struct Symbol {
    int32_t id;
    int64_t before, after;  ///< neighbours; -1: none
  };
  struct Candidate {
    int32_t rank, id;
    int64_t left, right;
    int32_t left_id, right_id;  ///< as they were: a candidate whose symbols changed since is void
    bool operator<(const Candidate& other) const { return rank != other.rank ? rank > other.rank : left > other.left; }
  };
  const auto size = int64_t(piece.size());
  std::vector<Symbol> symbols;
  for (int64_t i = 0; i < size; ++i)
    symbols.push_back({byte_ids_[static_cast<unsigned char>(piece[size_t(i)])], i - 1, i + 1 < size ? i + 1 : -1});
  if (end_of_word_ && size) symbols.back().id += 256;

  std::priority_queue<Candidate> queue;
  const auto consider = [&](int64_t left, int64_t right) {
    if (left < 0 || right < 0) return;
    const auto found = merges_.find(key(symbols[size_t(left)].id, symbols[size_t(right)].id));
    if (found != merges_.end())
      queue.push(
          {found->second.rank, found->second.id, left, right, symbols[size_t(left)].id, symbols[size_t(right)].id});
  };
  for (int64_t i = 0; i + 1 < size; ++i) consider(i, i + 1);
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Symbol& left = symbols[size_t(best.left)];
    Symbol& right = symbols[size_t(best.right)];
    if (left.id != best.left_id || right.id != best.right_id || left.after != best.right) continue;
    left.id = best.id;
    left.after = right.after;
    right.id = -1;
    if (left.after >= 0) symbols[size_t(left.after)].before = best.left;
    consider(left.before, best.left);
    consider(best.left, left.after);
  }
  std::vector<int64_t> ids;
  for (int64_t i = size ? 0 : -1; i >= 0; i = symbols[size_t(i)].after) ids.push_back(symbols[size_t(i)].id);
  return ids;
}

}  // namespace pinxit
