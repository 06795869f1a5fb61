// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/loss_chart.h"

#include <algorithm>
#include <cmath>

#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr double gap = 6, legend_height = 20, axis_height = 18, swatch = 18;

GdkRGBA text_colour(GtkWidget* widget) {
  GtkStyleContext* style = gtk_widget_get_style_context(widget);
  GdkRGBA colour;
  gtk_style_context_get_color(style, gtk_style_context_get_state(style), &colour);
  return colour;
}

bool on_dark(const GdkRGBA& text) { return 0.3 * text.red + 0.6 * text.green + 0.1 * text.blue > 0.5; }

/// After Okabe and Ito's palette, which people see apart who see few colours; the dashes do the rest.
GdkRGBA curve_colour(LossCurve curve, const GdkRGBA& text) {
  const bool dark = on_dark(text);
  switch (curve) {
    case LossCurve::total: return text;
    case LossCurve::content: return dark ? GdkRGBA{0.40, 0.74, 0.96, 1} : GdkRGBA{0, 0.40, 0.66, 1};
    case LossCurve::style: return dark ? GdkRGBA{1, 0.60, 0.35, 1} : GdkRGBA{0.80, 0.33, 0, 1};
    case LossCurve::variation: return dark ? GdkRGBA{0.35, 0.83, 0.65, 1} : GdkRGBA{0, 0.50, 0.37, 1};
  }
  return text;
}

void set_stroke(cairo_t* cairo, LossCurve curve, const GdkRGBA& text) {
  static constexpr double dotted[] = {1.5, 3}, dashed[] = {6, 3};
  const GdkRGBA colour = curve_colour(curve, text);
  gdk_cairo_set_source_rgba(cairo, &colour);
  cairo_set_line_width(cairo, curve == LossCurve::total ? 2.2 : 1.6);
  if (curve == LossCurve::variation) cairo_set_dash(cairo, dotted, 2, 0);
  else if (curve == LossCurve::content) cairo_set_dash(cairo, dashed, 2, 0);
  else cairo_set_dash(cairo, nullptr, 0, 0);
}

struct TextSize {
  int width, height;
};

/// A line of small text with its upper left corner at (x, y), or with `x` as its right end.
class TextLine {
 public:
  TextLine(GtkWidget* widget, const std::string& text) : layout_(gtk_widget_create_pango_layout(widget, text.c_str())) {
    g_autoptr(PangoAttrList) attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_scale_new(0.83));
    pango_layout_set_attributes(layout_, attributes);
    pango_layout_get_pixel_size(layout_, &size.width, &size.height);
  }
  ~TextLine() { g_object_unref(layout_); }
  TextLine(const TextLine&) = delete;
  void draw(cairo_t* cairo, double x, double y) const {
    cairo_move_to(cairo, std::round(x), std::round(y));
    pango_cairo_show_layout(cairo, layout_);
  }
  TextSize size{};

 private:
  PangoLayout* layout_;
};

void set_faint(cairo_t* cairo, GdkRGBA text, double alpha) {
  text.alpha *= alpha;
  gdk_cairo_set_source_rgba(cairo, &text);
}

}  // namespace

LossChart::LossChart(const char* check_box) : area_(gtk_drawing_area_new()), widget_(gtk_overlay_new()) {
  gtk_container_add(GTK_CONTAINER(widget_), area_);
  gtk_overlay_add_overlay(GTK_OVERLAY(widget_), scale_check(check_box));
  gtk_widget_set_size_request(area_, 260, 120);
  gtk_widget_set_can_focus(area_, TRUE);
  gtk_widget_add_events(area_, GDK_POINTER_MOTION_MASK | GDK_ENTER_NOTIFY_MASK | GDK_LEAVE_NOTIFY_MASK | GDK_BUTTON_PRESS_MASK |
                                   GDK_KEY_PRESS_MASK | GDK_FOCUS_CHANGE_MASK);
  on<gboolean(GtkWidget*, cairo_t*)>(area_, "draw", [this](GtkWidget*, cairo_t* cairo) -> gboolean {
    draw(cairo);
    return TRUE;
  });
  on<gboolean(GtkWidget*, GdkEventMotion*)>(area_, "motion-notify-event",
                                            [this](GtkWidget*, GdkEventMotion* event) -> gboolean {
                                              hover(event->x);
                                              return FALSE;
                                            });
  on<gboolean(GtkWidget*, GdkEventCrossing*)>(area_, "enter-notify-event",
                                              [this](GtkWidget*, GdkEventCrossing* event) -> gboolean {
                                                hover(event->x);
                                                return FALSE;
                                              });
  on<gboolean(GtkWidget*, GdkEventCrossing*)>(area_, "leave-notify-event",
                                              [this](GtkWidget*, GdkEventCrossing*) -> gboolean {
                                                look_at(-1);
                                                return FALSE;
                                              });
  on<gboolean(GtkWidget*, GdkEventFocus*)>(area_, "focus-out-event", [this](GtkWidget*, GdkEventFocus*) -> gboolean {
    look_at(-1);
    return FALSE;
  });
  on<gboolean(GtkWidget*, GdkEventButton*)>(area_, "button-press-event",
                                            [this](GtkWidget*, GdkEventButton*) -> gboolean {
                                              gtk_widget_grab_focus(area_);
                                              return FALSE;
                                            });
  on<gboolean(GtkWidget*, GdkEventKey*)>(area_, "key-press-event",
                                         [this](GtkWidget*, GdkEventKey* event) -> gboolean { return key(event); });
  describe();
}

GtkWidget* LossChart::scale_check(const char* title) {
  GtkWidget* check = gtk_check_button_new_with_mnemonic(title);
  gtk_widget_set_tooltip_text(check, _("Each line of the chart is a power of ten"));
  gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(check), logarithmic_);
  gtk_widget_set_halign(check, GTK_ALIGN_END);
  gtk_widget_set_valign(check, GTK_ALIGN_START);
  on<void(GtkToggleButton*)>(check, "toggled", [this](GtkToggleButton* button) {
    set_logarithmic(gtk_toggle_button_get_active(button));
  });
  return check;
}

void LossChart::set(const std::vector<Losses>& losses, int expected) {
  losses_ = losses;
  expected_ = expected;
  if (looked_ > last()) looked_ = -1;
  describe();
  gtk_widget_queue_draw(area_);
}

void LossChart::set_logarithmic(bool logarithmic) {
  logarithmic_ = logarithmic;
  describe();
  gtk_widget_queue_draw(area_);
}

void LossChart::point_at(int iteration) {
  marked_ = iteration;
  gtk_widget_queue_draw(area_);
}

void LossChart::describe() {
  const std::string kind = logarithmic_ ? _("Logarithmic scale.") : _("Linear scale.");
  const int told = looked_ >= 0 ? looked_ : last();
  const std::string text =
      losses_.empty() ? std::string(_("No losses yet.")) : losses_sentence(told, losses_[size_t(told)]) + ". " + kind;
  name_for_readers(area_, _("Losses"), text.c_str());
}

LossChart::Plot LossChart::plot(const LossAxis& axis) const {
  int widest = 0;
  for (const LossTick& tick : axis.ticks()) widest = std::max(widest, TextLine(area_, tick.text).size.width);
  const double left = widest + 2 * gap, top = legend_height + gap;
  return {left, top, std::max(1.0, gtk_widget_get_allocated_width(area_) - left - 2 * gap),
          std::max(1.0, gtk_widget_get_allocated_height(area_) - top - axis_height - 2)};
}

double LossChart::column(const Plot& plot, int iteration) const {
  return plot.x + plot.width * iteration / reach();
}

void LossChart::draw(cairo_t* cairo) {
  const LossAxis axis(losses_, logarithmic_);
  const Plot place = plot(axis);
  draw_legend(cairo, place);
  if (losses_.empty()) {
    draw_nothing(cairo, place);
    return;
  }
  draw_axes(cairo, place, axis);
  draw_mark(cairo, place);
  // The total is drawn last and lies above the term it nearly equals.
  for (const LossCurve curve : {LossCurve::variation, LossCurve::content, LossCurve::style, LossCurve::total})
    draw_curve(cairo, place, axis, curve);
  if (looked_ >= 0) draw_values(cairo, place, axis);
  if (gtk_widget_has_visible_focus(area_))
    gtk_render_focus(gtk_widget_get_style_context(area_), cairo, 1, 1, gtk_widget_get_allocated_width(area_) - 2,
                     gtk_widget_get_allocated_height(area_) - 2);
}

void LossChart::draw_axes(cairo_t* cairo, const Plot& plot, const LossAxis& axis) {
  const GdkRGBA text = text_colour(area_);
  cairo_set_line_width(cairo, 1);
  cairo_set_dash(cairo, nullptr, 0, 0);
  const auto shown_every = size_t(std::max(1.0, std::ceil(double(axis.ticks().size()) * 15 / plot.height)));
  for (size_t i = 0; i < axis.ticks().size(); i++) {
    const LossTick& tick = axis.ticks()[i];
    const double y = std::round(plot.y + plot.height * (1 - axis.place(tick.value))) + 0.5;
    set_faint(cairo, text, 0.18);
    cairo_move_to(cairo, plot.x, y);
    cairo_line_to(cairo, plot.x + plot.width, y);
    cairo_stroke(cairo);
    if (i % shown_every != 0) continue;
    const TextLine label(area_, tick.text);
    set_faint(cairo, text, 0.8);
    label.draw(cairo, plot.x - gap - label.size.width, y - label.size.height / 2.0);
  }
  for (const int iteration : iteration_ticks(reach(), std::max(2, int(plot.width / 60)))) {
    const double x = std::round(column(plot, iteration)) + 0.5;
    set_faint(cairo, text, 0.5);
    cairo_move_to(cairo, x, plot.y + plot.height);
    cairo_line_to(cairo, x, plot.y + plot.height + 4);
    cairo_stroke(cairo);
    const TextLine label(area_, std::to_string(iteration));
    set_faint(cairo, text, 0.8);
    label.draw(cairo, x - label.size.width / 2.0, plot.y + plot.height + 4);
  }
  set_faint(cairo, text, 0.5);
  cairo_move_to(cairo, std::round(plot.x) + 0.5, plot.y);
  cairo_line_to(cairo, std::round(plot.x) + 0.5, plot.y + plot.height + 0.5);
  cairo_stroke(cairo);
}

void LossChart::draw_nothing(cairo_t* cairo, const Plot& plot) {
  const TextLine line(area_, _("The losses are drawn here while it paints."));
  set_faint(cairo, text_colour(area_), 0.6);
  line.draw(cairo, plot.x + (plot.width - line.size.width) / 2, plot.y + (plot.height - line.size.height) / 2);
}

void LossChart::draw_legend(cairo_t* cairo, const Plot& plot) {
  const GdkRGBA text = text_colour(area_);
  double x = plot.x;
  for (const LossCurve curve : loss_curves) {
    set_stroke(cairo, curve, text);
    cairo_move_to(cairo, x, legend_height / 2 + 0.5);
    cairo_line_to(cairo, x + swatch, legend_height / 2 + 0.5);
    cairo_stroke(cairo);
    const TextLine title(area_, loss_curve_title(curve));
    gdk_cairo_set_source_rgba(cairo, &text);
    title.draw(cairo, x + swatch + gap, (legend_height - title.size.height) / 2);
    x += swatch + title.size.width + 4 * gap;
  }
}

void LossChart::draw_mark(cairo_t* cairo, const Plot& plot) {
  if (marked_ < 0 || marked_ > last()) return;
  cairo_set_line_width(cairo, 1);
  cairo_set_dash(cairo, nullptr, 0, 0);
  set_faint(cairo, text_colour(area_), 0.45);
  const double x = std::round(column(plot, marked_)) + 0.5;
  cairo_move_to(cairo, x, plot.y);
  cairo_line_to(cairo, x, plot.y + plot.height);
  cairo_stroke(cairo);
}

void LossChart::draw_curve(cairo_t* cairo, const Plot& plot, const LossAxis& axis, LossCurve curve) {
  cairo_save(cairo);
  set_stroke(cairo, curve, text_colour(area_));
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
  bool drawing = false;
  int points = 0;
  double x = 0, y = 0;
  for (int i = 0; i <= last(); i++) {
    const double at = axis.place(loss_value(losses_[size_t(i)], curve));
    if (!std::isfinite(at)) {
      drawing = false;
      continue;
    }
    x = column(plot, i), y = plot.y + plot.height * (1 - at);
    drawing ? cairo_line_to(cairo, x, y) : cairo_move_to(cairo, x, y);
    drawing = true;
    points++;
  }
  cairo_stroke(cairo);
  if (points == 1) {  // a line of one point would not be seen
    cairo_arc(cairo, x, y, 3, 0, 2 * G_PI);
    cairo_fill(cairo);
  }
  cairo_restore(cairo);
}

void LossChart::draw_values(cairo_t* cairo, const Plot& plot, const LossAxis& axis) {
  const GdkRGBA text = text_colour(area_);
  const Losses& losses = losses_[size_t(looked_)];
  const double x = column(plot, looked_);
  std::string lines = format_text(_("Iteration %d"), looked_);
  for (const LossCurve curve : loss_curves) {
    lines += "\n" + loss_curve_title(curve) + "  " + exponent_text(loss_value(losses, curve));
    const double at = axis.place(loss_value(losses, curve));
    if (!std::isfinite(at)) continue;
    const GdkRGBA colour = curve_colour(curve, text);
    gdk_cairo_set_source_rgba(cairo, &colour);
    cairo_arc(cairo, x, plot.y + plot.height * (1 - at), 3.5, 0, 2 * G_PI);
    cairo_fill(cairo);
  }
  const TextLine box(area_, lines);
  const double width = box.size.width + 2 * gap, height = box.size.height + 2 * gap;
  const bool left = x + 2 * gap + width > plot.x + plot.width;
  const double box_x = left ? x - 2 * gap - width : x + 2 * gap;
  const double box_y = std::max(0.0, plot.y + (plot.height - height) / 2);
  cairo_rectangle(cairo, box_x, box_y, width, height);
  on_dark(text) ? cairo_set_source_rgba(cairo, 0.1, 0.1, 0.1, 0.9) : cairo_set_source_rgba(cairo, 1, 1, 1, 0.93);
  cairo_fill_preserve(cairo);
  set_faint(cairo, text, 0.4);
  cairo_set_line_width(cairo, 1);
  cairo_set_dash(cairo, nullptr, 0, 0);
  cairo_stroke(cairo);
  gdk_cairo_set_source_rgba(cairo, &text);
  box.draw(cairo, box_x + gap, box_y + gap);
}

void LossChart::hover(double x) {
  if (losses_.empty()) return;
  const Plot place = plot(LossAxis(losses_, logarithmic_));
  look_at(std::min(last(), iteration_at((x - place.x) / place.width, reach())));
}

bool LossChart::key(GdkEventKey* event) {
  if (losses_.empty()) return false;
  const int from = looked_ >= 0 ? looked_ : last() + (event->keyval == GDK_KEY_Left ? 1 : 0);
  switch (event->keyval) {
    case GDK_KEY_Left: look_at(std::max(0, from - 1)); return true;
    case GDK_KEY_Right: look_at(std::min(last(), from + 1)); return true;
    case GDK_KEY_Home: look_at(0); return true;
    case GDK_KEY_End: look_at(last()); return true;
    default: return false;
  }
}

void LossChart::look_at(int iteration) {
  if (iteration == looked_) return;
  looked_ = iteration;
  describe();
  gtk_widget_queue_draw(area_);
}

}  // namespace pinxit
