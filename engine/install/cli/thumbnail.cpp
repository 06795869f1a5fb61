// SPDX-License-Identifier: Apache-2.0
#include "engine/install/cli/thumbnail.h"

#include <algorithm>

#include "engine/client/engine_client.h"
#include "engine/install/thumbnail_scene.h"
#include "engine/pictures/files.h"

namespace pinxit {
namespace {

constexpr int64_t side = 256;
constexpr int quality = 90;

void make_thumbnail(const std::string& weights, const std::string& picture, std::stop_token stop) {
  const SrgbPicture scene = thumbnail_scene(side);
  SharedPicture source = SharedPicture::create(side, side).take(), result = SharedPicture::create(side, side).take();
  std::copy(scene.data.begin(), scene.data.end(), source.span().data);
  source.touch();
  FastStyleRequest request;
  request.styles = {{weights, 1}};
  EngineOptions options;
  options.stop = stop;
  EngineClient engine = EngineClient::connect(options).take();
  engine.run(request, Job{source, result, {}, [](const Event&) {}, stop}).take();
  PictureFile like;
  write_picture(picture, result.view(), like, {quality}).take();
}

}  // namespace

std::function<Status(const std::string& weights, const std::string& picture)> thumbnail_maker(std::stop_token stop) {
  return [stop](const std::string& weights, const std::string& picture) {
    return guarded([&]() -> Nothing { return make_thumbnail(weights, picture, stop), Nothing{}; });
  };
}

}  // namespace pinxit
