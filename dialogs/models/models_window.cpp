// SPDX-License-Identifier: Apache-2.0
//
// The Models window puts its parts together: list, details, imports, and the jobs they are about.
#include "dialogs/models/models_window.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "dialogs/models/models_details.h"
#include "dialogs/models/models_imports.h"
#include "dialogs/models/models_list.h"
#include "dialogs/models/models_words.h"
#include "dialogs/shared/question.h"
#include "dialogs/shared/widgets.h"
#include "dialogs/shared/window.h"
#include "dialogs/shared/words.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

using Task = ModelJob::Task;

std::string use_words(const DiskUse& use) {
  std::string text = format_text(_("Models take %s of the disk, %s are free."), disk_size(use.models).c_str(),
                                 disk_size(use.free).c_str());
  if (use.unfinished > 0)
    text += " " + format_text(_("Unfinished downloads: %s."), disk_size(use.unfinished).c_str());
  if (use.kept > 0) text += " " + format_text(_("Put aside: %s."), disk_size(use.kept).c_str());
  return text;
}

}  // namespace

class ModelsWindow::Body {
 public:
  Body(GtkWindow* parent, ModelsAim aim, std::function<void()> closed);
  ~Body();
  const std::vector<std::string>& added() const { return added_; }

 private:
  GtkWidget* left_side();
  GtkWidget* right_side();
  GtkWidget* foot();
  void connect();
  gboolean key(GdkEventKey* event);

  void listed(const StoreState& state);
  void choose_aim();
  void show_chosen();
  void search();
  void job_changed(const ModelJob& job);
  void job_ended(const ModelJob& job, const Result<Imported>& end);
  void done(const ModelJob& job, const Imported& made);
  void failed(const ModelJob& job, const Error& error);
  const ModelState* find(const std::string& id) const;

  void close();
  void ask_to_stop(const std::vector<const ModelJob*>& running);
  void stop_and_close();
  void ask_about_kept();
  void closed();

  const ModelsAim aim_;
  const std::function<void()> on_closed_;
  std::vector<ModelState> models_;
  struct Problem {
    std::string sentence;
    bool damaged = false;  ///< `verify` has seen more than sizes tell
  };
  std::map<std::string, Problem> problems_;  ///< why the last job with a model failed
  std::vector<std::string> added_;
  std::string choose_next_;  ///< chosen when it is listed
  bool listed_ = false, told_of_problems_ = false, closing_ = false;

  ModelJobs jobs_;
  GtkWidget* window_;
  MessageBar messages_;
  GtkEntry* search_;
  GtkStack* list_pages_;
  GtkStack* detail_pages_;
  ModelsList list_;
  ModelsDetails details_;
  ModelsImports imports_;
  GtkLabel* used_;
  GtkWidget* kept_;
  guint timer_ = 0;
  Mailbox mailbox_;
};

ModelsWindow::Body::Body(GtkWindow* parent, ModelsAim aim, std::function<void()> closed)
    : aim_(std::move(aim)), on_closed_(std::move(closed)), window_(gtk_dialog_new()) {
  prepare_window(window_, _("Models"), parent);
  gtk_window_set_modal(GTK_WINDOW(window_), parent != nullptr);
  gtk_window_set_default_size(GTK_WINDOW(window_), 980, 660);
  GtkWidget* panes = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL);
  gtk_paned_pack1(GTK_PANED(panes), left_side(), FALSE, FALSE);
  gtk_paned_pack2(GTK_PANED(panes), right_side(), TRUE, FALSE);
  fill_window(window_, {.above = messages_.widget(), .body = panes, .below = foot()});

  pad_buttons(gtk_dialog_add_button(GTK_DIALOG(window_), _("_Close"), GTK_RESPONSE_CLOSE));
  connect();
  jobs_.list();
  gtk_widget_show_all(window_);
  show_chosen();  // a stack turns only to pages that are shown
  gtk_stack_set_visible_child_name(list_pages_, "reading");
  gtk_widget_grab_focus(GTK_WIDGET(search_));
  gtk_window_present(GTK_WINDOW(window_));
}

ModelsWindow::Body::~Body() {
  if (timer_) g_source_remove(timer_);
  list_.on_chosen = nullptr;  // rows that go away choose others
  gtk_widget_destroy(window_);
}

GtkWidget* ModelsWindow::Body::left_side() {
  search_ = GTK_ENTRY(gtk_search_entry_new());
  gtk_entry_set_placeholder_text(search_, _("Search models"));
  name_for_readers(GTK_WIDGET(search_), _("Search models"), _("Shows the models whose words begin so"));
  list_pages_ = GTK_STACK(gtk_stack_new());
  gtk_widget_show_all(list_.widget());
  gtk_stack_add_named(list_pages_, list_.widget(), "models");
  gtk_stack_add_named(list_pages_, quiet_page(_("Reading the list of models…")), "reading");
  gtk_stack_add_named(list_pages_, quiet_page(_("No model fits the search.")), "none-fits");
  gtk_stack_add_named(list_pages_,
                      quiet_page(_("There are no models yet, and none are offered.\n\n"
                                   "Import a checkpoint you have, or drop it here.")),
                      "none");
  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_size_request(column, 410, -1);
  gtk_widget_set_margin_end(column, 6);
  gtk_box_pack_start(GTK_BOX(column), GTK_WIDGET(search_), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column), GTK_WIDGET(list_pages_), TRUE, TRUE, 0);
  return column;
}

GtkWidget* ModelsWindow::Body::right_side() {
  gtk_widget_show_all(details_.widget());
  detail_pages_ = GTK_STACK(gtk_stack_new());
  gtk_widget_set_margin_start(GTK_WIDGET(detail_pages_), 12);
  gtk_stack_add_named(detail_pages_, details_.widget(), "model");
  gtk_stack_add_named(detail_pages_, quiet_page(_("Choose a model to look at it.")), "none-chosen");
  gtk_stack_add_named(detail_pages_, quiet_page(""), "none");
  return GTK_WIDGET(detail_pages_);
}

GtkWidget* ModelsWindow::Body::foot() {
  used_ = GTK_LABEL(quiet_label(""));
  gtk_label_set_xalign(used_, 0);
  gtk_label_set_ellipsize(used_, PANGO_ELLIPSIZE_END);
  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_margin_start(column, 12);
  gtk_widget_set_margin_end(column, 12);
  gtk_box_pack_start(GTK_BOX(column), imports_.widget(), FALSE, FALSE, 0);
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(row), GTK_WIDGET(used_), TRUE, TRUE, 0);
  kept_ = gtk_button_new_with_mnemonic(_("_Delete what was put aside…"));
  gtk_widget_set_no_show_all(kept_, TRUE);
  gtk_widget_set_margin_bottom(kept_, 6);
  on<void(GtkButton*)>(kept_, "clicked", [this](GtkButton*) { ask_about_kept(); });
  gtk_box_pack_end(GTK_BOX(row), kept_, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column), row, FALSE, FALSE, 0);
  return column;
}

void ModelsWindow::Body::connect() {
  jobs_.on_listed = [this](const StoreState& state) { listed(state); };
  jobs_.on_changed = [this](const ModelJob& job) { job_changed(job); };
  jobs_.on_ended = [this](const ModelJob& job, const Result<Imported>& end) { job_ended(job, end); };
  list_.on_chosen = [this] { show_chosen(); };
  list_.on_activated = [this] { details_.install(); };
  details_.on_install = [this] { jobs_.install(details_.model().id, details_.model().title); };
  details_.on_verify = [this] { jobs_.verify(details_.model().id, details_.model().title); };
  details_.on_remove = [this] { jobs_.remove(details_.model().id, details_.model().title); };
  details_.on_cancel = [this] { jobs_.cancel(details_.model().id); };
  imports_.on_import = [this](const std::string& path) {
    messages_.hide();
    jobs_.import(path);
  };
  imports_.on_cancel = [this](const std::string& path) { jobs_.cancel(path); };
  imports_.accept_drops(window_);
  connect_search(search_, {.change = [this] { search(); },
                           .enter = [this] { list_.take_focus(); },
                           .leave = [this] { close(); }});
  on<void(GtkDialog*, int)>(window_, "response", [this](GtkDialog*, int response) {
    if (response != GTK_RESPONSE_DELETE_EVENT) close();  // of which the next line hears as well
  });
  on_close_button(window_, [this] { close(); });
  on<gboolean(GtkWidget*, GdkEventKey*)>(window_, "key-press-event",
                                         [this](GtkWidget*, GdkEventKey* event) { return key(event); });
}

gboolean ModelsWindow::Body::key(GdkEventKey* event) {
  if ((event->state & GDK_CONTROL_MASK) && event->keyval == GDK_KEY_f) {
    gtk_widget_grab_focus(GTK_WIDGET(search_));
    return TRUE;
  }
  if (event->keyval == GDK_KEY_Delete && !GTK_IS_ENTRY(gtk_window_get_focus(GTK_WINDOW(window_)))) {
    details_.ask_to_remove();
    return TRUE;
  }
  return FALSE;
}

void ModelsWindow::Body::listed(const StoreState& state) {
  models_ = state.models;
  for (ModelState& model : models_) {
    const auto problem = problems_.find(model.id);
    if (model.state == ModelState::State::installed && problem != problems_.end() && problem->second.damaged)
      model.state = ModelState::State::damaged;
  }
  list_.fill(models_);
  for (const ModelState& model : models_) list_.show_job(model.id, jobs_.find(model.id));
  std::erase_if(added_, [&](const std::string& id) {
    const ModelState* model = find(id);
    return !model || !is_here(*model);
  });
  gtk_label_set_text(used_, use_words(state.use).c_str());
  gtk_widget_set_tooltip_text(GTK_WIDGET(used_), format_text(_("In %s"), state.use.store.c_str()).c_str());
  gtk_widget_set_visible(kept_, state.use.kept > 0);
  gtk_widget_set_tooltip_text(kept_, state.use.kept_folder.c_str());
  if (!state.problems.empty() && !std::exchange(told_of_problems_, true)) messages_.show(state.problems.front());
  search();
  const bool first = !std::exchange(listed_, true);
  if (first) choose_aim();
  if (find(choose_next_)) list_.choose(std::exchange(choose_next_, {}));
  else if (list_.chosen().empty()) list_.choose_first();
  show_chosen();
  if (first && !models_.empty()) list_.take_focus();
}

void ModelsWindow::Body::choose_aim() {
  if (aim_.kind.empty() && aim_.operation.empty()) return list_.choose_first();
  const auto aimed = std::ranges::find_if(models_, [&](const ModelState& model) {
    const bool meant = model.kind == aim_.kind || model.operation == aim_.operation;
    return meant && model.offered && model.state != ModelState::State::installed;
  });
  if (aimed == models_.end()) return list_.choose_first();
  list_.choose(aimed->id);
}

void ModelsWindow::Body::search() {
  const bool fits = list_.filter(gtk_entry_get_text(search_));
  gtk_stack_set_visible_child_name(list_pages_, fits             ? "models"
                                                : models_.empty() ? "none"
                                                                  : "none-fits");
}

const ModelState* ModelsWindow::Body::find(const std::string& id) const {
  const auto known = std::ranges::find(models_, id, &ModelState::id);
  return known == models_.end() ? nullptr : &*known;
}

void ModelsWindow::Body::show_chosen() {
  const ModelState* model = find(list_.chosen());
  gtk_stack_set_visible_child_name(detail_pages_, model ? "model" : models_.empty() ? "none" : "none-chosen");
  if (!model) return;
  const auto problem = problems_.find(model->id);
  details_.show(*model, problem == problems_.end() ? std::string() : problem->second.sentence, jobs_.find(model->id));
}

void ModelsWindow::Body::job_changed(const ModelJob& job) {
  if (job.task == Task::import) return imports_.show(job);
  list_.show_job(job.subject, &job);
  if (job.subject != details_.model().id) return;
  // Buttons change only at the beginning; steps come often.
  if (job.progress.id.empty() || job.stopping) show_chosen();
  else details_.show_job(job);
}

void ModelsWindow::Body::job_ended(const ModelJob& job, const Result<Imported>& end) {
  if (job.task == Task::import) imports_.remove(job.subject);
  else list_.show_job(job.subject, nullptr);
  if (end) done(job, *end);
  else failed(job, end.error());
  jobs_.list();
  show_chosen();
  if (closing_ && jobs_.running().empty()) closed();
}

void ModelsWindow::Body::done(const ModelJob& job, const Imported& made) {
  problems_.erase(job.subject);
  for (const std::string& id : made.ids) {
    std::erase(added_, id);
    added_.push_back(id);
    problems_.erase(id);
  }
  std::string notes;
  for (const std::string& note : made.notes) notes += (notes.empty() ? "" : "\n") + note;
  switch (job.task) {
    case Task::install:
      messages_.tell(format_text(_("“%s” is installed."), job.title.c_str()), notes);
      break;
    case Task::verify:
      messages_.tell(format_text(_("“%s” is whole."), job.title.c_str()));
      break;
    case Task::remove:
      messages_.tell(format_text(_("“%s” was removed."), job.title.c_str()));
      break;
    case Task::import:
      if (!made.ids.empty()) messages_.tell(format_text(_("“%s” was imported."), job.title.c_str()), notes);
      else messages_.tell(format_text(_("From “%s” nothing could be installed yet."), job.title.c_str()), notes);
      if (!made.ids.empty()) choose_next_ = made.ids.front();
      else if (!made.waiting.empty()) choose_next_ = made.waiting.front();
      gtk_entry_set_text(search_, "");  // what is new is to be seen
      break;
  }
}

void ModelsWindow::Body::failed(const ModelJob& job, const Error& error) {
  if (error.code == ErrorCode::cancelled) {
    if (job.task == Task::install)
      messages_.tell(format_text(_("Installing “%s” was cancelled."), job.title.c_str()),
                     _("What was downloaded is kept: it goes on from there next time."));
    return;
  }
  if (job.task != Task::import) problems_[job.subject] = {error.sentence, error.code == ErrorCode::model_damaged};
  const bool named = error.sentence.find(job.title) != std::string::npos;
  messages_.show(named ? error
                       : Error{error.code, format_text(_("%s: %s"), job.title.c_str(), error.sentence.c_str()),
                               error.hint});
}

void ModelsWindow::Body::close() {
  if (closing_) return;
  if (const auto running = jobs_.running(); !running.empty()) return ask_to_stop(running);
  closed();
}

void ModelsWindow::Body::ask_to_stop(const std::vector<const ModelJob*>& running) {
  std::string titles;
  bool downloads = false;
  for (const ModelJob* job : running) {
    titles += (titles.empty() ? "“" : ", “") + job->title + "”";
    downloads = downloads || job->task == Task::install;
  }
  std::string consequence = format_text(_("Still worked on: %s."), titles.c_str());
  if (downloads) consequence += std::string(" ") + _("What was downloaded is kept: it goes on from there next time.");
  ask({.from = window_,
       .title = _("Stop"),
       .question = _("Stop what is not finished?"),
       .consequence = consequence,
       .yes = _("_Stop and close"),
       .no = _("_Keep going"),
       .destroys = false},
      [this] { stop_and_close(); });
}

void ModelsWindow::Body::ask_about_kept() {
  g_autofree char* folder = gtk_widget_get_tooltip_text(kept_);
  ask({.from = window_,
       .title = _("Put aside"),
       .question = _("Delete what was put aside?"),
       .consequence = format_text(_("Folders that stood in a model’s place and may be yours were moved to %s. They are "
                                    "deleted for good."),
                                  folder),
       .yes = _("_Delete")},
      [this] {
        if (const Status done = Installer().remove_kept(); !done) messages_.show(done.error());
        jobs_.list();
      });
}

void ModelsWindow::Body::stop_and_close() {
  if (closing_) return;
  if (jobs_.running().empty()) return closed();
  closing_ = true;
  jobs_.cancel_all();
  gtk_widget_set_sensitive(window_, FALSE);
  timer_ = g_timeout_add(
      patience_ms,
      [](gpointer self) -> gboolean {
        auto* body = static_cast<Body*>(self);
        body->timer_ = 0;
        body->closed();
        return G_SOURCE_REMOVE;
      },
      this);
}

/// Outside of any signal of the window, which may be destroyed by whoever hears of it.
void ModelsWindow::Body::closed() {
  closing_ = true;
  gtk_widget_hide(window_);
  mailbox_.sender().post([this] {
    const auto tell = on_closed_;
    tell();
  });
}

ModelsWindow::ModelsWindow(GtkWindow* parent, ModelsAim aim)
    : body_(std::make_unique<Body>(parent, std::move(aim), [this] {
        if (const auto tell = on_closed) tell();
      })) {}

ModelsWindow::~ModelsWindow() = default;

const std::vector<std::string>& ModelsWindow::added() const { return body_->added(); }

Status run_models_window() {
  return guarded([] {
    require_display();
    GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
    {
      ModelsWindow window(nullptr);
      window.on_closed = [loop] { g_main_loop_quit(loop); };
      g_main_loop_run(loop);
    }
    g_main_loop_unref(loop);
    return Nothing{};
  });
}

}  // namespace pinxit
