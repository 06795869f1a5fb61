// SPDX-License-Identifier: Apache-2.0
//
// The Neural Style window puts its parts together and moves between four phases: choosing, painting, finishing (told
// to end early), and ended, where the result and kept iterations can be inserted. The parts know nothing of each other.
#include "dialogs/neural_style/neural_style_dialog.h"

#include <gtk/gtk.h>

#include <algorithm>
#include <optional>

#include "dialogs/neural_style/live_view.h"
#include "dialogs/neural_style/neural_settings.h"
#include "dialogs/neural_style/run_buttons.h"
#include "dialogs/neural_style/run_recorder.h"
#include "dialogs/neural_style/style_pictures.h"
#include "dialogs/painting/engine_devices.h"
#include "dialogs/painting/painting_window.h"
#include "dialogs/shared/window.h"
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
  void connect();
  void show(const NeuralStyleRequest& request);
  void changed();
  void answer(int response);
  void start_painting();
  Result<std::vector<NamedPicture>> pictures();
  bool begin_recording();
  void heard(const Event& event);
  void ended(Result<NeuralStylePainting> painting);
  void run_failed(const Error& error);
  void run_again();
  void insert();
  void enter(RunPhase phase);

  const NeuralStyleDialogHost& host_;
  const SharedPicture source_;
  NeuralStyleRequest request_;
  NeuralStyleResult result_;
  RunPhase phase_ = RunPhase::choosing;
  bool showing_ = false;  ///< widgets are being filled: their signals are no wishes

  RunRecorder recorder_;
  StylePictures styles_;
  NeuralSettings settings_;
  LiveView live_;
  Mailbox mailbox_;
  PaintingWindow frame_;  ///< the last member
};

NeuralStyleWindow::NeuralStyleWindow(const NeuralStyleDialogHost& host, SharedPicture source,
                                     NeuralStyleRequest request)
    : host_(host),
      source_(std::move(source)),
      request_(std::move(request)),
      recorder_([this](const Error& error) { frame_.tell(error); }),
      styles_(host),
      settings_(installed_encoders(Catalogue::read()), bool(host.last_result)),
      live_(source_),
      frame_({.operation = NeuralStyleRequest::operation,
              .aim = {.kind = "vgg19"},
              .title = format_text(_("Neural Style: %s"), host.layer_name.c_str()),
              .loading = _("Loading the encoder…"),
              .width = 1100,
              .height = 750}) {
  add_run_buttons(frame_.dialog());
  frame_.fill({styles_.widget(), settings_.widget()}, live_.widget());
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

NeuralStyleWindow::~NeuralStyleWindow() { showing_ = true; }

void NeuralStyleWindow::connect() {
  styles_.on_changed = [this] { changed(); };
  styles_.on_error = [this](const Error& error) { frame_.tell(error); };
  settings_.on_changed = [this] { changed(); };
  settings_.on_models = [this] { frame_.open_models(); };
  frame_.presets().current = [this] {
    NeuralStyleRequest saved = request_;
    saved.name.clear();  // names are of one run
    return saved;
  };
  frame_.presets().on_chosen = [this](const AnyRequest& preset) { show(std::get<NeuralStyleRequest>(preset)); };
  frame_.on_answer = [this](int response) { answer(response); };
  frame_.on_models_closed = [this](const std::vector<std::string>&) {
    settings_.set_encoders(installed_encoders(Catalogue::read()));
    changed();
  };
}

NeuralStyleResult NeuralStyleWindow::run() {
  gtk_widget_show_all(frame_.widget());
  enter(RunPhase::choosing);
  result_.end = frame_.run();
  gtk_widget_hide(frame_.widget());  // the recorder may still be writing
  if (result_.end == DialogEnd::closed) {
    result_.painting.reset();
  } else {
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
  frame_.presets().compare(nameless);
  gtk_dialog_set_response_sensitive(frame_.dialog(), answer_paint, !styles_.empty());
  if (phase_ == RunPhase::choosing)
    frame_.progress().tell(styles_.empty() ? _("Add a style picture to begin.") : _("Ready to paint."));
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
    case answer_paint: start_painting(); break;
    case answer_stop:
      if (frame_.running()) {
        enter(RunPhase::finishing);
        frame_.finish();
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
    frame_.tell(begun.error());
  }
  return bool(begun);
}

void NeuralStyleWindow::start_painting() {
  if (frame_.running() || styles_.empty()) return;
  styles_.read(request_);
  settings_.read(request_);
  frame_.messages().hide();
  auto chosen = pictures();
  if (!chosen) {
    frame_.tell(chosen.error());
    return;
  }
  if (!begin_recording()) return;
  live_.begin();
  enter(RunPhase::painting);
  frame_.paint<NeuralStylePainting>(
      [paint = host_.paint, run = NeuralStyleRun{request_, chosen.take()}](
          const Emit& hear, std::stop_token stop, std::stop_token finish) { return paint(run, hear, stop, finish); },
      [this](const Event& event) { heard(event); },
      [this](Result<NeuralStylePainting> painting) { ended(std::move(painting)); });
}

void NeuralStyleWindow::heard(const Event& event) {
  live_.hear(event);
  if (event.kind == Event::Kind::state) recorder_.record(event);
}

void NeuralStyleWindow::ended(Result<NeuralStylePainting> painting) {
  const bool early = phase_ == RunPhase::finishing;
  if (!painting) {
    run_failed(painting.error());
    return;
  }
  live_.end();
  if (early) recorder_.stop(*painting);
  else recorder_.complete(*painting);
  result_.painting = painting.take();
  enter(RunPhase::ended);
  frame_.tell_result(early ? format_text(_("Stopped after iteration %d."), std::max(0, live_.states().newest()))
                           : std::string(_("The painting is ready.")),
                     result_.painting->facts);
}

void NeuralStyleWindow::run_failed(const Error& error) {
  result_.painting.reset();
  if (error.code == ErrorCode::cancelled) {
    recorder_.fail(_("Cancelled by the painter."));
    live_.clear();
    enter(RunPhase::choosing);
    settings_.set_name({});
    frame_.messages().tell(_("Painting was cancelled. The image is unchanged."),
                           _("The gallery has what was recorded."));
    return;
  }
  recorder_.fail(error.sentence);
  live_.end();
  if (live_.states().empty()) {
    enter(RunPhase::choosing);
    settings_.set_name({});
    frame_.tell(error);
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
  frame_.messages().show({error.code, error.sentence, error.hint + (error.hint.empty() ? "" : " ") + offer});
  frame_.progress().tell(_("The run failed."));
}

void NeuralStyleWindow::run_again() {
  result_.painting.reset();
  frame_.messages().hide();
  settings_.set_name({});
  enter(RunPhase::choosing);
  changed();
}

void NeuralStyleWindow::insert() {
  if (phase_ != RunPhase::ended) return;
  if (!result_.painting) live_.keep(live_.states().newest(), true);
  frame_.accept();
}

void NeuralStyleWindow::enter(RunPhase phase) {
  phase_ = phase;
  frame_.let_choose(phase == RunPhase::choosing);
  const RunResult result = phase == RunPhase::ended && !result_.painting ? RunResult::only_shown
                           : host_.replaces                              ? RunResult::replaces
                                                                         : RunResult::inserted;
  offer_run_buttons(frame_.dialog(), phase, result);
  if (phase == RunPhase::finishing) frame_.progress().finishing();
  else frame_.progress().show_painting(phase == RunPhase::painting);
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
