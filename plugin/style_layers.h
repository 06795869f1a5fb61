// SPDX-License-Identifier: Apache-2.0
//
// The order of work that Fast Style and Neural Style share, from the selected layers to the new ones:
//
//     sources.h   check the layers                                         (image untouched)
//     canvas.h    read what the painter sees, one run of the engine each   (image untouched)
//     layers.h    complete layers enter the image in one undo step
//
//     return style_layers(image, drawables, fast_style_procedure, request, [&](auto& sources, auto& canvas) {
//       return paint_fast_style(mode, sources, canvas, request);
//     });
//
// With a window the engine runs on one of its threads, otherwise on this one with GIMP's progress bar. GIMP cancels a
// plug-in without a window by SIGKILL: until the last line above there is nothing to be left behind.
#pragma once

#include <libgimp/gimp.h>

#include <memory>
#include <optional>
#include <vector>

#include "plugin/canvas.h"
#include "plugin/layers.h"
#include "plugin/sources.h"
#include "plugin/stopwatch.h"

namespace pinxit {

/// `paint` may change `request`, and gives back nothing when the painter closed its window. Main thread. Throws
/// Failure.
template <class R, class Paint>
std::optional<Inserted> style_layers(GimpImage* image, GimpDrawable** drawables, const char* procedure,
                                     const R& request, Paint&& paint) {
  std::vector<Source> sources = sources_of(image, drawables);
  const std::shared_ptr<Canvas> canvas = read_canvas(sources);
  const std::optional<std::vector<Painted>> painted = paint(sources, canvas);
  if (!painted) return {};
  const Stopwatch stopwatch("write");
  check_still_there(image, sources);
  auto finished = finish(image, procedure, request, sources, *painted);
  return insert_layers(image, finished);
}

}  // namespace pinxit
