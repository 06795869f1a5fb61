// SPDX-License-Identifier: Apache-2.0
//
// What an engine says while it works on a request. The wire form (one JSON object a line) is in events.cpp; receivers
// ignore kinds and fields they do not know.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/base/error.h"

namespace pinxit {

struct Event {
  enum class Kind {
    queued,     ///< position: jobs to be done before this one
    loading,    ///< text: what is being loaded
    progress,   ///< step of of; seconds_left when known (>= 0)
    note,       ///< text: something the painter should know ("No GPU here: painting on the CPU.")
    preview,    ///< width, height: a picture smaller than the result follows (R'G'B'A float)
    heartbeat,  ///< every 2 s while nothing else is said
    result,     ///< the picture is complete; width, height, and `recipe` facts
    error,      ///< error: nothing more follows
    unknown,    ///< of a newer engine; to be ignored
  };
  Kind kind = Kind::unknown;
  int position = 0;
  int step = 0, of = 0;
  double seconds_left = -1;
  int64_t width = 0, height = 0;
  std::string text;
  std::optional<Error> error;
  /// For `result`: JSON object text of facts for the recipe: engine version, device, precision, per style its id,
  /// title, sha256; tiles used; scaled size. Empty otherwise.
  std::string facts;
};

using Emit = std::function<void(const Event&)>;

/// One line of JSON without the line feed.
std::string event_to_json(const Event& event);
/// Kind `unknown` for anything not understood.
Event event_from_json(const std::string& line);

}  // namespace pinxit
