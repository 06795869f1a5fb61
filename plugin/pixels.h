// SPDX-License-Identifier: Apache-2.0
//
// Pixels of a GIMP drawable as Pinxit's R'G'B'A float (engine/base/pixels.h) and back.
//
//     auto picture = SharedPicture::create(width, height).take();
//     std::string checksum = read_pixels(drawable, {0, 0, width, height}, picture.span());
//     …
//     write_pixels(new_layer, result.view());
//
// Every precision and encoding of GIMP's is read: 8, 16 and 32 bit integers, half, float and double, linear,
// perceptual, or with the curve of the image's own profile; grey is repeated in R, G and B, and written back as
// luminance. Profiles made of a matrix and curves are converted by babl, profiles made of tables by lcms through
// GimpColorTransform. Values outside 0..1 (wide gamut, HDR) pass through unchanged, and so do the colours of
// transparent pixels.
//
// Pixels go in bands between GIMP's tiles and the caller's memory, so that nothing as large as the picture is made on
// the way. Main thread only, after start_gegl. Throws Failure.
#pragma once

#include <libgimp/gimp.h>

#include <string>

#include "engine/base/pixels.h"

namespace pinxit {

/// GEGL for its buffers alone: looking for its two hundred operations would take longer than reading most layers.
/// May be called again.
void start_gegl();

/// Reads `region` (in the drawable's own pixels, inside it) into `target`, which has the region's size, or is empty
/// where only the checksum is wanted.
/// Returns a checksum of the pixels as GIMP holds them: "pinxit64:0123456789abcdef", which changes with any pixel and
/// does not depend on how colours are converted. It tells changes, not attacks.
/// Errors: picture_unsupported for a colour profile that cannot be used.
std::string read_pixels(GimpDrawable* drawable, const Region& region, SrgbSpan target);

/// Writes all pixels of `drawable`, which has the picture's size. A drawable that is not in an image yet is fine.
void write_pixels(GimpDrawable* drawable, SrgbView picture);

/// The same for a layer of an image, in two steps: all pixels into its shadow, where nothing of the image changes yet
/// and everything can still go wrong; then at once from there, as a step to be undone. A selection limits that, as any
/// of GIMP's own filters.
void write_shadow(GimpDrawable* drawable, SrgbView picture);
void merge_shadow(GimpDrawable* drawable);

/// Multiplies a layer mask, in place, by another mask or channel of which it covers the part that begins at
/// (`x`, `y`): both count as linear shares 0..1.
void multiply_mask(GimpDrawable* mask, GimpDrawable* by, int64_t x, int64_t y);

}  // namespace pinxit
