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

/// What `show` gives back, or why there is no window.
template <class Show>
auto with_gtk(Show&& show) {
  return guarded([&] {
    start_gtk();
    return show().take();
  });
}

}  // namespace

Result<DialogEnd> show_fast_style_window(const FastStyleDialogHost& host, FastStyleRequest& request) {
  return with_gtk([&] { return run_fast_style_dialog(host, request); });
}

Result<NeuralStyleResult> show_neural_style_window(const NeuralStyleDialogHost& host, NeuralStyleRequest& request) {
  return with_gtk([&] { return run_neural_style_dialog(host, request); });
}

Result<GenerateResult> show_generate_window(const GenerateDialogHost& host, GenerateRequest& request) {
  return with_gtk([&] { return run_generate_dialog(host, request); });
}

Status show_gallery_window(const GalleryHost& host) {
  return with_gtk([&] { return run_gallery_window(host); });
}

Status show_models_window() {
  return with_gtk([&] { return run_models_window(); });
}

Status show_settings_window() {
  return with_gtk([&] { return run_settings_dialog(); });
}

}  // namespace pinxit
