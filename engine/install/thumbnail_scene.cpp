// SPDX-License-Identifier: Apache-2.0
#include "engine/install/thumbnail_scene.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pinxit {
namespace {

using Colour = std::array<double, 3>;

Colour mix(const Colour& a, const Colour& b, double share) {
  share = std::clamp(share, 0.0, 1.0);
  return {a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share};
}

/// A fixed pattern of -1…1 that looks like leaves and stones.
double grain(double x, double y) {
  const double wave = std::sin(x * 91.7 + 3 * std::sin(y * 47.3)) * std::sin(y * 83.1 + 2 * std::sin(x * 61.9));
  return wave * 0.6 + 0.4 * std::sin(x * 211 + y * 173);
}

/// The sky and the hills at x, y in 0..1, y downwards.
Colour land_and_sky(double x, double y) {
  Colour colour = mix({0.25, 0.47, 0.80}, {0.98, 0.80, 0.58}, y / 0.55);
  const double cloud = std::sin(x * 9 + 1.5) * std::sin(y * 31 + x * 4) + 0.5 * std::sin(x * 23 + y * 17);
  colour = mix(colour, {1, 0.97, 0.93}, (cloud - 0.45) * 0.8 * (0.5 - y) / 0.5);
  const double sun = std::hypot(x - 0.70, y - 0.30);
  colour = mix(colour, {1, 0.93, 0.62}, sun < 0.065 ? 1 : 0.9 - sun * 4);
  const double far = 0.43 + 0.07 * std::sin(x * 7 + 0.8) + 0.03 * std::sin(x * 17);
  if (y > far) colour = mix({0.34, 0.40, 0.58}, {0.52, 0.55, 0.62}, (y - far) * 6 + 0.1 * grain(x, y));
  const double near = 0.56 + 0.05 * std::sin(x * 5 + 3.4) + 0.015 * std::sin(x * 31);
  if (y > near) colour = mix({0.20, 0.38, 0.18}, {0.55, 0.60, 0.24}, (y - near) * 4 + 0.35 * grain(x, y) + 0.3);
  return colour;
}

Colour scene_colour(double x, double y) {
  constexpr double shore = 0.68;
  Colour colour = land_and_sky(x, y);
  if (y > shore) {
    const double depth = (y - shore) / (1 - shore);
    const double ripple = 0.012 * std::sin(y * 140 + 4 * std::sin(x * 11)) * (1 + depth);
    colour = mix(land_and_sky(x + ripple, 2 * shore - y - 0.1 * depth), {0.08, 0.24, 0.38}, 0.25 + 0.45 * depth);
    colour = mix(colour, {0.95, 0.95, 0.90}, std::sin(y * 260 + 9 * std::sin(x * 13)) > 0.93 ? 0.5 : 0);
  }
  const double trunk = 0.20 + 0.012 * std::sin(y * 14);
  if (std::abs(x - trunk) < 0.010 + 0.018 * (y - 0.3) && y > 0.36 && y < 0.80)
    colour = mix({0.24, 0.15, 0.10}, {0.50, 0.33, 0.20}, (x - trunk) * 40 + 0.3 + 0.2 * grain(x, y));
  const double crown = std::hypot((x - 0.20) / 0.16, (y - 0.30) / 0.20) + 0.13 * grain(x * 0.6, y * 0.6);
  if (crown < 1) colour = mix({0.62, 0.66, 0.20}, {0.10, 0.24, 0.10}, crown * 0.7 + (x - 0.1) + 0.25 * grain(x, y));
  return colour;
}

}  // namespace

SrgbPicture thumbnail_scene(int64_t side) {
  SrgbPicture picture(side, side);
  for (int64_t y = 0; y < side; ++y) {
    float* row = picture.span().row(y);
    for (int64_t x = 0; x < side; ++x) {
      const Colour colour = scene_colour((double(x) + 0.5) / double(side), (double(y) + 0.5) / double(side));
      for (size_t c = 0; c < 3; ++c) row[4 * x + int64_t(c)] = float(std::clamp(colour[c], 0.0, 1.0));
      row[4 * x + 3] = 1;
    }
  }
  return picture;
}

}  // namespace pinxit
