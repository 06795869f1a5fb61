// SPDX-License-Identifier: Apache-2.0
#include "engine/importers/pickle_text.h"

#include <charconv>
#include <cstdint>

#include "engine/importers/held_bytes.h"

namespace pinxit {
namespace {

[[noreturn]] void broken() {
  unsound(_("a text in its pickle is broken"));
}

uint32_t hex(std::string_view& rest, size_t digits) {
  uint32_t value = 0;
  if (rest.size() < digits) broken();
  const auto [end, problem] = std::from_chars(rest.data(), rest.data() + digits, value, 16);
  if (problem != std::errc() || end != rest.data() + digits) broken();
  rest.remove_prefix(digits);
  return value;
}

void append_utf8(std::string& out, uint32_t code) {
  if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) broken();
  const int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr uint32_t lead[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(lead[more] | code >> (6 * more));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | (code >> (6 * i) & 0x3F));
}

}  // namespace

std::string unquoted_pickle_line(std::string_view line) {
  if (line.size() < 2 || (line.front() != '\'' && line.front() != '"') || line.back() != line.front()) broken();
  std::string_view rest = line.substr(1, line.size() - 2);
  std::string out;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '\\') {
      out += c;
      continue;
    }
    if (rest.empty()) broken();
    const char escape = rest.front();
    rest.remove_prefix(1);
    const size_t plain = std::string_view("\\'\"nrt").find(escape);
    if (plain != std::string_view::npos)
      out += "\\'\"\n\r\t"[plain];
    else if (escape == 'x')
      out += static_cast<char>(hex(rest, 2));
    else
      broken();
  }
  return out;
}

std::string unescaped_pickle_line(std::string_view line) {
  std::string out;
  while (!line.empty()) {
    const auto c = static_cast<unsigned char>(line.front());
    line.remove_prefix(1);
    const bool escape = c == '\\' && !line.empty() && (line.front() == 'u' || line.front() == 'U');
    if (!escape) {
      append_utf8(out, c);
      continue;
    }
    const size_t digits = line.front() == 'u' ? 4 : 8;
    line.remove_prefix(1);
    append_utf8(out, hex(line, digits));
  }
  return out;
}

}  // namespace pinxit
