// SPDX-License-Identifier: Apache-2.0
//
// What the engine gets and gives for the layers of one run.
//
//     auto canvas = read_canvas(sources);                          // main thread
//     Status done = canvas->paint(request, {.on_event = tell});    // any thread
//     canvas->painted[0].result                                    // as large as its source
//
// Held by a shared pointer, and without anything of GIMP's, because a window's thread that hangs in a dead engine is
// left behind with it. Such a thread publishes nothing: `painted` is of the last `paint` that was not stopped.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/client/engine_client.h"
#include "plugin/sources.h"

namespace pinxit {

/// A state on the way to the painting, as it was shown or in the result's size.
struct StatePicture {
  int iteration = 0;
  std::shared_ptr<const SrgbPicture> picture;
};

struct Painted {
  SharedPicture result;
  std::string facts;                 ///< JSON object text, see Outcome::facts
  std::vector<StatePicture> states;  ///< those on the way that the engine sent in full size
};

struct Canvas {
  /// How to paint, and who wants to hear of it.
  struct Painting {
    Emit on_event = {};  ///< all events but results; progress counts over all sources, states are of the first one
    std::stop_token stop = {};
    std::stop_token finish = {};  ///< ends the source being painted with what it has; those after it are left out
    std::vector<std::vector<NamedPicture>> pictures = {};  ///< for each source what goes with it; may be empty
    int preview_side = 0;                                  ///< see Job::preview_side
    std::function<void(size_t source, const Event&)> on_state = {};  ///< `state` events of every source
  };

  std::vector<SharedPicture> sources;
  std::vector<Painted> painted;  ///< of the sources in their order; fewer after `finish`

  /// Any thread; callbacks come on the same one. Errors: those of EngineClient.
  Status paint(const AnyRequest& request, const Painting& painting);
};

/// Reads all sources (pixels and checksums go into them, too). Main thread. Throws Failure.
std::shared_ptr<Canvas> read_canvas(std::vector<Source>& sources);

}  // namespace pinxit
