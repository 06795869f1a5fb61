// SPDX-License-Identifier: Apache-2.0
//
// Captions for a batch, one a line of a text file:
//
//     for (const Caption& caption : read_captions("captions.txt").take()) paint(caption.text);
#pragma once

#include <string>
#include <vector>

#include "engine/base/error.h"

namespace pinxit {

struct Caption {
  int line = 0;      ///< counted from 1, for messages
  std::string text;  ///< UTF-8, without the white space around it; never empty
};

/// Empty lines are skipped. Errors: file_unreadable (also: not UTF-8 text, with the line; over 1 MB, or 10,000
/// captions), bad_argument (no caption in it).
Result<std::vector<Caption>> read_captions(const std::string& path);

}  // namespace pinxit
