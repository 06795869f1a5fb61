// SPDX-License-Identifier: Apache-2.0
//
// Fast Style in GIMP, from the selected layers to the new ones; style_layers.h tells the order of work.
#pragma once

#include <libgimp/gimp.h>

#include <memory>
#include <optional>
#include <vector>

#include "engine/requests/fast_style.h"
#include "plugin/canvas.h"
#include "plugin/layers.h"

namespace pinxit {

inline constexpr const char* fast_style_procedure = "plug-in-pinxit-fast-style";

/// Paints `drawables` and inserts the results. With GIMP_RUN_INTERACTIVE the window changes `request`, and nothing is
/// returned when the painter closes it. Main thread. Throws Failure.
std::optional<Inserted> run_fast_style(GimpRunMode mode, GimpImage* image, GimpDrawable** drawables,
                                       FastStyleRequest& request);

/// Paints what was read, in the window or with the progress bar; nothing enters the image. Nothing when the painter
/// closed the window.
std::optional<std::vector<Painted>> paint_fast_style(GimpRunMode mode, const std::vector<Source>& sources,
                                                     const std::shared_ptr<Canvas>& canvas, FastStyleRequest& request);

}  // namespace pinxit
