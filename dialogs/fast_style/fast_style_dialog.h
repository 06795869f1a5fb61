// SPDX-License-Identifier: Apache-2.0
//
// The Fast Style window: gallery, preview, settings of one request, and the painting itself.
//
//     FastStyleRequest request = last_values();
//     FastStyleDialogHost host;
//     host.source = [&] { return read_layer(layer); };               // main thread, once
//     host.layer_name = "Background"; host.width = w; host.height = h;
//     host.paint = [&](const FastStyleRequest& chosen, auto on_event, std::stop_token stop) {
//       return paint_all(chosen, on_event, stop);                    // worker thread: inference only, no GIMP
//     };
//     auto end = run_fast_style_dialog(host, request);
//     if (!end) return fail(end.error());                            // the source could not be read
//     if (*end == DialogEnd::closed) return cancelled();             // nothing was painted, nothing is left behind
//     write_layers();                                                // `request` holds what was chosen
//
// The window needs a running GTK (gimp_ui_init or gtk_init) and runs a main loop of its own until it is closed. It
// knows requests, the client and the catalogue, and of GIMP only what its host hands it; inside a plug-in it makes
// itself transient for GIMP's window.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "dialogs/painting/dialog_end.h"
#include "engine/base/error.h"
#include "engine/client/engine_client.h"
#include "engine/requests/events.h"
#include "engine/requests/fast_style.h"

namespace pinxit {

struct FastStyleDialogHost {
  /// The pixels of the (first) source layer as the painter sees them. Called on the main thread, once.
  std::function<Result<SharedPicture>()> source;
  std::string layer_name;  ///< for the title
  int64_t width = 0, height = 0;

  /// Inference of all sources. Runs on a worker thread of the window and must touch neither GIMP nor GTK; `on_event`
  /// may be called from that thread. After a stop through the token its result does not matter to the window, which
  /// waits for it at most a moment: it has to return soon, and what it captured must outlive it.
  std::function<Result<Nothing>(const FastStyleRequest&, std::function<void(const Event&)> on_event, std::stop_token)>
      paint;
};

/// Shows the window with `request`'s values and returns when it is closed. `request` goes out with the chosen values,
/// also when closed. Fails only where no window can be shown: the source is unreadable, or there is no display.
Result<DialogEnd> run_fast_style_dialog(const FastStyleDialogHost& host, FastStyleRequest& request);

}  // namespace pinxit
