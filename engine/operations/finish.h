// SPDX-License-Identifier: Apache-2.0
//
// From styled colours to the result: keep colours, strength, alpha. A pure function of pixels, shared by whole
// pictures, crops and fitted previews.
#pragma once

#include "engine/base/pixels.h"

namespace pinxit {

struct Finish {
  float strength = 1;       ///< 0..1: share of the styled pixel over the source pixel
  bool keep_colors = false; ///< brightness (BT.601 luma of R'G'B') of the styled pixel, colour of the source
};

/// `styled` holds width × height × 3 colours 0..255 (clamped here); `source` the pixels they were made from, and its
/// alpha goes to `result`. With strength 0 the result equals the source.
void finish_row(const Finish& finish, const float* styled, const float* source_rgba, float* result_rgba,
                int64_t width);

}  // namespace pinxit
