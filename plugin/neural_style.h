// SPDX-License-Identifier: Apache-2.0
//
// Neural Style in GIMP, from the selected layers to the new ones; style_layers.h tells the order of work.
//
// Style pictures and masks are files or layers of the image (references.h). In a window every run is recorded in the
// gallery by the window; in a script only one that has a name.
#pragma once

#include <libgimp/gimp.h>

#include <memory>
#include <optional>
#include <vector>

#include "engine/requests/neural_style.h"
#include "plugin/canvas.h"
#include "plugin/layers.h"

namespace pinxit {

inline constexpr const char* neural_style_procedure = "plug-in-pinxit-neural-style";

/// Paints `drawables` and inserts the results. With GIMP_RUN_INTERACTIVE the window changes `request`, and nothing is
/// returned when the painter closes it. Main thread. Throws Failure.
std::optional<Inserted> run_neural_style(GimpRunMode mode, GimpImage* image, GimpDrawable** drawables,
                                         NeuralStyleRequest& request);

/// Whether what is painted becomes a layer of its own or takes the place of an older painting; a word on a button.
enum class Placing { new_layer, replaces };

/// Paints what was read, in the window or with the progress bar; nothing enters the image. Each comes with the states
/// that are to become layers, the first one perhaps with those alone. Nothing when the painter closed the window.
std::optional<std::vector<Painted>> paint_neural_style(GimpRunMode mode, GimpImage* image,
                                                       const std::vector<Source>& sources,
                                                       const std::shared_ptr<Canvas>& canvas,
                                                       NeuralStyleRequest& request,
                                                       Placing placing = Placing::new_layer);

}  // namespace pinxit
