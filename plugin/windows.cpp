// SPDX-License-Identifier: Apache-2.0
#include "plugin/windows.h"

#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include "engine/base/text.h"

namespace pinxit {
namespace {

/// gimp_ui_init ends the process where there is no display, so that is found out first.
void start_gtk() {
  if (!gtk_init_check(nullptr, nullptr))
    throw Failure(ErrorCode::bad_argument, _("No window can be opened here: there is no display."),
                  _("Run the procedure with run-mode RUN-NONINTERACTIVE."));
  gimp_ui_init("pinxit");
}

}  // namespace

Result<DialogEnd> show_fast_style_window(const FastStyleDialogHost& host, FastStyleRequest& request) {
  return guarded([&] {
    start_gtk();
    return run_fast_style_dialog(host, request).take();
  });
}

Result<NeuralStyleResult> show_neural_style_window(const NeuralStyleDialogHost& host, NeuralStyleRequest& request) {
  return guarded([&] {
    start_gtk();
    return run_neural_style_dialog(host, request).take();
  });
}

Result<GenerateResult> show_generate_window(const GenerateDialogHost& host, GenerateRequest& request) {
  return guarded([&] {
    start_gtk();
    return run_generate_dialog(host, request).take();
  });
}

Status show_gallery_window(const GalleryHost& host) {
  return guarded([&] {
    start_gtk();
    return run_gallery_window(host).take();
  });
}

Status show_models_window() {
  return guarded([&] {
    start_gtk();
    return run_models_window().take();
  });
}

Status show_settings_window() {
  return guarded([&] {
    start_gtk();
    return run_settings_dialog().take();
  });
}

}  // namespace pinxit
