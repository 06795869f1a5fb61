// SPDX-License-Identifier: Apache-2.0
//
// Fast Style in GIMP, from the selected layers to the new ones:
//
//     sources.h   check the layers and read what the painter sees          (image untouched)
//     client      one run of the engine for each layer                     (image untouched)
//     layers.h    complete layers enter the image in one undo step
//
// With a window the engine runs on one of its threads, otherwise on this one with GIMP's progress bar. GIMP cancels a
// plug-in without a window by SIGKILL: until the last line above there is nothing to be left behind.
#pragma once

#include <libgimp/gimp.h>

#include <optional>
#include <vector>

#include "engine/requests/fast_style.h"

namespace pinxit {

inline constexpr const char* fast_style_procedure = "plug-in-pinxit-fast-style";

/// Paints `drawables` and returns the new layers in their order. With GIMP_RUN_INTERACTIVE the window changes
/// `request`, and nothing is returned when the painter closes it. Main thread. Throws Failure.
std::optional<std::vector<GimpLayer*>> run_fast_style(GimpRunMode mode, GimpImage* image, GimpDrawable** drawables,
                                                      FastStyleRequest& request);

}  // namespace pinxit
