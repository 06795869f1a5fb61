// SPDX-License-Identifier: Apache-2.0
#include "plugin/canvas.h"

#include <glib.h>

#include <utility>

#include "plugin/pixels.h"
#include "plugin/several_runs.h"
#include "plugin/stopwatch.h"

namespace pinxit {
namespace {

/// One source of `count` paints; its events become those of the whole.
class Teller {
 public:
  Teller(const Canvas::Painting& painting, size_t number, size_t count, Painted& painted)
      : painting_(painting), number_(number), count_(count), painted_(painted) {}

  void operator()(const Event& event) const {
    if (event.kind == Event::Kind::result) return;
    if (event.kind == Event::Kind::state) {
      if (event.full && event.picture && event.step < event.of) painted_.states.push_back({event.step, event.picture});
      if (painting_.on_state) painting_.on_state(number_, event);
    }
    const bool picture = event.kind == Event::Kind::state || event.kind == Event::Kind::preview;
    if (!painting_.on_event || (picture && number_ > 0)) return;
    painting_.on_event(of_the_whole(event, number_, count_));
  }

 private:
  const Canvas::Painting& painting_;
  size_t number_, count_;
  Painted& painted_;
};

}  // namespace

Status Canvas::paint(const AnyRequest& request, const Painting& painting) {
  return guarded([&] {
    EngineClient client = EngineClient::connect({.stop = painting.stop}).take();
    std::vector<Painted> done;
    for (size_t i = 0; i < sources.size(); ++i) {
      if (i > 0 && painting.finish.stop_requested()) break;
      const SrgbView size = sources[i].view();
      Painted part{.result = SharedPicture::create(size.width, size.height).take()};
      Job job{sources[i], part.result, {}, Teller(painting, i, sources.size(), part), painting.stop};
      if (i < painting.pictures.size()) job.pictures = painting.pictures[i];
      job.preview_side = painting.preview_side;
      job.finish = painting.finish;
      part.facts = client.run(request, job).take().facts;
      done.push_back(std::move(part));
    }
    if (painting.stop.stop_requested()) throw Cancelled();
    painted = std::move(done);
    return Nothing{};
  });
}

std::shared_ptr<Canvas> read_canvas(std::vector<Source>& sources) {
  const Stopwatch stopwatch("read");
  start_gegl();
  auto canvas = std::make_shared<Canvas>();
  for (Source& source : sources) {
    read_source(source);
    canvas->sources.push_back(source.pixels);
  }
  return canvas;
}

}  // namespace pinxit
