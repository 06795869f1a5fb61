// SPDX-License-Identifier: Apache-2.0
//
// What an engine says while it works on a request. The wire form (one JSON object a line) is in events.cpp; receivers
// ignore kinds and fields they do not know.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/error.h"
#include "engine/base/neural_preset.h"
#include "engine/base/pixels.h"

namespace pinxit {

/// Which of the pictures of a `picture` event's job it is. Pictures come in the order of their index; what belongs to
/// one (smaller ones, maps, the strip) comes after it and before the next.
struct Made {
  int index = 0, of = 1;        ///< 0 … of - 1
  std::string role = "picture"; ///< picture; smaller (one of a model's smaller sizes); attention (grey); strip; others of
                                ///< a newer engine are to be ignored
  std::string word;             ///< attention: of which word
  int64_t seed = 0;             ///< an order of one picture with this seed makes the picture again
  double share = 0;             ///< of the other end, where pictures vary
};

struct Event {
  enum class Kind {
    queued,     ///< position: jobs to be done before this one
    loading,    ///< text: what is being loaded
    progress,   ///< step of of; seconds_left when known (>= 0)
    note,       ///< text: something the painter should know ("No GPU here: painting on the CPU.")
    preview,    ///< picture: the work as it is now, smaller than the result; may be left out when they come too fast
    picture,    ///< one of several pictures is complete (Generate from Text); `made` tells which; never left out
    state,      ///< an iteration is done: step of `of`, losses, picture; never left out. `full`: as large as the result
    heartbeat,  ///< every 2 s while nothing else is said
    result,     ///< the picture is complete; width, height, and `recipe` facts
    error,      ///< error: nothing more follows
    unknown,    ///< of a newer engine; to be ignored
  };
  Kind kind = Kind::unknown;
  int position = 0;
  int step = 0, of = 0;
  double seconds_left = -1;
  uint64_t job = 0;  ///< for `queued`: the engine's number of this job
  int64_t width = 0, height = 0;  ///< of the picture, also where its pixels are elsewhere (`result`)
  std::optional<Made> made;  ///< for `picture`
  /// For `preview`, `state` and `picture`: finished pixels. On the wire they follow the line as its body.
  std::shared_ptr<const SrgbPicture> picture;
  bool full = false;
  std::optional<Losses> losses;
  std::string text;
  bool about_prompt = false;  ///< for `note`: true of this prompt, and maybe of no other one
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

/// {"total":…,"content":…,"style":…,"tv":…,"taps":[{"layer":"conv1_1","weight":…,"loss":…}…]}; null for what is not
/// finite.
std::string losses_to_json(const Losses& losses);
/// Nothing for what is no JSON object.
std::optional<Losses> losses_from_json(const std::string& text);

}  // namespace pinxit
