// SPDX-License-Identifier: Apache-2.0
//
// Several runs of the engine, told as one.
#pragma once

#include <cstddef>

#include "engine/requests/events.h"

namespace pinxit {

/// `event` of run `number` (from 0) of `count`: progress counts over all of them. How long those to come take, nobody
/// knows.
inline Event of_the_whole(Event event, size_t number, size_t count) {
  if (event.kind != Event::Kind::progress) return event;
  event.step += int(number) * event.of;
  event.of *= int(count);
  if (count > 1) event.seconds_left = -1;
  return event;
}

}  // namespace pinxit
