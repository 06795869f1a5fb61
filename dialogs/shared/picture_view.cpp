// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/picture_view.h"

#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr int64_t largest_surface = 1024;  // of either side; a window shows hardly more

}  // namespace

PictureView::PictureView(Size layer) : layer_(layer), area_(gtk_drawing_area_new()) {
  gtk_widget_set_size_request(area_, 320, 200);
  on<gboolean(GtkWidget*, cairo_t*)>(area_, "draw", [this](GtkWidget*, cairo_t* cairo) -> gboolean {
    draw(cairo);
    return TRUE;
  });
}

void PictureView::show(const SrgbView& picture, const std::string& caption) {
  const Size size{picture.width, picture.height};
  const Size fitted = fitted_size(size, {largest_surface, largest_surface});
  surface_ = fitted == size ? surface_of(picture, {0, 0, picture.width, picture.height})
                            : reduced_surface(picture, fitted);
  name_for_readers(area_, _("Picture"), caption.c_str());
  gtk_widget_queue_draw(area_);
}

void PictureView::draw(cairo_t* cairo) {
  if (!surface_) return;
  const double scale = gtk_widget_get_scale_factor(area_);
  const Size pane{int64_t(gtk_widget_get_allocated_width(area_) * scale),
                  int64_t(gtk_widget_get_allocated_height(area_) * scale)};
  cairo_scale(cairo, 1 / scale, 1 / scale);
  const Region place = centred(fitted_size(layer_, pane), pane);
  draw_checks(cairo, place);
  cairo_translate(cairo, double(place.x), double(place.y));
  cairo_scale(cairo, double(place.width) / cairo_image_surface_get_width(surface_.get()),
              double(place.height) / cairo_image_surface_get_height(surface_.get()));
  cairo_set_source_surface(cairo, surface_.get(), 0, 0);
  cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_GOOD);
  cairo_pattern_set_extend(cairo_get_source(cairo), CAIRO_EXTEND_PAD);  // no soft edge where it is enlarged
  cairo_rectangle(cairo, 0, 0, cairo_image_surface_get_width(surface_.get()),
                  cairo_image_surface_get_height(surface_.get()));
  cairo_fill(cairo);
}

}  // namespace pinxit
