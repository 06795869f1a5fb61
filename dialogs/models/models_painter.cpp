// SPDX-License-Identifier: Apache-2.0
#include "dialogs/models/models_painter.h"

#include <gdk-pixbuf/gdk-pixbuf.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/client/engine_client.h"
#include "engine/install/thumbnail_scene.h"

namespace pinxit {
namespace {

constexpr int side = 256;

/// 8 bit without alpha; what lies outside 0..1 is clipped.
void save_as_jpeg(SrgbView picture, const std::string& file) {
  g_autoptr(GdkPixbuf) pixbuf =
      gdk_pixbuf_new(GDK_COLORSPACE_RGB, FALSE, 8, int(picture.width), int(picture.height));
  if (!pixbuf) throw Failure(out_of_memory_error());
  for (int64_t y = 0; y < picture.height; y++) {
    guchar* out = gdk_pixbuf_get_pixels(pixbuf) + y * gdk_pixbuf_get_rowstride(pixbuf);
    const float* in = picture.row(y);
    for (int64_t x = 0; x < picture.width; x++)
      for (int c = 0; c < 3; c++)
        out[3 * x + c] = guchar(std::lround(255 * std::clamp(double(in[4 * x + c]), 0.0, 1.0)));
  }
  g_autoptr(GError) problem = nullptr;
  if (!gdk_pixbuf_save(pixbuf, file.c_str(), "jpeg", &problem, "quality", "90", nullptr))
    throw Failure(ErrorCode::file_unwritable,
                  format_text(_("“%s” cannot be written: %s"), file.c_str(), problem->message));
}

void paint(const std::string& weights, const std::string& file, std::stop_token stop) {
  const SrgbPicture scene = thumbnail_scene(side);
  const SharedPicture source = SharedPicture::create(side, side).take();
  SharedPicture result = SharedPicture::create(side, side).take();
  std::copy(scene.data.begin(), scene.data.end(), source.span().data);
  FastStyleRequest request;
  request.styles = {{weights, 1}};
  EngineOptions options;
  options.stop = stop;
  EngineClient engine = EngineClient::connect(options).take();
  Job job;
  job.source = source;
  job.result = result;
  job.on_event = [](const Event&) {};
  job.stop = stop;
  engine.run(request, job).take();
  save_as_jpeg(result.view(), file);
}

}  // namespace

std::function<Status(const std::string& weights, const std::string& picture)> thumbnail_painter(std::stop_token stop) {
  return [stop](const std::string& weights, const std::string& picture) {
    return guarded([&]() -> Nothing {
      paint(weights, picture, stop);
      return {};
    });
  };
}

}  // namespace pinxit
