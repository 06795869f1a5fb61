// SPDX-License-Identifier: Apache-2.0
//
// The gallery's window inside GIMP: runs are opened as layers of a new image, and run again on the image that the
// window was opened from.
#pragma once

#include <libgimp/gimp.h>

namespace pinxit {

inline constexpr const char* gallery_procedure = "plug-in-pinxit-gallery";

/// `image` may be null: then there is nothing to run again on. Main thread. Throws Failure.
void run_gallery(GimpImage* image);

}  // namespace pinxit
