// SPDX-License-Identifier: Apache-2.0
#include "dialogs/neural_style/live_view.h"

#include <algorithm>

#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

/// With an icon a button that stays down, without one a check box.
GtkToggleButton* toggle(GtkWidget* row, const char* icon, const char* name, const char* help) {
  GtkWidget* button = icon ? gtk_toggle_button_new() : gtk_check_button_new_with_label(name);
  if (icon) gtk_button_set_image(GTK_BUTTON(button), gtk_image_new_from_icon_name(icon, GTK_ICON_SIZE_BUTTON));
  gtk_widget_set_tooltip_text(button, help);
  name_for_readers(button, name, help);
  gtk_box_pack_start(GTK_BOX(row), button, FALSE, FALSE, 0);
  return GTK_TOGGLE_BUTTON(button);
}

}  // namespace

LiveView::LiveView(SharedPicture source)
    : source_(std::move(source)),
      picture_({source_.view().width, source_.view().height}),
      chart_(_("Logarithmic")),
      column_(gtk_paned_new(GTK_ORIENTATION_VERTICAL)) {
  GtkWidget* frame = gtk_frame_new(nullptr);
  gtk_frame_set_shadow_type(GTK_FRAME(frame), GTK_SHADOW_IN);
  gtk_container_add(GTK_CONTAINER(frame), picture_.widget());
  GtkWidget* upper = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_margin_bottom(upper, 4);
  gtk_box_pack_start(GTK_BOX(upper), frame, TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(upper), controls(), FALSE, FALSE, 0);
  gtk_paned_pack1(GTK_PANED(column_), upper, TRUE, FALSE);
  gtk_widget_set_size_request(chart_.widget(), 320, 170);
  gtk_widget_set_margin_top(chart_.widget(), 6);
  gtk_paned_pack2(GTK_PANED(column_), chart_.widget(), FALSE, FALSE);
  clear();
}

GtkWidget* LiveView::controls() {
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(row), play_.widget(), FALSE, FALSE, 0);
  position_ = gtk_adjustment_new(0, 0, 1, 1, 5, 0);
  slider_ = gtk_scale_new(GTK_ORIENTATION_HORIZONTAL, position_);
  gtk_scale_set_draw_value(GTK_SCALE(slider_), FALSE);
  gtk_scale_set_digits(GTK_SCALE(slider_), 0);
  name_for_readers(slider_, _("Iteration"), _("The iteration that is shown; 0 is the start"));
  gtk_widget_set_tooltip_text(slider_, _("The iteration that is shown; 0 is the start"));
  gtk_box_pack_start(GTK_BOX(row), slider_, TRUE, TRUE, 0);
  place_ = GTK_LABEL(gtk_label_new(nullptr));
  gtk_label_set_width_chars(place_, 11);
  gtk_box_pack_start(GTK_BOX(row), GTK_WIDGET(place_), FALSE, FALSE, 0);
  newest_ = toggle(row, "media-skip-forward", _("Newest"), _("Always shows the newest iteration"));
  keep_ = toggle(row, nullptr, _("Keep as layer"),
                 _("This iteration becomes a layer of its own, besides the result"));

  on<void(GtkAdjustment*)>(position_, "value-changed", [this](GtkAdjustment*) { scrubbed(); });
  play_.on_play = [this](bool playing) {
    if (playing) follow(false);
  };
  play_.on_frame = [this] { next_frame(); };
  on<void(GtkToggleButton*)>(newest_, "toggled", [this](GtkToggleButton* button) {
    if (moving_) return;
    play_.play(false);
    follow(gtk_toggle_button_get_active(button));
    if (following_) show(states_.newest());
  });
  on<void(GtkToggleButton*)>(keep_, "toggled", [this](GtkToggleButton* button) {
    if (!moving_ && shown_ >= 0) keep(shown_, gtk_toggle_button_get_active(button));
  });

  kept_ = GTK_FLOW_BOX(gtk_flow_box_new());
  gtk_flow_box_set_selection_mode(kept_, GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line(kept_, 20);
  gtk_flow_box_set_min_children_per_line(kept_, 4);
  gtk_widget_set_halign(GTK_WIDGET(kept_), GTK_ALIGN_START);
  name_for_readers(GTK_WIDGET(kept_), _("Kept iterations"));
  GtkWidget* none = quiet_label(_("Iterations you keep become layers of their own, below the result."));
  gtk_label_set_xalign(GTK_LABEL(none), 0);
  gtk_widget_show(none);  // a stack turns up no page that is hidden
  kept_pages_ = GTK_STACK(gtk_stack_new());
  gtk_stack_set_vhomogeneous(kept_pages_, FALSE);
  gtk_stack_add_named(kept_pages_, none, "none");
  gtk_stack_add_named(kept_pages_, GTK_WIDGET(kept_), "some");
  gtk_widget_set_size_request(GTK_WIDGET(kept_pages_), -1, 42);  // with buttons or without

  GtkWidget* both = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
  gtk_box_pack_start(GTK_BOX(both), row, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(both), GTK_WIDGET(kept_pages_), FALSE, FALSE, 0);
  return both;
}

void LiveView::clear() {
  play_.play(false);
  follow(true);
  states_.clear();
  shown_ = -1;
  of_ = 0;
  chart_.set({});
  chart_.point_at(-1);
  show_kept();
  set_usable(false);
  show_source();
}

void LiveView::begin() { clear(); }

void LiveView::end() {
  // A preview between two iterations may be what is seen; from now on it is an iteration again.
  if (following_ && shown_ >= 0) show(states_.newest());
}

void LiveView::hear(const Event& event) {
  if (event.kind == Event::Kind::state) add(event);
  if (event.kind == Event::Kind::preview && event.picture && following_)
    picture_.show(event.picture->view(),
                  states_.empty() ? std::string(_("Before the first iteration"))
                                  : format_text(_("After iteration %d"), states_.newest()));
}

void LiveView::add(const Event& state) {
  states_.add(state);
  of_ = std::max(state.of, states_.newest());
  moving_ = true;
  gtk_adjustment_set_upper(position_, std::max(1, states_.newest()));
  moving_ = false;
  chart_.set(states_.losses(), of_);
  set_usable(true);
  show(following_ ? states_.newest() : shown_);
}

void LiveView::set_usable(bool usable) {
  for (GtkWidget* widget : {slider_, play_.widget(), GTK_WIDGET(newest_), GTK_WIDGET(keep_)})
    gtk_widget_set_sensitive(widget, usable);
}

void LiveView::show_source() {
  picture_.show(source_.view(), _("The layer"));
  gtk_label_set_text(place_, "");
  moving_ = true;
  gtk_adjustment_set_upper(position_, 1);
  gtk_adjustment_set_value(position_, 0);
  gtk_toggle_button_set_active(keep_, FALSE);
  moving_ = false;
}

void LiveView::show(int iteration) {
  const IterationState* state = states_.at(iteration);
  if (!state) return;
  const bool other = iteration != shown_;
  shown_ = iteration;
  moving_ = true;
  gtk_adjustment_set_value(position_, iteration);
  gtk_toggle_button_set_active(keep_, state->kept);
  moving_ = false;
  gtk_label_set_text(place_, format_text(_("%d of %d"), iteration, of_).c_str());
  chart_.point_at(iteration);
  if (state->shown && (other || following_))
    picture_.show(state->shown->view(),
                  iteration == 0 ? std::string(_("The start")) : format_text(_("Iteration %d"), iteration));
}

void LiveView::scrubbed() {
  if (moving_ || states_.empty()) return;
  play_.play(false);
  follow(false);
  show(std::clamp(int(gtk_adjustment_get_value(position_) + 0.5), 0, states_.newest()));
}

void LiveView::follow(bool following) {
  following_ = following;
  moving_ = true;
  gtk_toggle_button_set_active(newest_, following);
  moving_ = false;
}

void LiveView::next_frame() { show(shown_ >= states_.newest() ? 0 : shown_ + 1); }

void LiveView::keep(int iteration, bool kept) {
  states_.keep(iteration, kept);
  if (iteration == shown_) {
    moving_ = true;
    gtk_toggle_button_set_active(keep_, kept);
    moving_ = false;
  }
  show_kept();
}

void LiveView::show_kept() {
  g_autoptr(GList) old = gtk_container_get_children(GTK_CONTAINER(kept_));
  for (GList* child = old; child; child = child->next) gtk_widget_destroy(GTK_WIDGET(child->data));
  for (const int iteration : states_.kept()) {
    GtkWidget* button = gtk_button_new_with_label(std::to_string(iteration).c_str());
    gtk_button_set_image(GTK_BUTTON(button), gtk_image_new_from_icon_name("window-close", GTK_ICON_SIZE_MENU));
    gtk_button_set_image_position(GTK_BUTTON(button), GTK_POS_RIGHT);
    gtk_button_set_always_show_image(GTK_BUTTON(button), TRUE);
    const std::string name = format_text(_("Do not keep iteration %d"), iteration);
    gtk_widget_set_tooltip_text(button, name.c_str());
    name_for_readers(button, name.c_str());
    on<void(GtkButton*)>(button, "clicked", [this, iteration](GtkButton*) { keep(iteration, false); });
    gtk_widget_set_halign(button, GTK_ALIGN_START);
    gtk_container_add(GTK_CONTAINER(kept_), button);
  }
  gtk_widget_show_all(GTK_WIDGET(kept_));
  gtk_stack_set_visible_child_name(kept_pages_, states_.kept().empty() ? "none" : "some");
}

}  // namespace pinxit
