// SPDX-License-Identifier: Apache-2.0
//
// The Neural Style window: style pictures and settings of one request, the picture as it grows, its losses, and the
// iterations to keep.
//
//     NeuralStyleRequest request = last_values();
//     NeuralStyleDialogHost host;
//     host.source = [&] { return read_layer(layer); };                // main thread, once
//     host.layer_name = "Background";
//     host.pictures = open_layers();                                  // what "Add layer" offers
//     host.load_picture = [&](const std::string& reference) { return read_picture(reference); };   // main thread
//     host.load_mask = …;
//     host.paint = [canvas](const NeuralStyleRun& run, auto on_event, std::stop_token stop, std::stop_token finish) {
//       return canvas->paint(run, on_event, stop, finish);            // worker thread: inference only, no GIMP
//     };
//     auto result = run_neural_style_dialog(host, request);
//     if (!result) return fail(result.error());
//     if (result->end == DialogEnd::closed) return cancelled();       // nothing to insert
//     insert(result->painting, result->kept);                         // one undo step; `request` holds what was chosen
//
// Every run becomes an entry of the gallery (engine/gallery/gallery.h); a gallery that cannot be written is told in the
// window and does not stop the run. The window needs a running GTK and runs a main loop of its own until it is closed.
// It knows requests, client, catalogue and gallery, and of GIMP only what its host hands it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "dialogs/painting/dialog_end.h"
#include "engine/base/error.h"
#include "engine/client/engine_client.h"
#include "engine/requests/events.h"
#include "engine/requests/neural_style.h"

namespace pinxit {

/// Longest side of the pictures of iterations: what the host gives as Job::preview_side.
constexpr int neural_preview_side = 512;

/// Something open in the host that can be a style picture or a mask.
struct OpenPicture {
  std::string reference;  ///< as a request names it: "layer:17"
  std::string title;
};

/// One run: the request and the pictures that go with it, "style-0" …, "mask-0" …, "start".
struct NeuralStyleRun {
  NeuralStyleRequest request;
  std::vector<NamedPicture> pictures;
};

/// What a run ended with.
struct NeuralStylePainting {
  SharedPicture picture;  ///< as large as the source
  std::string facts;      ///< Outcome::facts
};

struct NeuralStyleDialogHost {
  /// The pixels of the (first) source layer as the painter sees them. Called on the main thread, once.
  std::function<Result<SharedPicture>()> source;
  std::string layer_name;  ///< for the title and the name in the gallery
  bool replaces = false;   ///< the result takes the place of an earlier painting (Edit Style); a word on a button
  std::vector<OpenPicture> pictures, masks;  ///< what can be chosen besides files

  /// A style picture by its reference ("layer:TATTOO" or the path of a file), in its own size. Main thread.
  std::function<Result<SharedPicture>(const std::string& reference)> load_picture;
  /// A mask, white where its style shows, in the size of the source. Main thread. Missing: masks are not offered.
  std::function<Result<SharedPicture>(const std::string& reference)> load_mask;
  /// What Pinxit painted on this layer last, for start "last". Missing: that start is not offered. Main thread.
  std::function<Result<SharedPicture>()> last_result;

  /// Inference. Runs on a worker thread of the window and must touch neither GIMP nor GTK; `on_event` may be called
  /// from that thread. `finish` asks it to end early and give what there is. After a stop its result does not matter
  /// to the window, which waits for it at most a moment: it has to return soon, and what it captured must outlive it.
  std::function<Result<NeuralStylePainting>(const NeuralStyleRun&, std::function<void(const Event&)> on_event,
                                            std::stop_token stop, std::stop_token finish)>
      paint;
};

/// An iteration that is to become a layer of its own.
struct KeptIteration {
  int iteration = 0;
  SrgbPicture picture;
  bool full = false;  ///< as large as the source; else as it was shown, to be scaled
};

struct NeuralStyleResult {
  DialogEnd end = DialogEnd::closed;
  /// Nothing where the run failed and the painter keeps what was shown: then only `kept` is to be inserted.
  std::optional<NeuralStylePainting> painting;
  std::vector<KeptIteration> kept;  ///< ascending; the first to be inserted lies lowest
  int64_t gallery_id = 0;           ///< of the run; 0 where the gallery could not be written
};

/// Shows the window with `request`'s values and returns when it is closed. The name is proposed only if no run of the
/// gallery has it. `request` goes out with the values of the run, or, when closed, with those chosen. Fails only where
/// no window can be shown: the source is unreadable, or there is no display.
Result<NeuralStyleResult> run_neural_style_dialog(const NeuralStyleDialogHost& host, NeuralStyleRequest& request);

}  // namespace pinxit
