// SPDX-License-Identifier: Apache-2.0
//
// A stand-alone host for our windows, without GIMP: the fast ring of the dialog tests. Not installed.
//
//     dialog_host fast-style [--size WxH] [--paint engine|slow|hang|fail] [--styles TEXT]
//     dialog_host settings
//     dialog_host neural-style …                            neural_style_host.cpp
//     dialog_host generate …                                generate_host.cpp
//
// The picture is made here (a gradient with rings and a transparent corner). "engine" paints through the real client;
// the others are paint functions of this file: 5 s of progress, one that ignores the stop, one that fails. On the way
// out it prints one line of JSON: {"end":"painted","request":{…}} or {"end":"closed",…} or {"end":"error",…}.
// With PINXIT_TEST_RESULT=FILE a picture that was painted is written there as raw R'G'B'A float.
#include <glib.h>
#include <gtk/gtk.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "dialogs/fast_style/fast_style_dialog.h"
#include "dialogs/settings/settings_dialog.h"
#include "engine/requests/json.h"
#include "tests/dialogs/hosts.h"

pinxit::SharedPicture made_picture(int64_t width, int64_t height) {
  auto picture = pinxit::SharedPicture::create(width, height).take();
  for (int64_t y = 0; y < height; y++) {
    float* pixel = picture.span().row(y);
    for (int64_t x = 0; x < width; x++, pixel += 4) {
      const double u = double(x) / double(width), v = double(y) / double(height);
      const double rings = 0.5 + 0.5 * std::sin(60 * std::hypot(u - 0.6, v - 0.4));
      pixel[0] = float(0.25 + 0.6 * u);
      pixel[1] = float(0.2 + 0.5 * v + 0.2 * rings);
      pixel[2] = float(0.8 - 0.6 * u * v);
      pixel[3] = u + v < 0.15 ? 0.3f : 1.0f;
    }
  }
  picture.touch();
  return picture;
}

std::optional<std::string> option(int argc, char** argv, const char* name) {
  for (int i = 2; i + 1 < argc; i++)
    if (std::strcmp(argv[i], name) == 0) return argv[i + 1];
  return {};
}

namespace {

using namespace pinxit;
using Events = std::function<void(const Event&)>;

Event progress(int step, int of, double seconds_left) {
  Event event;
  event.kind = Event::Kind::progress;
  event.step = step;
  event.of = of;
  event.seconds_left = seconds_left;
  return event;
}

Status paint_with_engine(const SharedPicture& source, const FastStyleRequest& request, const Events& on_event,
                         std::stop_token stop) {
  auto client = EngineClient::connect({});
  if (!client) return client.error();
  auto result = SharedPicture::create(source.view().width, source.view().height);
  if (!result) return result.error();
  auto outcome = client->run(request, {source, *result, {}, on_event, stop});
  if (!outcome) return outcome.error();
  if (const char* file = g_getenv("PINXIT_TEST_RESULT"))
    g_file_set_contents(file, reinterpret_cast<const char*>(result->view().data), gssize(result->view().bytes()),
                        nullptr);
  return Nothing{};
}

Status paint_slowly(const FastStyleRequest&, const Events& on_event, std::stop_token stop) {
  for (int step = 0; step < 100; step++) {
    if (stop.stop_requested()) return Cancelled().error;
    on_event(progress(step, 100, 0.05 * (100 - step)));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return Nothing{};
}

Status hang(const FastStyleRequest&, const Events& on_event, std::stop_token) {
  on_event(progress(1, 100, 1000));
  while (true) std::this_thread::sleep_for(std::chrono::seconds(1));
}

Status fail(const FastStyleRequest&, const Events&, std::stop_token) {
  return Error{ErrorCode::out_of_memory, "The picture does not fit into memory.", "Choose a smaller maximum size."};
}

int fast_style(int argc, char** argv) {
  int width = 1600, height = 1200;
  if (const auto size = option(argc, argv, "--size")) std::sscanf(size->c_str(), "%dx%d", &width, &height);
  const std::string paint = option(argc, argv, "--paint").value_or("engine");
  FastStyleRequest request;
  if (const auto styles = option(argc, argv, "--styles")) request.styles = styles_from_text(*styles).take();

  const auto source = std::make_shared<SharedPicture>(made_picture(width, height));
  FastStyleDialogHost host;
  host.source = [source] { return *source; };
  host.layer_name = "Background";
  host.width = width;
  host.height = height;
  host.paint = [source, paint](const FastStyleRequest& chosen, Events on_event, std::stop_token stop) {
    if (paint == "slow") return paint_slowly(chosen, on_event, stop);
    if (paint == "hang") return hang(chosen, on_event, stop);
    if (paint == "fail") return fail(chosen, on_event, stop);
    return paint_with_engine(*source, chosen, on_event, stop);
  };
  const auto end = run_fast_style_dialog(host, request);
  if (!end) {
    std::printf("{\"end\":\"error\",\"sentence\":\"%s\"}\n", end.error().sentence.c_str());
    return 1;
  }
  std::printf("{\"end\":\"%s\",\"request\":%s}\n", *end == DialogEnd::painted ? "painted" : "closed",
              to_json(request).c_str());
  return 0;
}

int settings() {
  const auto end = run_settings_dialog();
  std::printf("{\"end\":\"%s\"}\n", end ? "closed" : "error");
  return end ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  gtk_init(&argc, &argv);
  if (argc > 1 && std::strcmp(argv[1], "fast-style") == 0) return fast_style(argc, argv);
  if (argc > 1 && std::strcmp(argv[1], "neural-style") == 0) return neural_style_host(argc, argv);
  if (argc > 1 && std::strcmp(argv[1], "generate") == 0) return generate_host(argc, argv);
  if (argc > 1 && std::strcmp(argv[1], "settings") == 0) return settings();
  std::fprintf(stderr, "dialog_host fast-style|neural-style|generate|settings\n");
  return 2;
}
