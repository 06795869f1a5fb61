// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string_view>
#include <vector>

#include "engine/base/json_reader.h"
#include "engine/importers/formats.h"
#include "engine/importers/held_bytes.h"
#include "engine/importers/vocabulary.h"

namespace pinxit {
namespace {

constexpr size_t file_limit = size_t(1) << 20;

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

class SettingsReader {
 public:
  std::map<std::string, std::string> read(std::string_view text) {
    while (!text.empty()) {
      const size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      read_line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::move(settings_);
  }

 private:
  /// A map that is open, or (`items` ≥ 0) a list.
  struct Level {
    size_t indent = 0;
    std::string prefix;  ///< "TREE."
    int items = -1;
  };

  [[noreturn]] void broken() const { unsound(_("line %d of it is not understood"), line_); }
  [[noreturn]] void beyond() const { unread(_("line %d of it uses a part of YAML that is not read"), line_); }

  void read_line(std::string_view line) {
    const size_t indent = line.find_first_not_of(' ');
    if (indent == std::string_view::npos) return;
    std::string_view rest = trimmed(line.substr(indent));
    if (rest.empty() || rest.front() == '#') return;
    if (line[indent] == '\t') broken();
    if (rest.starts_with("---") && line_ == 1) return;
    if (rest.starts_with("---") || rest.starts_with("...") || rest.front() == '%') beyond();
    if (rest == "-" || rest.starts_with("- ")) return item(indent, trimmed(rest.substr(1)));
    member(indent, rest);
  }

  /// Closes what is indented more; opens a level where the last key had no value and this line is indented more.
  void enter(size_t indent, bool list) {
    if (!open_key_.empty() &&
        (levels_.empty() || indent > levels_.back().indent || (list && indent == levels_.back().indent))) {
      if (levels_.size() == 16) broken();
      levels_.push_back({indent, open_key_ + ".", list ? 0 : -1});
    } else {
      if (levels_.empty()) levels_.push_back({indent, "", -1});
      while (levels_.size() > 1 && (indent < levels_.back().indent ||
                                    (!list && indent == levels_.back().indent && levels_.back().items >= 0)))
        levels_.pop_back();
      if (levels_.back().indent != indent || (levels_.back().items >= 0) != list) broken();
    }
    open_key_.clear();
  }

  void item(size_t indent, std::string_view text) {
    enter(indent, true);
    Level& level = levels_.back();
    store(level.prefix + std::to_string(level.items++), text);
  }

  void member(size_t indent, std::string_view text) {
    enter(indent, false);
    const size_t colon = text.find(':');
    if (colon == 0 || colon == std::string_view::npos || (colon + 1 < text.size() && text[colon + 1] != ' ')) broken();
    const std::string_view key = trimmed(text.substr(0, colon));
    if (std::string_view("?&*!|>{[\"'").find(key.front()) != std::string_view::npos) beyond();
    const std::string name = levels_.back().prefix + std::string(key);
    const std::string_view value = trimmed(text.substr(colon + 1));
    if (value.empty() || value.front() == '#') {
      if (!opened_.emplace(name, true).second) broken();
      open_key_ = name;
    } else if (value.front() == '[') {
      flow_list(name, value);
    } else {
      store(name, value);
    }
  }

  void flow_list(const std::string& name, std::string_view text) {
    text.remove_prefix(1);
    for (int index = 0;; ++index) {
      text = trimmed(text);
      if (text.starts_with(']') && index == 0) break;
      std::string value = scalar(text, ",]");
      text = trimmed(text);
      if (text.empty()) beyond();  // goes on in the next line
      keep(name + "." + std::to_string(index), std::move(value));
      const char end = text.front();
      if (end == ']') break;
      if (end != ',') broken();
      text.remove_prefix(1);
    }
    text.remove_prefix(1);
    end_of_line(text);
  }

  void store(const std::string& name, std::string_view text) {
    std::string value = scalar(text, "");
    end_of_line(text);
    keep(name, std::move(value));
  }
  void end_of_line(std::string_view text) {
    text = trimmed(text);
    if (!text.empty() && text.front() != '#') broken();
  }
  void keep(const std::string& name, std::string value) {
    if (!settings_.emplace(name, std::move(value)).second) broken();
  }

  /// Takes a value off `text`: quoted, or plain up to a comment or one of `ends`.
  std::string scalar(std::string_view& text, std::string_view ends) {
    if (text.empty()) return {};
    if (text.front() == '\'' || text.front() == '"') return quoted(text);
    if (std::string_view("&*!|>{[%@`").find(text.front()) != std::string_view::npos) beyond();
    size_t end = 0;
    while (end < text.size() && ends.find(text[end]) == std::string_view::npos &&
           !(text[end] == '#' && end > 0 && (text[end - 1] == ' ' || text[end - 1] == '\t'))) {
      if (text.substr(end, 2) == ": ") broken();
      ++end;
    }
    const std::string value(trimmed(text.substr(0, end)));
    text.remove_prefix(end);
    return value;
  }
  std::string quoted(std::string_view& text) {
    const char quote = text.front();
    std::string value;
    for (size_t i = 1; i < text.size(); ++i) {
      if (text[i] == '\\' && quote == '"') beyond();
      if (text[i] != quote) {
        value += text[i];
      } else if (quote == '\'' && i + 1 < text.size() && text[i + 1] == quote) {
        value += text[i++];
      } else {
        text.remove_prefix(i + 1);
        return value;
      }
    }
    beyond();  // goes on in the next line
  }

  std::map<std::string, std::string> settings_;
  std::map<std::string, bool> opened_;
  std::vector<Level> levels_;
  std::string open_key_;
  int line_ = 0;
};

}  // namespace

std::map<std::string, std::string> parse_settings(const HeldBytes& file) {
  if (file.size() > file_limit) unread(_("it is too large for settings"));
  const std::string_view text = as_text(file.view);
  if (!is_utf8(text)) unsound(_("it is not UTF-8 text"));
  return SettingsReader().read(text);
}

Result<std::map<std::string, std::string>> read_settings(const std::string& path) {
  return reading_file(path, [&] { return parse_settings(map_file(path)); });
}

}  // namespace pinxit
