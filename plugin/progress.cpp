// SPDX-License-Identifier: Apache-2.0
#include "plugin/progress.h"

#include <libgimp/gimp.h>

#include <algorithm>

#include "engine/base/text.h"
#include "plugin/stopwatch.h"

namespace pinxit {
namespace {

void show(const Event& event) {
  switch (event.kind) {
    case Event::Kind::queued:
      if (event.position > 0) gimp_progress_set_text(_("Waiting for another picture to be finished"));
      break;
    case Event::Kind::loading:
      gimp_progress_set_text(format_text(_("Painting: %s"), event.text.c_str()).c_str());
      gimp_progress_pulse();
      break;
    case Event::Kind::note:
      gimp_progress_set_text(event.text.c_str());
      break;
    case Event::Kind::picture:
      if (event.made && event.made->role == "picture")
        gimp_progress_set_text(format_text(_("Picture %d of %d"), event.made->index + 1, event.made->of).c_str());
      break;
    case Event::Kind::progress:
      if (event.of > 0) gimp_progress_update(std::clamp(double(event.step) / event.of, 0.0, 1.0));
      break;
    default:
      break;
  }
}

void show_state(size_t source, size_t sources, const Event& event) {
  std::string text = event.losses
                         ? format_text(_("Iteration %d of %d, loss %.4g"), event.step, event.of, event.losses->total)
                         : format_text(_("Iteration %d of %d"), event.step, event.of);
  if (sources > 1) text = format_text(_("Layer %d of %d: %s"), int(source) + 1, int(sources), text.c_str());
  gimp_progress_set_text(text.c_str());
}

}  // namespace

Emit start_progress_bar() {
  gimp_progress_init(_("Painting"));
  return show;
}

void paint_with_progress_bar(Canvas& canvas, const AnyRequest& request, Canvas::Painting painting) {
  const Stopwatch stopwatch("paint");
  painting.on_event = [shown = start_progress_bar(), told = std::move(painting.on_event)](const Event& event) {
    shown(event);
    if (told) told(event);
  };
  painting.on_state = [told = std::move(painting.on_state), count = canvas.sources.size()](size_t source,
                                                                                           const Event& event) {
    show_state(source, count, event);
    if (told) told(source, event);
  };
  canvas.paint(request, painting).take();
}

}  // namespace pinxit
