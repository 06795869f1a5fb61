// SPDX-License-Identifier: Apache-2.0
//
// Texts that come from strangers' files. The standard library alone.
//
//     if (!is_utf8(header)) broken(_("its header is not UTF-8 text"));
//     broken(_("“%s” has too many dimensions"), fit_for_print(name).c_str());
#pragma once

#include <string>
#include <string_view>

namespace pinxit {

/// True for well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

/// A stranger's name, fit for a sentence: at most 120 bytes, printable UTF-8.
std::string fit_for_print(std::string_view text);

}  // namespace pinxit
