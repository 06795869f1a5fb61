// SPDX-License-Identifier: Apache-2.0
//
// A stand-alone host for the gallery's window, without GIMP, and what fills its gallery. Not installed.
//
//     gallery_host fill           makes one run of each state but "in progress"
//     gallery_host run NAME       begins a run; records its next iteration for each line read, and says its number
//     gallery_host show [--no-gimp | --refuse]
//
// The middle of iteration i's picture has the colour (i/10, 0.5, 0.2). "show" says each call of the host as a line of
// JSON: {"call":"open","id":1,"iterations":[3],"result":false}, {"call":"run-again","request":{…}}; "--refuse" answers
// each with an error, "--no-gimp" offers no layers. Running again makes a new entry that waits. At the end
// {"end":"closed"}.
#include <gtk/gtk.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>

#include "dialogs/gallery/gallery_window.h"
#include "engine/gallery/gallery.h"
#include "engine/requests/json.h"

namespace {

using namespace pinxit;

SrgbPicture picture_of(int iteration, int64_t width = 320, int64_t height = 240) {
  SrgbPicture made(width, height);
  for (int64_t y = 0; y < height; y++) {
    float* pixel = made.span().row(y);
    for (int64_t x = 0; x < width; x++, pixel += 4) {
      const double u = double(x) / double(width) - 0.5, v = double(y) / double(height) - 0.5;
      const double wave = 0.5 + 0.5 * std::sin(40 * u + 12 * std::sin(9 * v) + iteration);
      const bool middle = std::fabs(u) < 0.15 && std::fabs(v) < 0.15;
      pixel[0] = float(middle ? iteration / 10.0 : 0.2 + 0.06 * iteration * wave);
      pixel[1] = float(middle ? 0.5 : 0.3 + 0.3 * wave);
      pixel[2] = float(middle ? 0.2 : 0.7 - 0.4 * u);
      pixel[3] = 1;
    }
  }
  return made;
}

Losses losses_of(int iteration) {
  Losses losses;
  losses.content = 2e4 * (1 - std::exp(-0.5 * iteration));
  losses.style = 3e6 * std::exp(-0.6 * iteration) + 2e4;
  losses.variation = 1e3 + 50 * iteration;
  losses.total = losses.content + losses.style + losses.variation;
  return losses;
}

NeuralStyleRequest request_of(double style_weight) {
  NeuralStyleRequest request;
  request.styles = {{"/pictures/starry-night.jpg", 0.7}, {"/pictures/wave.jpg", 0.3}};
  request.style_weight = style_weight;
  return request;
}

int64_t begun(Gallery& gallery, const char* name, int last) {
  const int64_t id = gallery.add(name, request_of(100)).take();
  gallery.begin(id).take();
  for (int i = 0; i <= last; i++) gallery.record(id, i, losses_of(i), picture_of(i).view()).take();
  return id;
}

int fill() {
  Gallery gallery = Gallery::open().take();
  gallery.complete(begun(gallery, "Evening, Starry Night", 10), picture_of(10, 640, 480).view(), "{}").take();
  gallery.stop(begun(gallery, "Élan vital", 4), picture_of(4, 640, 480).view(), "{}").take();
  gallery.fail(begun(gallery, "Harbour", 2), "The engine went away.").take();
  gallery.add("Boats", request_of(50)).take();
  gallery.add("Sketch", NeuralStyleRequest()).take();
  return 0;
}

int run(const char* name) {
  Gallery gallery = Gallery::open().take();
  const int64_t id = begun(gallery, name, 0);
  std::printf("0\n");
  std::fflush(stdout);
  std::string line;
  for (int i = 1; std::getline(std::cin, line); i++) {
    gallery.record(id, i, losses_of(i), picture_of(i).view()).take();
    std::printf("%d\n", i);
    std::fflush(stdout);
  }
  return 0;
}

int show(const std::string& manner) {
  const auto answer = [manner]() -> Status {
    std::fflush(stdout);
    if (manner == "--refuse") return Error{ErrorCode::file_unwritable, "There is no room here.", "Make some."};
    return Nothing{};
  };
  GalleryHost host;
  if (manner != "--no-gimp")
    host.open_as_layers = [&](int64_t id, const std::vector<int>& iterations, bool result) {
      std::string list;
      for (const int one : iterations) list += (list.empty() ? "" : ",") + std::to_string(one);
      std::printf("{\"call\":\"open\",\"id\":%d,\"iterations\":[%s],\"result\":%s}\n", int(id), list.c_str(),
                  result ? "true" : "false");
      return answer();
    };
  host.run_again = [&](const NeuralStyleRequest& request) {
    std::printf("{\"call\":\"run-again\",\"request\":%s}\n", to_json(request).c_str());
    const Status status = answer();
    if (status) Gallery::open().take().add(request.name, request).take();
    return status;
  };
  const Status end = run_gallery_window(host);
  if (end) std::printf("{\"end\":\"closed\"}\n");
  else std::printf("{\"end\":\"error\",\"sentence\":\"%s\"}\n", end.error().sentence.c_str());
  return end ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "fill") return fill();
  if (what == "run" && argc > 2) return run(argv[2]);
  gtk_init(&argc, &argv);
  if (what == "show") return show(argc > 2 ? argv[2] : "");
  std::fprintf(stderr, "gallery_host fill | run NAME | show [--no-gimp | --refuse]\n");
  return 2;
}
