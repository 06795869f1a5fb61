// SPDX-License-Identifier: Apache-2.0
//
// The Generate from Text window: a prompt, settings of one request, pictures as they are made, and which to keep.
//
//     GenerateRequest request = last_values();                        // without a prompt: it is private
//     GenerateDialogHost host;
//     host.image_name = "Meadow"; host.fits = GenerateDialogHost::Fits::selection;
//     host.fit_width = w; host.fit_height = h;                        // nothing of these for a new image
//     host.paint = [](const GenerateRequest& chosen, auto on_event, std::stop_token stop) -> Result<std::string> {
//       auto client = EngineClient::connect({});                      // worker thread: inference only, no GIMP
//       …client->run(AnyRequest{chosen}, job) and give back its facts
//     };
//     host.read_prompt = …the same with client->read_prompt(chosen, stop)
//     auto result = run_generate_dialog(host, request);
//     if (!result) return fail(result.error());
//     if (result->end == DialogEnd::closed) return cancelled();       // nothing to insert
//     for (const GeneratedPicture& one : result->pictures) insert(one);   // one undo step
//
// Prompts that were generated from are kept in the private history (prompt_history.h) and nowhere else by this window.
// The window needs a running GTK and runs a main loop of its own until it is closed. It knows requests, client and
// catalogue, and of GIMP only what its host hands it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "dialogs/painting/dialog_end.h"
#include "engine/base/error.h"
#include "engine/requests/events.h"
#include "engine/requests/generate.h"

namespace pinxit {

struct GenerateDialogHost {
  std::string image_name;  ///< for the title; empty: the pictures become a new image
  /// What "scale to fit" would fill, and how large that is in pixels. Nothing: it is not offered.
  enum class Fits { nothing, image, selection } fits = Fits::nothing;
  int64_t fit_width = 0, fit_height = 0;

  /// Inference: pictures come as `picture` events, the result is Outcome::facts. Runs on a worker thread of the window
  /// and must touch neither GIMP nor GTK; `on_event` may be called from that thread. After a stop its result does not
  /// matter to the window, which waits for it at most a moment: it has to return soon, and what it captured must
  /// outlive it.
  std::function<Result<std::string>(const GenerateRequest&, std::function<void(const Event&)> on_event,
                                    std::stop_token stop)>
      paint;
  /// What the model would read of the prompt, as facts (EngineClient::read_prompt). The same rules; called often, as
  /// the painter types, and stopped whenever there is a newer prompt.
  std::function<Result<std::string>(const GenerateRequest&, std::stop_token stop)> read_prompt;
};

/// What belongs to a picture: a smaller one, an attention map, the strip (Made::role).
struct GeneratedPart {
  Made made;
  std::shared_ptr<const SrgbPicture> picture;
};

/// A picture the painter keeps.
struct GeneratedPicture {
  Made made;
  std::shared_ptr<const SrgbPicture> picture;
  std::vector<GeneratedPart> parts;  ///< in the order they came
  GenerateRequest request;           ///< of the run that made it, with its prompt
  std::string facts;  ///< Outcome::facts of that run; of read_prompt, or empty, where it was stopped or failed
};

struct GenerateResult {
  DialogEnd end = DialogEnd::closed;
  std::vector<GeneratedPicture> pictures;  ///< at least one when painted; those of earlier runs come first
};

/// Shows the window with `request`'s values and returns when it is closed. `keep_prompt` starts unticked where the
/// settings say so. `request` goes out with the values chosen, its prompt included and `captions` empty. Fails only
/// where no window can be shown: there is no display.
Result<GenerateResult> run_generate_dialog(const GenerateDialogHost& host, GenerateRequest& request);

}  // namespace pinxit
