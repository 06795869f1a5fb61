// SPDX-License-Identifier: Apache-2.0
//
// Unicode through GLib: the same on every machine, whatever its language is set to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

typedef struct _GRegex GRegex;

namespace pinxit {

/// Throws Failure(bad_argument) for text that is not UTF-8 or holds a NUL.
void check_utf8(std::string_view text);
/// Each character by itself, without regard to its place in the word; İ becomes i and a dot above.
std::string lower_case(std::string_view text);
/// Normalisation form C: letters and their accents in one character where there is one.
std::string composed(std::string_view text);

/// A pattern in PCRE2's syntax over Unicode characters.
class Pattern {
 public:
  explicit Pattern(const char* pattern);
  Pattern(Pattern&& other) noexcept;
  Pattern& operator=(Pattern&& other) noexcept;
  ~Pattern();
  /// All matches in order; views into `text`, which is UTF-8.
  std::vector<std::string_view> matches(std::string_view text) const;

 private:
  GRegex* regex_ = nullptr;
};

/// The contents of a file, unpacked where it is a gzip file. At most `limit` bytes.
/// Throws Failure: model_missing, file_unreadable, model_damaged (larger, or a broken gzip file).
std::string read_text_file(const std::string& path, size_t limit);

}  // namespace pinxit
