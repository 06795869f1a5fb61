// SPDX-License-Identifier: Apache-2.0
//
// Every string a person sees goes through _() (translated here and now) or N_() (only marked, translated where shown).
#pragma once

#include <libintl.h>

#include <cstdio>
#include <string>

#define PINXIT_TEXT_DOMAIN "pinxit"
#ifndef _
#define _(text) dgettext(PINXIT_TEXT_DOMAIN, text)
#endif
#ifndef N_
#define N_(text) text
#endif

namespace pinxit {

/// printf for translated sentences: format_text(_("%s is not a picture"), name).
template <class... Values>
std::string format_text(const char* format, Values... values) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
  const int size = std::snprintf(nullptr, 0, format, values...);
  std::string text(size > 0 ? size_t(size) : 0, '\0');
  if (size > 0) std::snprintf(text.data(), text.size() + 1, format, values...);
#pragma GCC diagnostic pop
  return text;
}

}  // namespace pinxit
