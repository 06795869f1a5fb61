// SPDX-License-Identifier: Apache-2.0
//
// Pictures as cairo wants them: 8 bit, premultiplied, in the byte order of the machine. R'G'B' is shown as it is
// (the screen is taken for sRGB); values outside 0..1 are clipped for the eye only. May be called on any thread.
#pragma once

#include <cairo.h>

#include <memory>

#include "dialogs/shared/preview_geometry.h"
#include "engine/base/pixels.h"

namespace pinxit {

struct SurfaceRelease {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using Surface = std::unique_ptr<cairo_surface_t, SurfaceRelease>;

/// `region` (inside the picture) pixel by pixel.
Surface surface_of(const SrgbView& picture, const Region& region);

/// The whole picture reduced to `size`: a mean of at most 4×4 samples a pixel, which takes the same short time for
/// pictures of any size.
Surface reduced_surface(const SrgbView& picture, Size size);

/// Transparency as GIMP shows it: middle grey checks, under a picture that covers `region`.
void draw_checks(cairo_t* cairo, const Region& region);

}  // namespace pinxit
