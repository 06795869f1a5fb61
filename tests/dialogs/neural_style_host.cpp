// SPDX-License-Identifier: Apache-2.0
//
//     dialog_host neural-style [--size WxH] [--paint engine|grow|wait|crash|hang|lost] [--pace MS] [--styles TEXT]
//                              [--replaces yes] [--run-name TEXT]
//
// grow    makes the iterations here, one each PACE ms, with previews between; every N-th in full size as asked
// wait    the same, but after the fourth nothing more comes until it is finished or stopped, or until the file
//         PINXIT_TEST_GATE exists
// crash   engine_lost after the fourth;  lost: before the first
// hang    ignores stop and finish
//
// Open besides files are the layers "Waves" (layer:7) and "Sunset" (layer:8), and the mask "Sky" (layer:9). On the way
// out one line of JSON: {"end":…,"painting":true,"facts":…,"kept":[{"iteration":3,"width":…,"full":false}],
// "gallery":1,"request":{…}}.
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <thread>

#include "dialogs/neural_style/neural_style_dialog.h"
#include "engine/base/text.h"
#include "engine/requests/json.h"
#include "tests/dialogs/hosts.h"

namespace {

using namespace pinxit;

constexpr int stall_after = 4;

Result<SharedPicture> load_picture(const std::string& reference) {
  if (reference == "layer:7") return made_picture(240, 180);
  if (reference == "layer:8") return made_picture(120, 300);
  if (reference == "layer:9") return made_picture(400, 300);
  g_autoptr(GError) problem = nullptr;
  g_autoptr(GdkPixbuf) read = gdk_pixbuf_new_from_file(reference.c_str(), &problem);
  if (!read) return Error{ErrorCode::file_unreadable, "The picture cannot be read: " + reference, problem->message};
  g_autoptr(GdkPixbuf) pixels = gdk_pixbuf_add_alpha(read, FALSE, 0, 0, 0);
  auto picture = SharedPicture::create(gdk_pixbuf_get_width(pixels), gdk_pixbuf_get_height(pixels)).take();
  const SrgbSpan span = picture.span();
  for (int64_t y = 0; y < span.height; y++) {
    const guchar* from = gdk_pixbuf_get_pixels(pixels) + y * gdk_pixbuf_get_rowstride(pixels);
    for (int64_t i = 0; i < 4 * span.width; i++) span.row(y)[i] = float(from[i]) / 255;
  }
  picture.touch();
  return picture;
}

/// The source, more and more of it turned into stripes, at most `side` large.
std::shared_ptr<SrgbPicture> grown(const SrgbView& source, double share, int64_t side) {
  const double factor = std::max(1.0, double(std::max(source.width, source.height)) / double(side));
  auto picture = std::make_shared<SrgbPicture>(std::max<int64_t>(1, std::lround(double(source.width) / factor)),
                                               std::max<int64_t>(1, std::lround(double(source.height) / factor)));
  for (int64_t y = 0; y < picture->height; y++)
    for (int64_t x = 0; x < picture->width; x++) {
      const float* from = source.row(std::min(source.height - 1, int64_t(double(y) * factor))) +
                          4 * std::min(source.width - 1, int64_t(double(x) * factor));
      float* to = picture->span().row(y) + 4 * x;
      const double stroke = 0.5 + 0.5 * std::sin(0.12 * double(x) + 4 * std::sin(0.05 * double(y)));
      for (int c = 0; c < 3; c++)
        to[c] = float((1 - share) * double(from[c]) + share * (c == 2 ? 1 - 0.6 * stroke : 0.2 + 0.7 * stroke));
      to[3] = from[3];
    }
  return picture;
}

Event state(const SrgbView& source, int step, int of, bool full) {
  Event event;
  event.kind = Event::Kind::state;
  event.step = step;
  event.of = of;
  event.full = full;
  event.picture = grown(source, double(step) / of, full ? (1 << 20) : neural_preview_side);
  Losses losses;
  losses.content = 40 * (1 - std::exp(-0.3 * step));
  losses.style = 2.5e4 * std::exp(-0.45 * step) + 120;
  losses.variation = 0.8 + 0.05 * step;
  losses.total = losses.content + losses.style + losses.variation;
  event.losses = losses;
  return event;
}

class Grower {
 public:
  Grower(SharedPicture source, std::string manner, int pace)
      : source_(std::move(source)), manner_(std::move(manner)), pace_(pace) {}

  Result<NeuralStylePainting> paint(const NeuralStyleRun& run, const Emit& tell, const std::stop_token& stop,
                                    const std::stop_token& finish) const {
    const int of = run.request.iterations;
    const SrgbView view = source_.view();
    if (manner_ == "lost") return lost();
    int done = 0;
    for (int step = 0; step <= of && !finish.stop_requested(); done = step++) {
      if (manner_ == "crash" && step > stall_after) return lost();
      if (manner_ != "grow" && step == stall_after + 1) wait(stop, finish);
      if (stop.stop_requested()) return Cancelled().error;
      if (finish.stop_requested()) break;
      tell(state(view, step, of, false));
      if (run.request.keep_every > 0 && step > 0 && step % run.request.keep_every == 0)
        tell(state(view, step, of, true));
      Event progress;
      progress.kind = Event::Kind::progress;
      progress.step = step;
      progress.of = of;
      progress.seconds_left = 0.001 * pace_ * (of - step);
      tell(progress);
      std::this_thread::sleep_for(std::chrono::milliseconds(pace_ / 2));
      Event preview;
      preview.kind = Event::Kind::preview;
      preview.picture = grown(view, (step + 0.5) / of, neural_preview_side);
      tell(preview);
      std::this_thread::sleep_for(std::chrono::milliseconds(pace_ / 2));
    }
    auto result = SharedPicture::create(view.width, view.height).take();
    const auto last = grown(view, double(done) / of, 1 << 20);
    std::copy(last->data.begin(), last->data.end(), result.span().data);
    return NeuralStylePainting{result, "{\"device\":\"cpu\",\"pictures\":" + std::to_string(run.pictures.size()) + "}"};
  }

 private:
  static Error lost() {
    return {ErrorCode::engine_lost, "The engine went away while it was painting.", "Try once more."};
  }
  void wait(const std::stop_token& stop, const std::stop_token& finish) const {
    const char* gate = g_getenv("PINXIT_TEST_GATE");
    const auto over = [&] {
      return stop.stop_requested() || finish.stop_requested() || (gate && g_file_test(gate, G_FILE_TEST_EXISTS));
    };
    while (manner_ == "hang" || !over())
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  SharedPicture source_;
  std::string manner_;
  int pace_;
};

Result<NeuralStylePainting> paint_with_engine(const SharedPicture& source, const NeuralStyleRun& run,
                                              const Emit& on_event, const std::stop_token& stop,
                                              const std::stop_token& finish) {
  auto client = EngineClient::connect({});
  if (!client) return client.error();
  auto result = SharedPicture::create(source.view().width, source.view().height);
  if (!result) return result.error();
  const Job job{source, *result, {}, on_event, stop, run.pictures, neural_preview_side, finish};
  auto outcome = client->run(run.request, job);
  if (!outcome) return outcome.error();
  return NeuralStylePainting{*result, outcome->facts};
}

void print(const NeuralStyleResult& result, const NeuralStyleRequest& request) {
  std::string kept;
  for (const KeptIteration& one : result.kept)
    kept += format_text("%s{\"iteration\":%d,\"width\":%lld,\"full\":%s}", kept.empty() ? "" : ",", one.iteration,
                        (long long)one.picture.width, one.full ? "true" : "false");
  std::printf("{\"end\":\"%s\",\"painting\":%s,\"facts\":%s,\"kept\":[%s],\"gallery\":%lld,\"request\":%s}\n",
              result.end == DialogEnd::painted ? "painted" : "closed", result.painting ? "true" : "false",
              result.painting ? result.painting->facts.c_str() : "null", kept.c_str(), (long long)result.gallery_id,
              to_json(request).c_str());
}

}  // namespace

int neural_style_host(int argc, char** argv) {
  int width = 1600, height = 1200;
  if (const auto size = option(argc, argv, "--size")) std::sscanf(size->c_str(), "%dx%d", &width, &height);
  const std::string paint = option(argc, argv, "--paint").value_or("engine");
  const int pace = std::atoi(option(argc, argv, "--pace").value_or("60").c_str());
  NeuralStyleRequest request;
  if (const auto styles = option(argc, argv, "--styles")) request.styles = styles_from_text(*styles).take();
  request.name = option(argc, argv, "--run-name").value_or("");

  const SharedPicture source = made_picture(width, height);
  NeuralStyleDialogHost host;
  host.source = [source] { return source; };
  host.layer_name = "Background";
  host.replaces = option(argc, argv, "--replaces").has_value();
  host.pictures = {{"layer:7", "Waves"}, {"layer:8", "Sunset"}};
  host.masks = {{"layer:9", "Sky"}};
  host.load_picture = load_picture;
  host.load_mask = load_picture;
  host.paint = [source, paint, grower = Grower(source, paint, pace)](
                   const NeuralStyleRun& run, std::function<void(const Event&)> on_event, std::stop_token stop,
                   std::stop_token finish) {
    return paint == "engine" ? paint_with_engine(source, run, on_event, stop, finish)
                             : grower.paint(run, on_event, stop, finish);
  };
  const auto result = run_neural_style_dialog(host, request);
  if (!result) {
    std::printf("{\"end\":\"error\",\"sentence\":\"%s\"}\n", result.error().sentence.c_str());
    return 1;
  }
  print(*result, request);
  return 0;
}
