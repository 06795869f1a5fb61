// SPDX-License-Identifier: Apache-2.0
#include "dialogs/gallery/gallery_details.h"

#include <algorithm>
#include <limits>

#include "dialogs/gallery/gallery_words.h"
#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr int64_t enlarged_at_most = 8;

bool same_run(const GalleryEntry& a, const GalleryEntry& b) {
  return a.id == b.id && a.state == b.state && a.iterations == b.iterations && a.bytes == b.bytes &&
         a.changed == b.changed;
}

/// [i] of iteration i; what was not recorded is not a number.
std::vector<Losses> curve_of(const std::vector<GalleryIteration>& iterations) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  Losses missing;
  missing.total = missing.content = missing.style = missing.variation = none;
  std::vector<Losses> losses(iterations.empty() ? 0 : size_t(iterations.back().iteration) + 1, missing);
  for (const GalleryIteration& one : iterations) losses[size_t(one.iteration)] = one.losses;
  return losses;
}

}  // namespace

GalleryDetails::GalleryDetails(Gallery& gallery)
    : gallery_(gallery),
      column_(gtk_box_new(GTK_ORIENTATION_VERTICAL, 6)),
      title_(GTK_LABEL(gtk_label_new(nullptr))),
      problem_(GTK_LABEL(gtk_label_new(nullptr))),
      chart_(_("_Logarithmic")) {
  gtk_label_set_xalign(title_, 0);
  gtk_label_set_ellipsize(title_, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign(problem_, 0);
  gtk_label_set_line_wrap(problem_, TRUE);
  gtk_label_set_max_width_chars(problem_, 60);
  gtk_widget_set_no_show_all(GTK_WIDGET(problem_), TRUE);
  gtk_box_pack_start(GTK_BOX(column_), GTK_WIDGET(title_), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column_), GTK_WIDGET(problem_), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column_), picture_side(), TRUE, TRUE, 0);

  GtkWidget* book = gtk_notebook_new();
  gtk_container_set_border_width(GTK_CONTAINER(chart_.widget()), 4);
  gtk_notebook_append_page(GTK_NOTEBOOK(book), chart_.widget(), gtk_label_new(_("Losses")));
  gtk_notebook_append_page(GTK_NOTEBOOK(book), settings_.widget(), gtk_label_new(_("Settings")));
  gtk_widget_set_size_request(book, -1, 230);
  gtk_box_pack_start(GTK_BOX(column_), book, FALSE, FALSE, 0);

  settings_.on_error = [this](const Error& error) {
    if (on_error) on_error(error);
  };
  settings_.on_changed = [this](const NeuralStyleRequest& request) {
    const Status status = gallery_.change(id_, request);
    if (status && on_changed) on_changed();
    return status;
  };
}

GtkWidget* GalleryDetails::picture_side() {
  frame_ = gtk_frame_new(nullptr);
  gtk_frame_set_shadow_type(GTK_FRAME(frame_), GTK_SHADOW_IN);
  pages_ = GTK_STACK(gtk_stack_new());
  gtk_stack_add_named(pages_, frame_, "picture");
  gtk_stack_add_named(pages_, quiet_label(_("Nothing has been painted yet.")), "none");

  position_ = gtk_adjustment_new(0, 0, 1, 1, 5, 0);
  slider_ = gtk_scale_new(GTK_ORIENTATION_HORIZONTAL, position_);
  gtk_scale_set_draw_value(GTK_SCALE(slider_), FALSE);
  gtk_scale_set_digits(GTK_SCALE(slider_), 0);
  gtk_widget_set_tooltip_text(slider_, _("The iteration that is shown"));
  name_for_readers(slider_, _("Iteration"), _("The iteration that is shown"));
  place_ = GTK_LABEL(gtk_label_new(nullptr));
  gtk_label_set_width_chars(place_, 13);
  gtk_label_set_xalign(place_, 1);
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(row), play_.widget(), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(row), slider_, TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(row), GTK_WIDGET(place_), FALSE, FALSE, 0);
  on<void(GtkAdjustment*)>(position_, "value-changed", [this](GtkAdjustment* position) {
    if (moving_ || pictures_.empty()) return;
    play_.play(false);
    show_picture(size_t(gtk_adjustment_get_value(position) + 0.5));
  });
  play_.on_frame = [this] { next_frame(); };

  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
  gtk_box_pack_start(GTK_BOX(column), GTK_WIDGET(pages_), TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(column), row, FALSE, FALSE, 0);
  return column;
}

void GalleryDetails::show(const GalleryEntry& entry) {
  if (id_ != 0 && same_run(entry, entry_)) return;
  const bool same = entry.id == id_;
  const bool follow = !same || pictures_.empty() || shown_ == pictures_.back();
  id_ = entry.id;
  entry_ = entry;
  if (!same) {
    play_.play(false);
    picture_.reset();
    if (GtkWidget* old = gtk_bin_get_child(GTK_BIN(frame_))) gtk_widget_destroy(old);
  }
  g_autofree char* title = g_markup_printf_escaped("<b>%s</b>   %s", entry.name.c_str(), run_summary(entry).c_str());
  gtk_label_set_markup(title_, title);
  gtk_label_set_text(problem_, entry.error.c_str());
  gtk_widget_set_visible(GTK_WIDGET(problem_), !entry.error.empty());
  settings_.show(entry.request, entry.state < RunState::in_progress);
  load(entry, follow);
}

void GalleryDetails::load(const GalleryEntry& entry, bool follow) {
  const auto iterations = gallery_.iterations(entry.id);
  if (!iterations && on_error) on_error(iterations.error());
  const auto known = iterations ? *iterations : std::vector<GalleryIteration>{};
  pictures_.clear();
  for (const GalleryIteration& one : known)
    if (one.shown) pictures_.push_back(one.iteration);
  chart_.set(curve_of(known));
  gtk_stack_set_visible_child_name(pages_, pictures_.empty() ? "none" : "picture");
  for (GtkWidget* widget : {slider_, play_.widget()}) gtk_widget_set_sensitive(widget, pictures_.size() > 1);
  moving_ = true;
  gtk_adjustment_set_upper(position_, double(std::max<size_t>(2, pictures_.size()) - 1));
  moving_ = false;
  if (pictures_.empty()) {
    shown_ = -1;
    chart_.point_at(-1);
    gtk_label_set_text(place_, "");
    return;
  }
  const auto place = std::lower_bound(pictures_.begin(), pictures_.end(), shown_) - pictures_.begin();
  show_picture(follow ? pictures_.size() - 1 : std::min(size_t(place), pictures_.size() - 1));
}

void GalleryDetails::show_picture(size_t place) {
  if (place >= pictures_.size()) return;
  const int iteration = pictures_[place];
  moving_ = true;
  gtk_adjustment_set_value(position_, double(place));
  moving_ = false;
  shown_ = iteration;
  chart_.point_at(iteration);
  gtk_label_set_text(place_, format_text(_("%d of %d"), iteration, pictures_.back()).c_str());
  const auto picture = gallery_.picture(id_, iteration);
  if (!picture) {
    play_.play(false);
    if (on_error) on_error(picture.error());
    return;
  }
  if (!picture_) {  // of the run's proportions
    picture_.emplace(Size{picture->width * enlarged_at_most, picture->height * enlarged_at_most});
    gtk_container_add(GTK_CONTAINER(frame_), picture_->widget());
    gtk_widget_show_all(frame_);
  }
  picture_->show(picture->view(), iteration_title(iteration));
}

void GalleryDetails::next_frame() {
  if (pictures_.empty()) return play_.play(false);
  const auto place = std::upper_bound(pictures_.begin(), pictures_.end(), shown_);
  show_picture(place == pictures_.end() ? 0 : size_t(place - pictures_.begin()));
}

}  // namespace pinxit
