// SPDX-License-Identifier: Apache-2.0
//
// The windows of dialogs/, opened from inside GIMP: GTK is started (with GIMP's theme) when the first one is needed,
// and never otherwise. Main thread.
#pragma once

#include "dialogs/fast_style/fast_style_dialog.h"
#include "dialogs/gallery/gallery_window.h"
#include "dialogs/generate/generate_dialog.h"
#include "dialogs/models/models_window.h"
#include "dialogs/neural_style/neural_style_dialog.h"
#include "dialogs/settings/settings_dialog.h"

namespace pinxit {

/// Errors: those of run_fast_style_dialog; bad_argument where no window can be shown at all.
Result<DialogEnd> show_fast_style_window(const FastStyleDialogHost& host, FastStyleRequest& request);
/// Errors: those of run_neural_style_dialog, and the same.
Result<NeuralStyleResult> show_neural_style_window(const NeuralStyleDialogHost& host, NeuralStyleRequest& request);
Result<GenerateResult> show_generate_window(const GenerateDialogHost& host, GenerateRequest& request);
Status show_gallery_window(const GalleryHost& host);
Status show_models_window();
Status show_settings_window();

}  // namespace pinxit
