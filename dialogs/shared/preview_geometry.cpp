// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/preview_geometry.h"

#include <algorithm>
#include <cmath>

namespace pinxit {

Region crop_around(double x, double y, Size picture, Size pane) {
  const int64_t width = std::clamp<int64_t>(pane.width, 1, picture.width);
  const int64_t height = std::clamp<int64_t>(pane.height, 1, picture.height);
  const Region wished{int64_t(std::lround(x - double(width) / 2)), int64_t(std::lround(y - double(height) / 2)), width,
                      height};
  return crop_moved(wished, 0, 0, picture);
}

Region crop_moved(const Region& crop, int64_t dx, int64_t dy, Size picture) {
  Region moved = crop;
  moved.x = std::clamp<int64_t>(crop.x + dx, 0, std::max<int64_t>(0, picture.width - crop.width));
  moved.y = std::clamp<int64_t>(crop.y + dy, 0, std::max<int64_t>(0, picture.height - crop.height));
  return moved;
}

Size fitted_size(Size picture, Size pane) {
  const double scale = std::min({1.0, double(pane.width) / double(picture.width),
                                 double(pane.height) / double(picture.height)});
  return {std::max<int64_t>(1, std::lround(double(picture.width) * scale)),
          std::max<int64_t>(1, std::lround(double(picture.height) * scale))};
}

Region centred(Size thing, Size pane) {
  return {(pane.width - thing.width) / 2, (pane.height - thing.height) / 2, thing.width, thing.height};
}

double split_at(double x, const Region& shown) {
  if (shown.width <= 0) return 0.5;
  return std::clamp((x - double(shown.x)) / double(shown.width), 0.0, 1.0);
}

Region crop_in_overview(const Region& crop, Size picture, const Region& overview) {
  const double across = double(overview.width) / double(picture.width);
  const double down = double(overview.height) / double(picture.height);
  return {overview.x + int64_t(std::floor(double(crop.x) * across)),
          overview.y + int64_t(std::floor(double(crop.y) * down)),
          std::max<int64_t>(3, std::lround(double(crop.width) * across)),
          std::max<int64_t>(3, std::lround(double(crop.height) * down))};
}

}  // namespace pinxit
