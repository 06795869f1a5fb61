// SPDX-License-Identifier: Apache-2.0
#include "plugin/fast_style.h"

#include "engine/requests/json.h"
#include "plugin/progress.h"
#include "plugin/style_layers.h"
#include "plugin/windows.h"

namespace pinxit {
namespace {

/// False when the painter closed the window.
bool paint_in_window(std::shared_ptr<Canvas> canvas, const Source& first, FastStyleRequest& request) {
  FastStyleDialogHost host;
  host.source = [canvas]() -> Result<SharedPicture> { return canvas->sources.front(); };
  host.layer_name = first.name;
  host.width = first.width;
  host.height = first.height;
  host.paint = [canvas](const FastStyleRequest& chosen, std::function<void(const Event&)> on_event,
                        std::stop_token stop) {
    return canvas->paint(chosen, {.on_event = std::move(on_event), .stop = stop});
  };
  return show_fast_style_window(host, request).take() == DialogEnd::painted;
}

}  // namespace

std::optional<std::vector<Painted>> paint_fast_style(GimpRunMode mode, const std::vector<Source>& sources,
                                                     const std::shared_ptr<Canvas>& canvas, FastStyleRequest& request) {
  if (mode != GIMP_RUN_INTERACTIVE)
    paint_with_progress_bar(*canvas, request);
  else if (!paint_in_window(canvas, sources.front(), request))
    return {};
  return canvas->painted;
}

std::optional<Inserted> run_fast_style(GimpRunMode mode, GimpImage* image, GimpDrawable** drawables,
                                       FastStyleRequest& request) {
  if (mode != GIMP_RUN_INTERACTIVE) validate(request).take();
  return style_layers(image, drawables, fast_style_procedure, request, [&](const auto& sources, const auto& canvas) {
    return paint_fast_style(mode, sources, canvas, request);
  });
}

}  // namespace pinxit
