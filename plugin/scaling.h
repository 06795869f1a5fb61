// SPDX-License-Identifier: Apache-2.0
//
// A picture at another size, for masks and for iterations kept as they were shown: a triangle filter, which is linear
// interpolation where the picture grows and an average where it shrinks. Channels are treated alike. Any thread.
#pragma once

#include "engine/base/pixels.h"

namespace pinxit {

SrgbPicture scaled(SrgbView picture, int64_t width, int64_t height);

}  // namespace pinxit
