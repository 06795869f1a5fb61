// SPDX-License-Identifier: Apache-2.0
//
// The engine's log: one line for each thing that happened, in a small file that is renamed to "….1" when it has grown.
// Jobs are logged by number and size; what they are about stays between client and engine.
#pragma once

#include <string>

namespace pinxit {

/// Opens the file; standard error goes there too unless `foreground`. A log that cannot be written is done without.
void open_log(const std::string& file, bool foreground);
void log_line(const std::string& text);

}  // namespace pinxit
