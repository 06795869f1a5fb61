// SPDX-License-Identifier: Apache-2.0
//
// Byte-level byte pair encoding (Sennrich, Haddow and Birch, arXiv 1508.07909, over bytes as GPT-2 does it): a piece of
// text is taken as its UTF-8 bytes, and the pairs listed in a merges file are joined, those listed first first.
//
//     auto pairs = BytePairs::load("merges.txt", {.end_of_word = true, .merges = 48894}).take();
//     pairs.ids("flower")     // {4055}
//
// The vocabulary follows from the merges: 256 bytes in GPT-2's order, these again as ends of words where the encoding
// marks them, then one token for each merge.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/error.h"

namespace pinxit {

class BytePairs {
 public:
  struct Kind {
    bool end_of_word = false;  ///< a piece's last symbol carries "</w>"
    size_t merges = SIZE_MAX;  ///< further lines of the file are not part of the encoding
  };
  /// A text file, plain or gzip: a first line with "#version" is skipped, then "LEFT RIGHT" in GPT-2's alphabet.
  /// Errors: model_missing, file_unreadable, model_damaged (with the line).
  static Result<BytePairs> load(const std::string& path, Kind kind);

  /// The ids of one piece (a word), any bytes. n bytes take n log n steps.
  std::vector<int64_t> ids(std::string_view piece) const;
  int64_t size() const { return size_; }

 private:
  struct Merge {
    int32_t rank, id;
  };
  bool end_of_word_ = false;
  int64_t size_ = 0;
  std::vector<int32_t> byte_ids_;               ///< by byte
  std::unordered_map<uint64_t, Merge> merges_;  ///< by the ids of both sides
};

}  // namespace pinxit
