// SPDX-License-Identifier: Apache-2.0
#include "dialogs/fast_style/preview_pane.h"

#include <algorithm>
#include <cmath>

#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr double grip_width = 10;  // to either side of the divider; lengths here are logical pixels
constexpr int64_t overview_side = 110;
constexpr int64_t margin = 10;

double device_scale(GtkWidget* widget) { return gtk_widget_get_scale_factor(widget); }

void set_cursor(GtkWidget* widget, const char* name) {
  GdkWindow* window = gtk_widget_get_window(widget);
  if (!window) return;
  g_autoptr(GdkCursor) cursor = gdk_cursor_new_from_name(gdk_window_get_display(window), name);
  gdk_window_set_cursor(window, cursor);
}

void paint_surface(cairo_t* cairo, cairo_surface_t* surface, double x, double y) {
  cairo_set_source_surface(cairo, surface, x, y);
  cairo_paint(cairo);
}

void clip_to(cairo_t* cairo, const Region& region) {
  cairo_rectangle(cairo, double(region.x), double(region.y), double(region.width), double(region.height));
  cairo_clip(cairo);
}

void rounded(cairo_t* cairo, double x, double y, double width, double height) {
  const double radius = height / 2;
  cairo_new_sub_path(cairo);
  cairo_arc(cairo, x + width - radius, y + radius, radius, -G_PI / 2, G_PI / 2);
  cairo_arc(cairo, x + radius, y + radius, radius, G_PI / 2, 3 * G_PI / 2);
  cairo_close_path(cairo);
}

}  // namespace

PreviewPane::PreviewPane(SharedPicture source)
    : source_(std::move(source)),
      overlay_(gtk_overlay_new()),
      area_(gtk_drawing_area_new()),
      sign_(gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6)),
      spinner_(GTK_SPINNER(gtk_spinner_new())),
      sign_text_(GTK_LABEL(gtk_label_new(nullptr))),
      centre_x_(double(source_.view().width) / 2),
      centre_y_(double(source_.view().height) / 2) {
  name_for_readers(area_, _("Preview"), _("The picture before and after, on both sides of a divider"));
  gtk_widget_set_size_request(area_, 320, 280);
  gtk_widget_set_can_focus(area_, TRUE);
  gtk_widget_add_events(area_, GDK_BUTTON_PRESS_MASK | GDK_BUTTON_RELEASE_MASK | GDK_POINTER_MOTION_MASK |
                                   GDK_KEY_PRESS_MASK);
  gtk_container_add(GTK_CONTAINER(overlay_), area_);

  gtk_style_context_add_class(gtk_widget_get_style_context(sign_), "pinxit-osd");
  gtk_widget_set_halign(sign_, GTK_ALIGN_CENTER);
  gtk_widget_set_valign(sign_, GTK_ALIGN_END);
  gtk_widget_set_margin_bottom(sign_, int(margin));
  gtk_container_add(GTK_CONTAINER(sign_), GTK_WIDGET(spinner_));
  gtk_container_add(GTK_CONTAINER(sign_), GTK_WIDGET(sign_text_));
  gtk_widget_show(GTK_WIDGET(spinner_));
  gtk_widget_show(GTK_WIDGET(sign_text_));
  gtk_widget_set_no_show_all(sign_, TRUE);
  gtk_overlay_add_overlay(GTK_OVERLAY(overlay_), sign_);
  gtk_overlay_set_overlay_pass_through(GTK_OVERLAY(overlay_), sign_, TRUE);

  on<gboolean(GtkWidget*, cairo_t*)>(area_, "draw", [this](GtkWidget*, cairo_t* cairo) -> gboolean {
    draw(cairo);
    return TRUE;
  });
  on<void(GtkWidget*, GdkRectangle*)>(area_, "size-allocate", [this](GtkWidget*, GdkRectangle*) { resized(); });
  on<gboolean(GtkWidget*, GdkEventButton*)>(
      area_, "button-press-event",
      [this](GtkWidget*, GdkEventButton* event) -> gboolean { return press(event); });
  on<gboolean(GtkWidget*, GdkEventButton*)>(area_, "button-release-event", [this](GtkWidget*, GdkEventButton*) {
    grip_ = Grip::none;
    return FALSE;
  });
  on<gboolean(GtkWidget*, GdkEventMotion*)>(
      area_, "motion-notify-event", [this](GtkWidget*, GdkEventMotion* event) -> gboolean { return motion(event); });
  on<gboolean(GtkWidget*, GdkEventKey*)>(area_, "key-press-event",
                                         [this](GtkWidget*, GdkEventKey* event) -> gboolean { return key(event); });
}

void PreviewPane::resized() {
  const double scale = device_scale(area_);
  const Size pane{int64_t(gtk_widget_get_allocated_width(area_) * scale),
                  int64_t(gtk_widget_get_allocated_height(area_) * scale)};
  if (pane == pane_ || pane.width < 2 || pane.height < 2) return;
  pane_ = pane;
  crop_ = crop_around(centre_x_, centre_y_, picture(), pane_);
  redraw();
  if (on_view_changed) on_view_changed();
}

void PreviewPane::set_kind(View::Kind kind) {
  if (kind == kind_) return;
  kind_ = kind;
  redraw();
  if (ready() && on_view_changed) on_view_changed();
}

View PreviewPane::view() const {
  return kind_ == View::Kind::crop ? View{kind_, crop_} : View{kind_, {0, 0, picture().width, picture().height}};
}

Size PreviewPane::size() const {
  return kind_ == View::Kind::crop ? Size{crop_.width, crop_.height} : fitted_size(picture(), pane_);
}

void PreviewPane::show(const PreviewFrame& frame) {
  const SrgbView pixels = frame.picture.view();
  After after{frame.wish.view.region, surface_of(pixels, {0, 0, pixels.width, pixels.height})};
  (frame.wish.view.kind == View::Kind::crop ? after_crop_ : after_fitted_) = std::move(after);
  redraw();
}

void PreviewPane::compare(bool comparing) {
  comparing_ = comparing;
  if (!comparing) {
    after_crop_.reset();
    after_fitted_.reset();
  }
  redraw();
}

void PreviewPane::working(const std::string& text) {
  gtk_label_set_text(sign_text_, text.c_str());
  gtk_widget_set_visible(sign_, !text.empty());
  if (text.empty()) gtk_spinner_stop(spinner_);
  else gtk_spinner_start(spinner_);
}

Region PreviewPane::shown() const { return centred(size(), pane_); }

Region PreviewPane::overview() const {
  if (kind_ != View::Kind::crop) return {};
  if (crop_.width == picture().width && crop_.height == picture().height) return {};
  const auto side = int64_t(double(overview_side) * device_scale(area_));
  const Size size = fitted_size(picture(), {side, side});
  return {pane_.width - size.width - margin, pane_.height - size.height - margin, size.width, size.height};
}

void PreviewPane::draw(cairo_t* cairo) {
  if (!ready()) return;
  const double scale = device_scale(area_);
  cairo_scale(cairo, 1 / scale, 1 / scale);
  draw_checks(cairo, shown());
  draw_before(cairo);
  if (comparing_) {
    draw_after(cairo);
    draw_divider(cairo);
  }
  draw_overview(cairo);
  if (gtk_widget_has_visible_focus(area_))
    gtk_render_focus(gtk_widget_get_style_context(area_), cairo, 1, 1, double(pane_.width) - 2,
                     double(pane_.height) - 2);
}

void PreviewPane::draw_before(cairo_t* cairo) {
  const Region place = shown();
  if (kind_ == View::Kind::crop) {
    const Surface before = surface_of(source_.view(), crop_);
    if (before) paint_surface(cairo, before.get(), double(place.x), double(place.y));
    return;
  }
  if (!reduced_ || reduced_size_ != size()) {
    reduced_size_ = size();
    reduced_ = reduced_surface(source_.view(), reduced_size_);
  }
  if (reduced_) paint_surface(cairo, reduced_.get(), double(place.x), double(place.y));
}

void PreviewPane::draw_after(cairo_t* cairo) {
  const Region place = shown();
  const auto split = int64_t(std::lround(split_ * double(place.width)));
  cairo_save(cairo);
  clip_to(cairo, {place.x + split, place.y, place.width - split, place.height});

  const auto& after = kind_ == View::Kind::crop ? after_crop_ : after_fitted_;
  cairo_push_group(cairo);  // what the frame does not cover is veiled
  cairo_set_source_rgba(cairo, 0.1, 0.1, 0.1, 0.45);
  cairo_paint(cairo);
  if (after && after->surface) {
    const int width = cairo_image_surface_get_width(after->surface.get());
    const int height = cairo_image_surface_get_height(after->surface.get());
    Region target = place;
    if (kind_ == View::Kind::crop)
      target = {place.x + after->region.x - crop_.x, place.y + after->region.y - crop_.y, width, height};
    draw_checks(cairo, target);
    cairo_translate(cairo, double(target.x), double(target.y));
    cairo_scale(cairo, double(target.width) / width, double(target.height) / height);
    paint_surface(cairo, after->surface.get(), 0, 0);
  }
  cairo_pop_group_to_source(cairo);
  cairo_paint(cairo);
  cairo_restore(cairo);
}

void PreviewPane::draw_divider(cairo_t* cairo) {
  const Region place = shown();
  const double x = double(place.x) + std::round(split_ * double(place.width));
  const double scale = device_scale(area_);
  cairo_rectangle(cairo, x - 1.5 * scale, double(place.y), 3 * scale, double(place.height));
  cairo_set_source_rgba(cairo, 0, 0, 0, 0.5);
  cairo_fill(cairo);
  cairo_rectangle(cairo, x - 0.5 * scale, double(place.y), scale, double(place.height));
  cairo_set_source_rgb(cairo, 1, 1, 1);
  cairo_fill(cairo);

  cairo_save(cairo);  // the handle, around the origin
  cairo_translate(cairo, x, double(place.y) + double(place.height) / 2);
  cairo_scale(cairo, scale, scale);
  cairo_arc(cairo, 0, 0, 11, 0, 2 * G_PI);
  cairo_set_source_rgba(cairo, 0.1, 0.1, 0.1, 0.75);
  cairo_fill_preserve(cairo);
  cairo_set_source_rgb(cairo, 1, 1, 1);
  cairo_set_line_width(cairo, 1.5);
  cairo_stroke(cairo);
  for (const double side : {-1.0, 1.0}) {  // two arrow heads
    cairo_move_to(cairo, side * 7, 0);
    cairo_line_to(cairo, side * 3, -4);
    cairo_line_to(cairo, side * 3, 4);
    cairo_close_path(cairo);
    cairo_fill(cairo);
  }
  cairo_restore(cairo);
  draw_caption(cairo, _("Before"), false);
  draw_caption(cairo, _("After"), true);
}

void PreviewPane::draw_caption(cairo_t* cairo, const char* text, bool right) {
  const Region place = shown();
  const double divider = double(place.x) + split_ * double(place.width);
  const double scale = device_scale(area_);
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(area_, text);
  int width = 0, height = 0;
  pango_layout_get_pixel_size(layout, &width, &height);
  const double box_width = width + 16, box_height = height + 4, gap = margin * scale;
  const double x = right ? double(place.right()) - box_width * scale - gap : double(place.x) + gap;
  const bool fits = right ? x > divider + 6 * scale : x + box_width * scale < divider - 6 * scale;
  if (!fits || double(place.height) < 4 * box_height * scale) return;
  cairo_save(cairo);
  cairo_translate(cairo, x, double(place.y) + gap);
  cairo_scale(cairo, scale, scale);
  rounded(cairo, 0, 0, box_width, box_height);
  cairo_set_source_rgba(cairo, 0.1, 0.1, 0.1, 0.7);
  cairo_fill(cairo);
  cairo_set_source_rgb(cairo, 1, 1, 1);
  cairo_move_to(cairo, 8, 2);
  pango_cairo_show_layout(cairo, layout);
  cairo_restore(cairo);
}

void PreviewPane::draw_overview(cairo_t* cairo) {
  const Region place = overview();
  if (place.empty()) return;
  if (!small_) small_ = reduced_surface(source_.view(), {place.width, place.height});
  if (!small_) return;
  const Region seen = crop_in_overview(crop_, picture(), place);
  cairo_rectangle(cairo, double(place.x) - 2, double(place.y) - 2, double(place.width) + 4, double(place.height) + 4);
  cairo_set_source_rgba(cairo, 0.1, 0.1, 0.1, 0.85);
  cairo_fill(cairo);
  paint_surface(cairo, small_.get(), double(place.x), double(place.y));
  cairo_rectangle(cairo, double(seen.x) + 0.5, double(seen.y) + 0.5, double(seen.width) - 1, double(seen.height) - 1);
  cairo_set_line_width(cairo, 3);
  cairo_set_source_rgba(cairo, 0, 0, 0, 0.6);
  cairo_stroke_preserve(cairo);
  cairo_set_line_width(cairo, 1);
  cairo_set_source_rgb(cairo, 1, 1, 1);
  cairo_stroke(cairo);
}

PreviewPane::Grip PreviewPane::grip_at(double x, double y) const {
  const Region small = overview(), place = shown();
  const auto inside = [&](const Region& region) {
    return x >= double(region.x) && y >= double(region.y) && x < double(region.right()) && y < double(region.bottom());
  };
  if (!small.empty() && inside(small)) return Grip::overview;
  const double divider = double(place.x) + split_ * double(place.width);
  if (comparing_ && std::abs(x - divider) <= grip_width * device_scale(area_)) return Grip::divider;
  if (!inside(place)) return Grip::none;
  if (kind_ == View::Kind::crop) return Grip::picture;
  return comparing_ ? Grip::divider : Grip::none;
}

bool PreviewPane::press(GdkEventButton* event) {
  if (event->button != GDK_BUTTON_PRIMARY || event->type != GDK_BUTTON_PRESS || !ready()) return false;
  gtk_widget_grab_focus(area_);
  grip_x_ = event->x * device_scale(area_);
  grip_y_ = event->y * device_scale(area_);
  grip_crop_ = crop_;
  grip_ = grip_at(grip_x_, grip_y_);
  if (grip_ == Grip::overview) look_at_overview(grip_x_, grip_y_);
  if (grip_ == Grip::divider) move_split(split_at(grip_x_, shown()));
  return true;
}

bool PreviewPane::motion(GdkEventMotion* event) {
  const double x = event->x * device_scale(area_), y = event->y * device_scale(area_);
  switch (grip_) {
    case Grip::divider: move_split(split_at(x, shown())); break;
    case Grip::overview: look_at_overview(x, y); break;
    case Grip::picture:
      move_crop(crop_moved(grip_crop_, std::lround(grip_x_ - x), std::lround(grip_y_ - y), picture()));
      break;
    case Grip::none: {
      const Grip under = ready() ? grip_at(x, y) : Grip::none;
      set_cursor(area_, under == Grip::divider    ? "col-resize"
                        : under == Grip::picture  ? "grab"
                        : under == Grip::overview ? "crosshair"
                                                  : "default");
    }
  }
  return true;
}

bool PreviewPane::key(GdkEventKey* event) {
  if (!ready()) return false;
  const bool control = event->state & GDK_CONTROL_MASK;
  const int64_t step_x = std::max<int64_t>(1, crop_.width / 8), step_y = std::max<int64_t>(1, crop_.height / 8);
  const auto pan = [&](int64_t dx, int64_t dy) {
    if (kind_ == View::Kind::crop) move_crop(crop_moved(crop_, dx, dy, picture()));
  };
  switch (event->keyval) {
    case GDK_KEY_Left: control ? pan(-step_x, 0) : move_split(split_ - 0.02); return true;
    case GDK_KEY_Right: control ? pan(step_x, 0) : move_split(split_ + 0.02); return true;
    case GDK_KEY_Up: if (control) pan(0, -step_y); return control;
    case GDK_KEY_Down: if (control) pan(0, step_y); return control;
    case GDK_KEY_Home: move_split(0); return true;
    case GDK_KEY_End: move_split(1); return true;
    default: return false;
  }
}

void PreviewPane::move_split(double split) {
  split_ = std::clamp(split, 0.0, 1.0);
  redraw();
}

void PreviewPane::move_crop(const Region& crop) {
  if (crop == crop_) return;
  crop_ = crop;
  centre_x_ = double(crop.x) + double(crop.width) / 2;
  centre_y_ = double(crop.y) + double(crop.height) / 2;
  redraw();
  if (on_view_changed) on_view_changed();
}

void PreviewPane::look_at_overview(double x, double y) {
  const Region small = overview();
  if (small.empty()) return;
  move_crop(crop_around((x - double(small.x)) / double(small.width) * double(picture().width),
                        (y - double(small.y)) / double(small.height) * double(picture().height), picture(), pane_));
}

}  // namespace pinxit
