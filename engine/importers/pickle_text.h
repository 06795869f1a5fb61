// SPDX-License-Identifier: Apache-2.0
//
// Strings of the oldest pickles, which are lines of Python source. Both throw Unsound.
#pragma once

#include <string>
#include <string_view>

namespace pinxit {

/// 'it\'s' or "…" with \\, \', \", \n, \r, \t and \xHH → bytes.
std::string unquoted_pickle_line(std::string_view line);
/// Latin-1 with \uHHHH and \UHHHHHHHH → UTF-8.
std::string unescaped_pickle_line(std::string_view line);

}  // namespace pinxit
