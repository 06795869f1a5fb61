// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/model_thumbnail.h"

#include <gtk/gtk.h>

#include <algorithm>
#include <functional>

namespace pinxit {
namespace {

void rounded_square(cairo_t* cairo, double side, double radius) {
  cairo_new_sub_path(cairo);
  cairo_arc(cairo, side - radius, radius, radius, -G_PI / 2, 0);
  cairo_arc(cairo, side - radius, side - radius, radius, 0, G_PI / 2);
  cairo_arc(cairo, radius, side - radius, radius, G_PI / 2, G_PI);
  cairo_arc(cairo, radius, radius, radius, G_PI, 3 * G_PI / 2);
  cairo_close_path(cairo);
}

/// For styles without a thumbnail: their initial on a colour of their own.
void draw_initial(cairo_t* cairo, const std::string& title, double side) {
  const double hue = double(std::hash<std::string>{}(title) % 360) / 360;
  double red, green, blue;
  gtk_hsv_to_rgb(hue, 0.35, 0.55, &red, &green, &blue);
  cairo_set_source_rgb(cairo, red, green, blue);
  cairo_paint(cairo);

  const gunichar initial = title.empty() ? '?' : g_unichar_toupper(g_utf8_get_char(title.c_str()));
  char text[8] = {};
  g_unichar_to_utf8(initial, text);
  cairo_select_font_face(cairo, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
  cairo_set_font_size(cairo, side / 2);
  cairo_text_extents_t extents;
  cairo_text_extents(cairo, text, &extents);
  cairo_move_to(cairo, side / 2 - extents.width / 2 - extents.x_bearing,
                side / 2 - extents.height / 2 - extents.y_bearing);
  cairo_set_source_rgba(cairo, 1, 1, 1, 0.9);
  cairo_show_text(cairo, text);
}

/// Fills the square from the middle of the thumbnail file; false where there is none that can be read.
bool draw_thumbnail(cairo_t* cairo, const std::string& file, double side) {
  if (file.empty()) return false;
  g_autoptr(GdkPixbuf) picture = gdk_pixbuf_new_from_file(file.c_str(), nullptr);
  if (!picture) return false;
  const double width = gdk_pixbuf_get_width(picture), height = gdk_pixbuf_get_height(picture);
  const double scale = side / std::min(width, height);
  g_autoptr(GdkPixbuf) scaled =
      gdk_pixbuf_scale_simple(picture, std::max(1, int(width * scale)), std::max(1, int(height * scale)),
                              GDK_INTERP_HYPER);
  gdk_cairo_set_source_pixbuf(cairo, scaled, (side - gdk_pixbuf_get_width(scaled)) / 2,
                              (side - gdk_pixbuf_get_height(scaled)) / 2);
  cairo_paint(cairo);
  return true;
}

}  // namespace

Surface model_thumbnail(const std::string& file, const std::string& title, int side, int scale) {
  const int pixels = side * scale;
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, pixels, pixels));
  cairo_t* cairo = cairo_create(surface.get());
  rounded_square(cairo, pixels, side / 16.0 * scale);
  cairo_clip(cairo);
  if (!draw_thumbnail(cairo, file, pixels)) draw_initial(cairo, title, pixels);
  cairo_destroy(cairo);
  cairo_surface_set_device_scale(surface.get(), scale, scale);
  return surface;
}

}  // namespace pinxit
