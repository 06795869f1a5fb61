// SPDX-License-Identifier: Apache-2.0
#include "plugin/fast_style.h"

#include <gegl.h>

#include <algorithm>
#include <memory>

#include "engine/base/text.h"
#include "engine/client/engine_client.h"
#include "engine/requests/json.h"
#include "plugin/layers.h"
#include "plugin/sources.h"
#include "plugin/windows.h"

namespace pinxit {
namespace {

/// What the engine gets and gives. Held by a shared pointer, and without anything of GIMP's, because a window's thread
/// that hangs in a dead engine is left behind with it.
struct Canvas {
  struct Part {
    SharedPicture source, result;
    std::string facts;
  };
  std::vector<Part> parts;

  /// Paints all parts; events count their steps over all of them. Any thread.
  Status paint(const FastStyleRequest& request, const Emit& on_event, std::stop_token stop) {
    return guarded([&] {
      EngineClient client = EngineClient::connect({}).take();
      for (size_t i = 0; i < parts.size(); ++i) {
        Part& part = parts[i];
        part.result = SharedPicture::create(part.source.view().width, part.source.view().height).take();
        const auto tell = [&](const Event& event) {
          if (event.kind == Event::Kind::result || !on_event) return;
          Event told = event;
          if (event.kind == Event::Kind::progress) {
            told.step = event.step + int(i) * event.of;
            told.of = event.of * int(parts.size());
            if (parts.size() > 1) told.seconds_left = -1;
          }
          on_event(told);
        };
        part.facts = client.run(request, {part.source, part.result, {}, tell, stop}).take().facts;
      }
      return Nothing{};
    });
  }
};

double seconds_since(gint64 start) {
  return double(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
}

/// Only GEGL's buffers are needed; looking for its two hundred operations would take longer than reading most layers.
void start_gegl() {
  g_setenv("GEGL_PATH", "/nonexistent", false);
  gegl_init(nullptr, nullptr);
  g_unsetenv("GEGL_PATH");
}

std::shared_ptr<Canvas> read_sources(std::vector<Source>& sources) {
  const gint64 start = g_get_monotonic_time();
  auto canvas = std::make_shared<Canvas>();
  for (Source& source : sources) {
    read_source(source);
    canvas->parts.push_back({.source = source.pixels});
  }
  g_debug("read %.3f s", seconds_since(start));
  return canvas;
}

void show_progress(const Event& event) {
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
    case Event::Kind::progress:
      if (event.of > 0) gimp_progress_update(std::clamp(double(event.step) / event.of, 0.0, 1.0));
      break;
    default:
      break;
  }
}

void paint_with_progress_bar(Canvas& canvas, const FastStyleRequest& request) {
  const gint64 start = g_get_monotonic_time();
  gimp_progress_init(_("Painting"));
  canvas.paint(request, show_progress, {}).take();
  g_debug("paint %.3f s", seconds_since(start));
}

/// False when the painter closed the window.
bool paint_in_window(std::shared_ptr<Canvas> canvas, const Source& first, FastStyleRequest& request) {
  FastStyleDialogHost host;
  host.source = [canvas]() -> Result<SharedPicture> { return canvas->parts.front().source; };
  host.layer_name = first.name;
  host.width = first.width;
  host.height = first.height;
  host.paint = [canvas](const FastStyleRequest& chosen, std::function<void(const Event&)> on_event,
                        std::stop_token stop) { return canvas->paint(chosen, on_event, stop); };
  return show_fast_style_window(host, request).take() == DialogEnd::painted;
}

/// The styles' titles; for an engine that told none, what was asked for without folder and ending.
std::string layer_name(const FastStyleRequest& request, const std::string& facts) {
  std::string name = style_titles(facts);
  if (!name.empty()) return name;
  for (const WeightedStyle& style : request.styles) {
    g_autofree char* file = g_path_get_basename(style.style.c_str());
    const std::string base(file);
    name += (name.empty() ? "" : " + ") + base.substr(0, base.rfind('.'));
  }
  return name;
}

std::vector<GimpLayer*> insert_results(GimpImage* image, std::vector<Source> sources, const Canvas& canvas,
                                       const FastStyleRequest& request) {
  const gint64 start = g_get_monotonic_time();
  check_still_there(image, sources);
  std::vector<Finished> finished;
  for (size_t i = 0; i < sources.size(); ++i) {
    const Source& source = sources[i];
    const Canvas::Part& part = canvas.parts[i];
    const Recipe recipe{.procedure = fast_style_procedure,
                        .request = request,
                        .facts = part.facts,
                        .source = {.tattoo = gimp_item_get_tattoo(GIMP_ITEM(source.layer)),
                                   .name = source.name,
                                   .checksum = source.checksum,
                                   .width = source.width,
                                   .height = source.height}};
    finished.push_back({source, part.result, layer_name(request, part.facts), recipe});
  }
  auto layers = insert_layers(image, finished);
  g_debug("write %.3f s", seconds_since(start));
  return layers;
}

}  // namespace

std::optional<std::vector<GimpLayer*>> run_fast_style(GimpRunMode mode, GimpImage* image, GimpDrawable** drawables,
                                                      FastStyleRequest& request) {
  const gint64 start = g_get_monotonic_time();
  const bool window = mode == GIMP_RUN_INTERACTIVE;
  if (!window) validate(request).take();
  std::vector<Source> sources = sources_of(image, drawables);
  start_gegl();
  g_debug("start %.3f s", seconds_since(start));
  const std::shared_ptr<Canvas> canvas = read_sources(sources);
  if (!window) {
    paint_with_progress_bar(*canvas, request);
  } else if (!paint_in_window(canvas, sources.front(), request)) {
    return {};
  }
  return insert_results(image, std::move(sources), *canvas, request);
}

}  // namespace pinxit
