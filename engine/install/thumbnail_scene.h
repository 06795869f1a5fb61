// SPDX-License-Identifier: Apache-2.0
//
// A small landscape to show a style on: sky, sun, hills, water, a tree; made of formulas, so that it belongs to nobody.
//
//     SrgbPicture scene = thumbnail_scene(256);      // R'G'B'A, opaque
#pragma once

#include "engine/base/pixels.h"

namespace pinxit {

SrgbPicture thumbnail_scene(int64_t side);

}  // namespace pinxit
