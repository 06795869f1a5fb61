// SPDX-License-Identifier: Apache-2.0
//
// Scaling of pictures with straight alpha: colours are weighted by alpha so that hidden colours do not bleed.
#pragma once

#include "engine/base/pixels.h"

namespace pinxit {

/// Scales `source` to the size of `target`: area averaging when shrinking, Lanczos-like cubic when growing.
void resample(SrgbView source, SrgbSpan target);

}  // namespace pinxit
