// SPDX-License-Identifier: Apache-2.0
//
// A layer's prompt is not to be kept any more: what stands around the layer is called after that prompt, too.
//
//     const UndoGroup undo(image);
//     replacement.enter();                                      // with a recipe that holds no prompt
//     call_group_anew(image, layer, old, now);
//     forget_prompt_around(image, layer, details.old_group(), old);
//
// Main thread only.
#pragma once

#include <libgimp/gimp.h>

#include "dialogs/generate/generate_dialog.h"

namespace pinxit {

/// `layer` showed the picture `old` and shows `now`. If the group it is in was called after the prompt of `old`, which
/// no layer in there keeps any more, it is called after `now`: no group keeps the name of a prompt that is gone.
void call_group_anew(GimpImage* image, GimpLayer* layer, const GeneratedPicture& old, const GeneratedPicture& now);

/// Maps and strip, and copies of them, are called anew in `details`, the group of what belongs to the picture `old`
/// that `layer` showed (or null), and in all that are called so among the groups directly below the layer. Names that
/// somebody else has given stay.
void forget_prompt_around(GimpImage* image, GimpLayer* layer, GimpLayer* details, const GeneratedPicture& old);

}  // namespace pinxit
