// SPDX-License-Identifier: Apache-2.0
//
// Where things are in the preview. Picture coordinates are whole pixels of the layer; pane coordinates are device
// pixels of the drawing area, origin in its upper left corner. Nothing here draws.
//
//     Detail:  one device pixel shows one picture pixel; `crop` is the part of the picture that is seen.
//     Whole:   the picture reduced to fit (never enlarged); `fitted_size` is its size on the pane.
#pragma once

#include <cstdint>

#include "engine/base/pixels.h"

namespace pinxit {

struct Size {
  int64_t width = 0, height = 0;
  bool operator==(const Size&) const = default;
};

/// The part of the picture seen at 1:1 in a pane of this size when the point (x, y) of the picture is to be in its
/// middle: as large as the pane allows, moved as little as needed to lie inside the picture.
Region crop_around(double x, double y, Size picture, Size pane);

/// `crop` moved by whole pixels, kept inside the picture.
Region crop_moved(const Region& crop, int64_t dx, int64_t dy, Size picture);

/// The largest size of the picture's proportions that fits the pane and is not larger than the picture; at least 1×1.
Size fitted_size(Size picture, Size pane);

/// Where something of this size lies when it is centred on the pane.
Region centred(Size thing, Size pane);

/// The divider's place as a share 0..1 of the shown picture, for a pointer at pane coordinate x.
double split_at(double x, const Region& shown);

/// The rectangle that stands for `crop` in an overview that shows the whole picture at `overview`; at least 3×3.
Region crop_in_overview(const Region& crop, Size picture, const Region& overview);

}  // namespace pinxit
