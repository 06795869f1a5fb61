// SPDX-License-Identifier: Apache-2.0
//
// The Neural Style window puts its parts together and moves between four phases: choosing, painting, finishing (told
// to end early), and ended, where the result and kept iterations can be inserted. The parts know nothing of each other.
#include "dialogs/neural_style_dialog.h"

#include <gtk/gtk.h>

#include <algorithm>
#include <optional>

#include "dialogs/device_names.h"
#include "dialogs/engine_devices.h"
#include "dialogs/live_view.h"
#include "dialogs/models_window.h"
#include "dialogs/neural_settings.h"
#include "dialogs/paint_job.h"
#include "dialogs/painting_progress.h"
#include "dialogs/preset_bar.h"
#include "dialogs/run_buttons.h"
#include "dialogs/run_recorder.h"
#include "dialogs/style_pictures.h"
#include "dialogs/widgets.h"
#include "dialogs/window.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

class NeuralStyleWindow {
 public:
  NeuralStyleWindow(const NeuralStyleDialogHost& host, SharedPicture source, NeuralStyleRequest request);
  ~NeuralStyleWindow();
  NeuralStyleResult run();
  NeuralStyleRequest request() const { return request_; }

 private:
  GtkWidget* left_side();
  void connect();
  void show(const NeuralStyleRequest& request);
  void changed();
  void answer(int response);
  void start_painting();
  Result<std::vector<NamedPicture>> pictures();
  bool begin_recording();
  void heard(const Event& event);
  void ended(const Status& status);
  void run_failed(const Error& error);
  void open_models();
  void models_closed();
  void run_again();
  void insert();
  void enter(RunPhase phase);
  void close(DialogEnd end);

  const NeuralStyleDialogHost& host_;
  const SharedPicture source_;
  NeuralStyleRequest request_;
  NeuralStyleResult result_;
  RunPhase phase_ = RunPhase::choosing;
  bool showing_ = false;  ///< widgets are being filled: their signals are no wishes

  GtkWidget* window_;
  GtkWidget* choosing_;  ///< all that rests once a run has begun
  MessageBar messages_;
  RunRecorder recorder_;
  StylePictures styles_;
  NeuralSettings settings_;
  PresetBar presets_;
  LiveView live_;
  PaintingProgress progress_;
  std::shared_ptr<NeuralStylePainting> painting_;  ///< of the run; written by its thread, read when that has ended
  std::optional<PaintJob> job_;
  std::optional<ModelsWindow> models_;
  std::string notes_;
  GMainLoop* loop_;
  Mailbox mailbox_;
};

NeuralStyleWindow::NeuralStyleWindow(const NeuralStyleDialogHost& host, SharedPicture source,
                                     NeuralStyleRequest request)
    : host_(host),
      source_(std::move(source)),
      request_(std::move(request)),
      window_(gtk_dialog_new()),
      recorder_([this](const Error& error) { messages_.show(error); }),
      styles_(host),
      settings_(installed_encoders(Catalogue::read()), bool(host.last_result)),
      presets_(NeuralStyleRequest::operation),
      live_(source_),
      progress_(_("Loading the encoder…")),
      loop_(g_main_loop_new(nullptr, FALSE)) {
  prepare_window(window_, format_text(_("Neural Style: %s"), host.layer_name.c_str()));
  gtk_window_set_default_size(GTK_WINDOW(window_), 1100, 750);
  add_run_buttons(GTK_DIALOG(window_));

  GtkWidget* both = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL);
  gtk_container_set_border_width(GTK_CONTAINER(both), 12);
  gtk_widget_set_margin_start(live_.widget(), 14);
  gtk_paned_pack1(GTK_PANED(both), left_side(), FALSE, FALSE);
  gtk_paned_pack2(GTK_PANED(both), live_.widget(), TRUE, FALSE);

  GtkWidget* content = gtk_dialog_get_content_area(GTK_DIALOG(window_));
  gtk_box_pack_start(GTK_BOX(content), messages_.widget(), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(content), both, TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(content), progress_.widget(), FALSE, FALSE, 0);

  connect();
  show(request_);
  if (!request_.name.empty() && recorder_.free_name(request_.name) != request_.name)
    settings_.set_name({});  // a run has it by now
  ask_for_devices(mailbox_.sender(), [this](const std::vector<std::string>& devices) {
    showing_ = true;
    settings_.offer_devices(devices);
    showing_ = false;
  });
}

NeuralStyleWindow::~NeuralStyleWindow() {
  models_.reset();
  job_.reset();
  showing_ = true;
  gtk_widget_destroy(window_);
  g_main_loop_unref(loop_);
}

GtkWidget* NeuralStyleWindow::left_side() {
  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_set_margin_end(column, 14);  // room for the scroll bar
  gtk_box_pack_start(GTK_BOX(column), presets_.widget(), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column), styles_.widget(), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column), settings_.widget(), FALSE, FALSE, 0);
  choosing_ = column;
  GtkWidget* scrolled = gtk_scrolled_window_new(nullptr, nullptr);
  gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request(scrolled, 390, -1);
  gtk_container_add(GTK_CONTAINER(scrolled), column);
  return scrolled;
}

void NeuralStyleWindow::connect() {
  styles_.on_changed = [this] { changed(); };
  styles_.on_error = [this](const Error& error) { messages_.show(error); };
  settings_.on_changed = [this] { changed(); };
  settings_.on_models = [this] { open_models(); };
  presets_.current = [this] {
    NeuralStyleRequest saved = request_;
    saved.name.clear();  // names are of one run
    return saved;
  };
  presets_.on_chosen = [this](const AnyRequest& preset) { show(std::get<NeuralStyleRequest>(preset)); };
  presets_.on_error = [this](const Error& error) { messages_.show(error); };

  on<void(GtkDialog*, int)>(window_, "response", [this](GtkDialog*, int response) { answer(response); });
  on<gboolean(GtkWidget*, GdkEvent*)>(window_, "delete-event", [this](GtkWidget*, GdkEvent*) {
    if (job_) job_->cancel();
    close(DialogEnd::closed);
    return TRUE;  // the window goes with its owner
  });
  on<gboolean(GtkWidget*, GdkEventKey*)>(window_, "key-press-event",
                                         [this](GtkWidget*, GdkEventKey* event) -> gboolean {
                                           if (event->keyval != GDK_KEY_Escape || !job_) return FALSE;
                                           job_->cancel();
                                           return TRUE;
                                         });
}

NeuralStyleResult NeuralStyleWindow::run() {
  gtk_widget_show_all(window_);
  enter(RunPhase::choosing);
  gtk_window_present(GTK_WINDOW(window_));
  g_main_loop_run(loop_);
  gtk_widget_hide(window_);  // the recorder may still be writing
  if (result_.end == DialogEnd::painted) {
    result_.kept = live_.states().kept_pictures([this](int iteration) { return recorder_.full_picture(iteration); });
    result_.gallery_id = recorder_.id();
  }
  return std::move(result_);
}

void NeuralStyleWindow::show(const NeuralStyleRequest& request) {
  showing_ = true;
  request_ = request;
  styles_.show(request);
  settings_.show(request);
  showing_ = false;
  changed();
}

void NeuralStyleWindow::changed() {
  if (showing_) return;
  styles_.read(request_);
  settings_.read(request_);
  NeuralStyleRequest nameless = request_;
  nameless.name.clear();
  presets_.compare(nameless);
  gtk_dialog_set_response_sensitive(GTK_DIALOG(window_), answer_paint, !styles_.empty());
  if (phase_ == RunPhase::choosing)
    progress_.tell(styles_.empty() ? _("Add a style picture to begin.") : _("Ready to paint."));
}

void NeuralStyleWindow::answer(int response) {
  switch (response) {
    case GTK_RESPONSE_REJECT: {
      NeuralStyleRequest fresh;
      fresh.styles = request_.styles;
      fresh.style_masks = request_.style_masks;
      show(fresh);
      break;
    }
    case GTK_RESPONSE_CANCEL:
      if (job_) job_->cancel();
      else close(DialogEnd::closed);
      break;
    case answer_paint: start_painting(); break;
    case answer_stop:
      if (job_) {
        enter(RunPhase::finishing);
        job_->finish();
      }
      break;
    case answer_again: run_again(); break;
    case GTK_RESPONSE_OK: insert(); break;
    default: break;
  }
}

Result<std::vector<NamedPicture>> NeuralStyleWindow::pictures() {
  return guarded([&] {
    validate(request_).take();
    auto pictures = styles_.pictures().take();
    if (request_.start == "last") {
      if (!host_.last_result)
        throw Failure(ErrorCode::bad_argument, _("There is no last result to start from."), _("Start from the layer."));
      pictures.push_back({"start", host_.last_result().take()});
    }
    return pictures;
  });
}

/// False when the name is taken; that is told at its field.
bool NeuralStyleWindow::begin_recording() {
  if (request_.name.empty())
    request_.name =
        recorder_.free_name(format_text("%s – %s", host_.layer_name.c_str(), styles_.first_title().c_str()));
  const auto begun = recorder_.begin(request_.name, request_);
  if (!begun) {
    settings_.refuse_name(begun.error().sentence);
    messages_.show(begun.error());
  }
  return bool(begun);
}

void NeuralStyleWindow::start_painting() {
  if (job_ || styles_.empty()) return;
  styles_.read(request_);
  settings_.read(request_);
  messages_.hide();
  auto chosen = pictures();
  if (!chosen) {
    messages_.show(chosen.error());
    return;
  }
  if (!begin_recording()) return;
  notes_.clear();
  live_.begin();
  enter(RunPhase::painting);
  painting_ = std::make_shared<NeuralStylePainting>();
  job_.emplace(
      [paint = host_.paint, run = NeuralStyleRun{request_, chosen.take()}, painting = painting_](
          const Emit& hear, std::stop_token stop, std::stop_token finish) {
        return guarded([&] {
          *painting = paint(run, hear, stop, finish).take();
          return Nothing{};
        });
      },
      [this](const Event& event) { heard(event); }, [this](Status status) { ended(status); });
}

void NeuralStyleWindow::heard(const Event& event) {
  if (phase_ == RunPhase::painting) progress_.hear(event);
  live_.hear(event);
  if (event.kind == Event::Kind::state) recorder_.record(event);
  if (event.kind == Event::Kind::note) {
    if (!notes_.empty()) notes_ += " ";
    notes_ += event.text;
  }
}

void NeuralStyleWindow::ended(const Status& status) {
  const bool early = phase_ == RunPhase::finishing;
  const Error error = status ? Error{} : status.error();
  job_.reset();
  if (!status) {
    run_failed(error);
    return;
  }
  live_.end();
  if (early) recorder_.stop(*painting_);
  else recorder_.complete(*painting_);
  result_.painting = *painting_;
  enter(RunPhase::ended);
  const PaintFacts facts = paint_facts(painting_->facts);
  std::string text = early ? format_text(_("Stopped after iteration %d."), std::max(0, live_.states().newest()))
                           : std::string(_("The painting is ready."));
  if (!facts.device.empty()) text += " " + format_text(_("Painted on: %s."), device_title(facts.device).c_str());
  if (!notes_.empty()) text += " " + notes_;
  progress_.tell(text);
}

void NeuralStyleWindow::run_failed(const Error& error) {
  result_.painting.reset();
  if (error.code == ErrorCode::cancelled) {
    recorder_.fail(_("Cancelled by the painter."));
    live_.clear();
    enter(RunPhase::choosing);
    settings_.set_name({});
    messages_.tell(_("Painting was cancelled. The image is unchanged."), _("The gallery has what was recorded."));
    return;
  }
  recorder_.fail(error.sentence);
  live_.end();
  if (live_.states().empty()) {
    enter(RunPhase::choosing);
    settings_.set_name({});
    if (error.code == ErrorCode::model_missing || error.code == ErrorCode::model_damaged)
      messages_.show(error, _("Models…"), [this] { open_models(); });
    else messages_.show(error);
    return;
  }
  enter(RunPhase::ended);
  const int newest = live_.states().newest();
  const SrgbView layer = source_.view();
  const bool full = live_.states().at(newest)->has_full;
  const bool smaller = std::max(layer.width, layer.height) > neural_preview_side && !full;
  const std::string offer =
      smaller ? format_text(_("Iteration %d can be kept as it is shown, enlarged to the layer's size."), newest)
              : format_text(_("Iteration %d can be kept as it is shown."), newest);
  messages_.show({error.code, error.sentence, error.hint + (error.hint.empty() ? "" : " ") + offer});
  progress_.tell(_("The run failed."));
}

void NeuralStyleWindow::open_models() {
  if (models_ || phase_ != RunPhase::choosing) return;
  models_.emplace(GTK_WINDOW(window_), ModelsAim{.kind = "vgg19"});
  models_->on_closed = [this] { models_closed(); };
}

void NeuralStyleWindow::models_closed() {
  models_.reset();
  settings_.set_encoders(installed_encoders(Catalogue::read()));
  changed();
}

void NeuralStyleWindow::run_again() {
  result_.painting.reset();
  messages_.hide();
  settings_.set_name({});
  enter(RunPhase::choosing);
  changed();
}

void NeuralStyleWindow::insert() {
  if (phase_ != RunPhase::ended) return;
  if (!result_.painting) live_.keep(live_.states().newest(), true);
  close(DialogEnd::painted);
}

void NeuralStyleWindow::enter(RunPhase phase) {
  phase_ = phase;
  gtk_widget_set_sensitive(choosing_, phase == RunPhase::choosing);
  const RunResult result = phase == RunPhase::ended && !result_.painting ? RunResult::only_shown
                           : host_.replaces                              ? RunResult::replaces
                                                                         : RunResult::inserted;
  offer_run_buttons(GTK_DIALOG(window_), phase, result);
  if (phase == RunPhase::finishing) progress_.finishing();
  else progress_.show_painting(phase == RunPhase::painting);
}

void NeuralStyleWindow::close(DialogEnd end) {
  result_.end = end;
  if (end == DialogEnd::closed) result_.painting.reset();
  if (g_main_loop_is_running(loop_)) g_main_loop_quit(loop_);
}

}  // namespace

Result<NeuralStyleResult> run_neural_style_dialog(const NeuralStyleDialogHost& host, NeuralStyleRequest& request) {
  return guarded([&] {
    require_display();
    NeuralStyleWindow window(host, host.source().take(), request);
    auto result = window.run();
    request = window.request();
    return result;
  });
}

}  // namespace pinxit
