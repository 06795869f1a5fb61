// SPDX-License-Identifier: Apache-2.0
//
// One picture, as large as the place allows, over checks where it is transparent.
//
//     PictureView view(Size{layer_width, layer_height});
//     view.show(source.view(), _("The layer"));
//     view.show(iteration.view(), "Iteration 3");        // of another size: scaled to the same place
//
// The place has the proportions of the layer and is never larger than it. Screen readers hear the caption as the
// description. The pixels are copied. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <string>

#include "dialogs/shared/preview_geometry.h"
#include "dialogs/shared/preview_surface.h"

namespace pinxit {

class PictureView {
 public:
  explicit PictureView(Size layer);
  PictureView(const PictureView&) = delete;
  GtkWidget* widget() const { return area_; }
  void show(const SrgbView& picture, const std::string& caption);
  /// Another place than a layer's, for what is shown next: pictures smaller than it are enlarged.
  void set_place(Size place) { layer_ = place; }

 private:
  void draw(cairo_t* cairo);

  Size layer_;
  GtkWidget* area_;
  Surface surface_;
};

}  // namespace pinxit
