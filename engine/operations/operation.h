// SPDX-License-Identifier: Apache-2.0
//
// What the service hands to an operation, and what every operation is: a function from a request and a picture to
// events and a result picture. Runs on the service's worker thread; one job at a time.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/pixels.h"
#include "engine/requests/settings.h"
#include "engine/requests/events.h"
#include "engine/requests/fast_style.h"
#include "engine/requests/generate.h"
#include "engine/requests/neural_style.h"

namespace pinxit {

/// As View in client/engine_client.h, on the engine's side.
enum class ViewKind { whole, crop, fitted };

struct NamedView {
  std::string name;  ///< "style-0", "mask-0", "start", "at"
  SrgbView pixels;
};

struct Task {
  SrgbView source;            ///< empty for Generate from Text, and so is `result`
  std::string source_identity;  ///< what was learnt of the source is kept under this name; empty: keep nothing
  SrgbSpan result;
  ViewKind view = ViewKind::whole;
  Region region;  ///< for crop
  std::vector<NamedView> pictures;
  int preview_side = 0;  ///< longest side of pictures in events; 0: none
  Settings settings;
  Emit emit;  ///< loading, progress, note, preview, state, picture; called on the worker thread
  std::stop_token stop;    ///< give up, at once: nobody wants a result any more
  std::stop_token finish;  ///< end early, within one evaluation, with the last finished iteration as the result
  /// Null: there is none of this name.
  const SrgbView* picture(const std::string& name) const {
    for (const NamedView& one : pictures)
      if (one.name == name) return &one.pixels;
    return nullptr;
  }
};

/// The engine's warm things: models in memory, statistics of pictures. One per process; used by the worker thread.
class Workshop {
 public:
  Workshop();
  ~Workshop();
  /// Fills task.result; returns the facts for the recipe (JSON object text).
  Result<std::string> fast_style(const FastStyleRequest& request, Task& task);
  Result<std::string> neural_style(const NeuralStyleRequest& request, Task& task);
  /// Losses as facts; the gradient at the picture "at" goes into task.result (see EngineClient::evaluate).
  Result<std::string> evaluate(const NeuralStyleRequest& request, Task& task);
  /// The pictures go out as `picture` events; task.source and task.result are not used.
  Result<std::string> generate(const GenerateRequest& request, Task& task);
  /// What the model would read of the prompt, as facts (see EngineClient::read_prompt). Loads the model.
  Result<std::string> read_prompt(const GenerateRequest& request, Task& task);
  /// JSON object text: devices, threads, precision measured, models loaded with their bytes, memory.
  std::string describe();
  /// Forgets models and statistics (after running out of memory).
  void forget();
  /// Between jobs: memory that a job took for its planes and convolutions goes back to the system. Cheap; models
  /// stay warm.
  void rest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Called first in main of every program that computes: malloc thresholds, denormals, threads (0: physical cores).
void prepare_process(int threads);

}  // namespace pinxit
