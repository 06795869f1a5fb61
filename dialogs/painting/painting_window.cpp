// SPDX-License-Identifier: Apache-2.0
#include "dialogs/painting/painting_window.h"

#include <utility>

#include "dialogs/shared/device_names.h"
#include "dialogs/shared/window.h"
#include "engine/base/text.h"

namespace pinxit {

PaintingWindow::PaintingWindow(const PaintingWindowLooks& looks)
    : aim_(looks.aim),
      window_(gtk_dialog_new()),
      presets_(looks.operation),
      progress_(looks.loading),
      loop_(g_main_loop_new(nullptr, FALSE)) {
  prepare_window(window_, looks.title);
  gtk_window_set_default_size(GTK_WINDOW(window_), looks.width, looks.height);
  connect();
}

PaintingWindow::~PaintingWindow() {
  models_.reset();
  job_.reset();
  gtk_widget_destroy(window_);
  g_main_loop_unref(loop_);
}

void PaintingWindow::connect() {
  presets_.on_error = [this](const Error& error) { messages_.show(error); };
  on<void(GtkDialog*, int)>(window_, "response", [this](GtkDialog*, int response) {
    take_typed();
    if (response != GTK_RESPONSE_CANCEL) on_answer(response);
    else if (job_) cancel();
    else close(DialogEnd::closed);
  });
  on_close_button(window_, [this] {
    cancel();
    close(DialogEnd::closed);
  });
  on<gboolean(GtkWidget*, GdkEventKey*)>(window_, "key-press-event",
                                         [this](GtkWidget*, GdkEventKey* event) -> gboolean {
                                           if (event->keyval != GDK_KEY_Escape || !job_) return FALSE;
                                           cancel();
                                           return TRUE;
                                         });
}

void PaintingWindow::take_typed() {
  GtkWidget* typed = gtk_window_get_focus(GTK_WINDOW(window_));
  if (typed && GTK_IS_SPIN_BUTTON(typed)) gtk_spin_button_update(GTK_SPIN_BUTTON(typed));
}

void PaintingWindow::fill(std::initializer_list<GtkWidget*> choosing, GtkWidget* made) {
  choosing_ = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_set_margin_end(choosing_, 14);  // room for the scroll bar
  gtk_box_pack_start(GTK_BOX(choosing_), presets_.widget(), FALSE, FALSE, 0);
  for (GtkWidget* part : choosing) gtk_box_pack_start(GTK_BOX(choosing_), part, FALSE, FALSE, 0);
  GtkWidget* scrolled = gtk_scrolled_window_new(nullptr, nullptr);
  gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request(scrolled, 390, -1);
  gtk_container_add(GTK_CONTAINER(scrolled), choosing_);

  GtkWidget* both = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_set_margin_start(made, 14);
  gtk_paned_pack1(GTK_PANED(both), scrolled, FALSE, FALSE);
  gtk_paned_pack2(GTK_PANED(both), made, TRUE, FALSE);
  fill_window(window_, {.above = messages_.widget(), .body = both, .below = progress_.widget()});
}

void PaintingWindow::fill(GtkWidget* choosing) {
  choosing_ = choosing;
  fill_window(window_, {.above = messages_.widget(), .body = choosing, .below = progress_.widget()});
}

void PaintingWindow::let_choose(bool choose) { gtk_widget_set_sensitive(choosing_, choose); }

void PaintingWindow::begin(PaintJob::Work work, std::function<void(const Event&)> heard,
                           std::function<void(Status)> ended) {
  notes_.clear();
  job_.emplace(
      std::move(work),
      [this, heard = std::move(heard)](const Event& event) {
        progress_.hear(event);
        if (event.kind == Event::Kind::note) notes_ += (notes_.empty() ? "" : " ") + event.text;
        heard(event);
      },
      [this, ended = std::move(ended)](Status status) {
        job_.reset();
        ended(std::move(status));
      });
}

void PaintingWindow::cancel() {
  if (job_) job_->cancel();
}

void PaintingWindow::finish() {
  if (job_) job_->finish();
}

void PaintingWindow::tell_result(std::string text, const std::string& facts) {
  if (const auto device = paint_facts(facts).device; !device.empty())
    text += " " + format_text(_("Painted on: %s."), device_title(device).c_str());
  if (!notes_.empty()) text += " " + notes_;
  progress_.tell(text);
}

void PaintingWindow::tell(const Error& error) {
  if (lacks_model(error)) messages_.show(error, _("Models…"), [this] { open_models(); });
  else messages_.show(error);
}

void PaintingWindow::open_models() {
  if (models_ || !gtk_widget_get_sensitive(choosing_)) return;
  models_.emplace(GTK_WINDOW(window_), aim_);
  models_->on_closed = [this] { models_closed(); };
}

void PaintingWindow::models_closed() {
  const std::vector<std::string> added = models_->added();
  models_.reset();
  on_models_closed(added);
}

DialogEnd PaintingWindow::run() {
  gtk_window_present(GTK_WINDOW(window_));
  g_main_loop_run(loop_);
  return end_;
}

void PaintingWindow::close(DialogEnd end) {
  end_ = end;
  if (g_main_loop_is_running(loop_)) g_main_loop_quit(loop_);
}

bool lacks_model(const Error& error) {
  return error.code == ErrorCode::model_missing || error.code == ErrorCode::model_damaged;
}

}  // namespace pinxit
