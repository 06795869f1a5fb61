// SPDX-License-Identifier: Apache-2.0
//
// Edit Style: a layer that Pinxit painted is painted again in its place, from its recipe and the layer it was painted
// from; one that was made from text, from its recipe alone. Only its pixels and its recipe change, in one undo step;
// name, mask, mode, opacity, place and filters stay.
#pragma once

#include <libgimp/gimp.h>

#include <optional>

#include "plugin/layers.h"

namespace pinxit {

inline constexpr const char* edit_style_procedure = "plug-in-pinxit-edit-style";

struct Edited {
  Inserted made;                ///< the layer itself, and states the painter kept
  bool source_changed = false;  ///< the source has other pixels than when it was painted; the painter was told
};

/// `drawables` is one layer. With GIMP_RUN_INTERACTIVE the window of its recipe opens, and nothing is returned when the
/// painter closes it; otherwise the recipe's request is painted as it is. Main thread. Throws Failure: bad_argument for
/// a layer without a recipe, with locked pixels or whose source or prompt is gone; protocol for a recipe that cannot be
/// read.
std::optional<Edited> run_edit_style(GimpRunMode mode, GimpImage* image, GimpDrawable** drawables);

}  // namespace pinxit
