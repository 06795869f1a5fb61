// SPDX-License-Identifier: Apache-2.0
//
// A model's small square picture with round corners: its thumbnail file, or where there is none that can be read, its
// initial on a colour of its own. Main thread only.
//
//     GtkWidget* image = gtk_image_new_from_surface(model_thumbnail(entry.thumbnail, entry.title, 96, scale).get());
#pragma once

#include <string>

#include "dialogs/shared/preview_surface.h"

namespace pinxit {

/// `side` in the application's pixels, `scale` device pixels each.
Surface model_thumbnail(const std::string& file, const std::string& title, int side, int scale);

}  // namespace pinxit
