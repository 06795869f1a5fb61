// SPDX-License-Identifier: Apache-2.0
//
// Quantities in a person's words, translated. No GTK here; any thread.
//
//     format_text(_("Painting… %s left"), time_left(progress.seconds_left).c_str());
#pragma once

#include <cstdint>
#include <string>

namespace pinxit {

/// "12 s", "3 min", "2 h": how long something will still take, rounded as a person would say it.
std::string time_left(double seconds);
/// "14.2 MB".
std::string disk_size(int64_t bytes);

}  // namespace pinxit
