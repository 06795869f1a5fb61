// SPDX-License-Identifier: Apache-2.0
//
// A layer's prompt is not to be kept any more: what stands around the layer is called after that prompt, too.
//
//     const UndoGroup undo(image);
//     replacement.enter();                                      // with a recipe that holds no prompt
//     forget_prompt_around(image, layer, old, now);
//
// Main thread only.
#pragma once

#include <libgimp/gimp.h>

#include "dialogs/generate/generate_dialog.h"

namespace pinxit {

/// `layer` showed the picture `old` (its request, its seed) and shows `now`. The group it is in is called anew, unless
/// another layer in there keeps its prompt; and so are maps and strip in the group of its details below it. Names that
/// somebody else has given stay.
void forget_prompt_around(GimpImage* image, GimpLayer* layer, const GeneratedPicture& old, const GeneratedPicture& now);

}  // namespace pinxit
