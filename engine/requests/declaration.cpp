// SPDX-License-Identifier: Apache-2.0
#include "engine/requests/declaration.h"

#include "engine/base/text.h"

namespace pinxit {
namespace {

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n") - first + 1);
}

}  // namespace

bool choice_allows(const std::vector<std::string>& values, const std::string& text) {
  for (const std::string& value : values) {
    if (value == text) return !value.ends_with(":N");
    if (!value.ends_with(":N")) continue;
    const std::string stem = value.substr(0, value.size() - 1);
    const std::string digits = text.starts_with(stem) ? text.substr(stem.size()) : "";
    if (!digits.empty() && digits.size() <= 4 && digits.find_first_not_of("0123456789") == std::string::npos)
      return true;
  }
  return false;
}

std::string choice_list(const std::vector<std::string>& values) {
  std::string list;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) list += i + 1 < values.size() ? ", " : std::string(" ") + _("or") + " ";
    list += values[i];
  }
  return list;
}

std::string texts_to_text(const std::vector<std::string>& texts) {
  std::string all;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) all += ';';
    for (const char c : texts[i]) all += c == ';' ? std::string("\\;") : std::string(1, c);
  }
  return all;
}

std::vector<std::string> texts_from_text(const std::string& text) {
  if (text.empty()) return {};
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == ';') {
      parts.back() += text[++i];
    } else if (text[i] == ';') {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  if (parts.size() > 1)
    for (std::string& part : parts) part = trimmed(part);
  return parts;
}

}  // namespace pinxit
