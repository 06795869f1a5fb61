// SPDX-License-Identifier: Apache-2.0
//
// What the gallery's window says of a run. No GTK here.
#pragma once

#include <string>

#include "engine/gallery/gallery.h"

namespace pinxit {

/// "Completed, 10 iterations", "In progress, 3 of 10 iterations", "Ready".
std::string run_summary(const GalleryEntry& entry);
/// "21 November 2026, 11:58" in the painter's own time; the text itself where it is no time.
std::string run_date(const std::string& iso);
/// "The start", "Iteration 3".
std::string iteration_title(int iteration);

}  // namespace pinxit
