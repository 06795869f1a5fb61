// SPDX-License-Identifier: Apache-2.0
#include "engine/base/utf8.h"

#include <cstdint>

namespace pinxit {

bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int more = lead < 0x80 ? 0 : lead < 0xC2 ? -1 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : lead < 0xF5 ? 3 : -1;
    if (more < 0 || text.size() - i <= size_t(more)) return false;
    uint32_t code = more == 0 ? lead : lead & (0x3Fu >> more);
    for (int k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      code = (code << 6) | (next & 0x3F);
    }
    const bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
    i += size_t(more) + 1;
  }
  return true;
}

std::string fit_for_print(std::string_view text) {
  constexpr size_t limit = 120;
  std::string out(text.substr(0, limit));
  if (text.size() > limit)
    while (!out.empty() && !is_utf8(out)) out.pop_back();
  if (!is_utf8(out))
    for (char& c : out)
      if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text.size() > limit ? out + "…" : out;
}

}  // namespace pinxit
