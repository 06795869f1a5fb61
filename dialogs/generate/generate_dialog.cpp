// SPDX-License-Identifier: Apache-2.0
//
// The Generate window puts its parts together: a prompt that is read while it is typed, runs whose pictures arrive one
// by one, and those that are picked to be inserted. The parts know nothing of each other.
#include "dialogs/generate/generate_dialog.h"

#include <gtk/gtk.h>

#include <optional>
#include <utility>

#include "dialogs/generate/generate_settings.h"
#include "dialogs/generate/generated_pictures.h"
#include "dialogs/generate/prompt_box.h"
#include "dialogs/generate/prompt_facts.h"
#include "dialogs/generate/prompt_reader.h"
#include "dialogs/painting/engine_devices.h"
#include "dialogs/painting/painting_window.h"
#include "dialogs/shared/window.h"
#include "engine/base/text.h"
#include "engine/requests/json.h"
#include "engine/requests/settings.h"

namespace pinxit {
namespace {

enum Answer { answer_generate = 1, answer_stop };

class GenerateWindow {
 public:
  GenerateWindow(const GenerateDialogHost& host, GenerateRequest request);
  ~GenerateWindow();
  GenerateResult run();
  GenerateRequest request() const { return request_; }

 private:
  void add_dialog_buttons();
  void connect();
  void show(const GenerateRequest& request);
  void changed();

  void read_prompt(guint delay_ms);
  void prompt_read(const PromptFacts& facts);
  void reading_failed(const Error& error);

  void answer(int response);
  bool fits_to_paint();
  void generate();
  void ended(const Result<std::string>& painted);
  void again();
  void vary_from(const GeneratedPicture& picture);
  void models_closed(const std::vector<std::string>& added);
  void insert();
  void offer_buttons();

  const GenerateDialogHost& host_;
  GenerateRequest request_;
  GenerateResult result_;
  bool keeps_prompts_ = true;  ///< of the settings
  bool showing_ = false;       ///< widgets are being filled: their signals are no wishes

  PromptBox prompt_;
  GenerateSettings settings_;
  GeneratedPictures pictures_;
  PromptReader reader_;
  PromptFacts facts_;             ///< of the last prompt that was read
  std::string read_model_;        ///< the model whose facts these are
  bool told_of_reading_ = false;  ///< the message shown is of a reading; it goes with the next that succeeds
  GenerateRequest run_request_;
  std::vector<KeptPrompt> generated_from_;
  Mailbox mailbox_;
  PaintingWindow frame_;  ///< the last member
};

GenerateWindow::GenerateWindow(const GenerateDialogHost& host, GenerateRequest request)
    : host_(host),
      request_(std::move(request)),
      settings_(host),
      reader_(host.read_prompt),
      frame_({.operation = GenerateRequest::operation,
              .aim = {.operation = GenerateRequest::operation},
              .title = host.image_name.empty() ? std::string(_("Generate from Text"))
                                               : format_text(_("Generate from Text: %s"), host.image_name.c_str()),
              .loading = _("Loading the model…"),
              .width = 1080,
              .height = 740}) {
  add_dialog_buttons();
  frame_.fill({prompt_.widget(), settings_.widget()}, pictures_.widget());
  if (const auto settings = Settings::load()) keeps_prompts_ = settings->keep_prompts;
  else frame_.tell(settings.error());
  request_.keep_prompt = request_.keep_prompt && keeps_prompts_;
  request_.captions.clear();  // files of captions are for scripts
  connect();
  settings_.set_models(Catalogue::read());
  show(request_);
  ask_for_devices(mailbox_.sender(), [this](const std::vector<std::string>& devices) {
    showing_ = true;
    settings_.offer_devices(devices);
    showing_ = false;
  });
}

GenerateWindow::~GenerateWindow() {
  reader_.rest();
  showing_ = true;
}

/// Stop stands where Generate does.
void GenerateWindow::add_dialog_buttons() {
  GtkDialog* dialog = frame_.dialog();
  gtk_dialog_add_button(dialog, _("_Reset"), GTK_RESPONSE_REJECT);
  gtk_dialog_add_button(dialog, _("_Cancel"), GTK_RESPONSE_CANCEL);
  GtkWidget* stop = gtk_dialog_add_button(dialog, _("S_top"), answer_stop);
  GtkWidget* generate = gtk_dialog_add_button(dialog, _("_Generate"), answer_generate);
  GtkWidget* insert = gtk_dialog_add_button(dialog, _("_Insert"), GTK_RESPONSE_OK);
  gtk_widget_set_tooltip_text(stop, _("Ends the run; pictures that are there stay"));
  gtk_widget_set_tooltip_text(insert, host_.image_name.empty() ? _("A new image of the pictures you picked")
                                                               : _("Each picture you picked becomes a layer"));
  gtk_widget_set_no_show_all(stop, TRUE);
  gtk_widget_set_no_show_all(generate, TRUE);
  gtk_dialog_set_default_response(dialog, answer_generate);
  pad_buttons(insert);
}

void GenerateWindow::connect() {
  prompt_.on_changed = [this] {
    changed();
    read_prompt(PromptReader::typing_delay_ms);
  };
  prompt_.on_entered = [this] { generate(); };
  prompt_.on_recalled = [this](const KeptPrompt& kept) {
    if (kept.vary_prompt.empty()) return;
    GenerateRequest recalled = request_;
    recalled.vary = "text";
    recalled.vary_prompt = kept.vary_prompt;
    settings_.show(recalled);
  };
  reader_.on_read = [this](const PromptReader::Answer& answer) {
    read_model_ = answer.request.model;
    prompt_read(prompt_facts(answer.facts));
  };
  reader_.on_failed = [this](const Error& error) { reading_failed(error); };
  prompt_.on_error = [this](const Error& error) { frame_.tell(error); };
  settings_.on_changed = [this] { changed(); };
  settings_.on_model = [this] { read_prompt(0); };
  settings_.on_models = [this] { frame_.open_models(); };
  pictures_.on_picked = [this] { offer_buttons(); };
  pictures_.on_again = [this] { again(); };
  pictures_.on_vary = [this](const GeneratedPicture& picture) { vary_from(picture); };
  frame_.presets().current = [this] { return without_prompts(request_); };
  frame_.presets().on_chosen = [this](const AnyRequest& preset) {
    GenerateRequest chosen = std::get<GenerateRequest>(preset);
    chosen.prompt = request_.prompt;
    chosen.vary_prompt = request_.vary_prompt;
    chosen.captions.clear();
    chosen.keep_prompt = chosen.keep_prompt && keeps_prompts_;
    show(chosen);
  };
  frame_.on_answer = [this](int response) { answer(response); };
  frame_.on_models_closed = [this](const std::vector<std::string>& added) { models_closed(added); };
}

/// The box for keeping the prompt is often unticked after the run; Repeat heeds that, too.
GenerateResult GenerateWindow::run() {
  gtk_widget_show_all(frame_.widget());
  offer_buttons();
  prompt_.take_focus();
  result_.end = frame_.run();
  changed();
  if (!request_.keep_prompt)
    for (const KeptPrompt& one : generated_from_) prompt_.set_keep({one.prompt, one.vary_prompt, false});
  return std::move(result_);
}

void GenerateWindow::show(const GenerateRequest& request) {
  showing_ = true;
  request_ = request;
  prompt_.set_text(request.prompt);
  settings_.show(request);
  showing_ = false;
  changed();
  read_prompt(0);
}

void GenerateWindow::changed() {
  if (showing_) return;
  request_.prompt = prompt_.text();
  settings_.read(request_);
  frame_.presets().compare(without_prompts(request_));
}

void GenerateWindow::read_prompt(guint delay_ms) {
  if (showing_ || frame_.running()) return;  // a run tells as well
  if (read_model_ != request_.model) prompt_.set_taken(true);
  reader_.ask(request_, delay_ms);
}

void GenerateWindow::prompt_read(const PromptFacts& facts) {
  if (std::exchange(told_of_reading_, false)) frame_.messages().hide();
  facts_ = facts;
  settings_.offer(facts);
  prompt_.mark(facts);
  prompt_.set_taken(facts.takes_prompt);
}

void GenerateWindow::reading_failed(const Error& error) {
  if (!lacks_model(error)) {
    prompt_.tell(error.hint.empty() ? error.sentence : error.sentence + " " + error.hint);
    return;
  }
  facts_ = {};
  settings_.offer(facts_);
  prompt_.set_taken(true);
  frame_.tell(error);
  told_of_reading_ = true;
}

void GenerateWindow::answer(int response) {
  switch (response) {
    case GTK_RESPONSE_REJECT: {
      GenerateRequest fresh;
      fresh.prompt = request_.prompt;
      fresh.model = request_.model;
      fresh.keep_prompt = keeps_prompts_;
      show(fresh);
      break;
    }
    case answer_generate: generate(); break;
    case answer_stop: frame_.cancel(); break;
    case GTK_RESPONSE_OK: insert(); break;
    default: break;
  }
}

/// Whatever is missing is told where it is to be typed. A model that has not been read yet judges by itself.
bool GenerateWindow::fits_to_paint() {
  if (read_model_ == request_.model && facts_.takes_prompt && request_.prompt.empty()) {
    prompt_.refuse(_("Type what the pictures are to show."));
    return false;
  }
  if (request_.vary == "text" && request_.vary_prompt.empty()) {
    frame_.tell({ErrorCode::bad_argument, _("The other prompt is missing."),
                 _("Type what the pictures are to lead to, or choose not to vary.")});
    settings_.point_at_other_prompt();
    return false;
  }
  if (const auto valid = validate(request_); !valid) {
    frame_.tell(valid.error());
    return false;
  }
  return true;
}

void GenerateWindow::generate() {
  if (frame_.running()) return;
  changed();
  frame_.messages().hide();
  told_of_reading_ = false;
  if (!fits_to_paint()) return;
  run_request_ = request_;
  if (read_model_ == request_.model && !facts_.takes_prompt) run_request_.prompt.clear();
  generated_from_.push_back({run_request_.prompt, run_request_.vary_prompt, run_request_.keep_prompt});
  prompt_.remember(generated_from_.back());
  reader_.rest();
  pictures_.begin(run_request_);
  frame_.paint<std::string>(
      [paint = host_.paint, request = run_request_](const Emit& hear, std::stop_token stop, std::stop_token) {
        return paint(request, hear, stop);
      },
      [this](const Event& event) { pictures_.hear(event); },
      [this](const Result<std::string>& facts) { ended(facts); });
  frame_.progress().show_painting(true);
  offer_buttons();
  gtk_widget_grab_focus(gtk_dialog_get_widget_for_response(frame_.dialog(), answer_stop));
}

void GenerateWindow::ended(const Result<std::string>& painted) {
  const std::string facts = painted ? *painted : reader_.facts_of(run_request_);
  pictures_.end(facts);
  frame_.progress().show_painting(false);
  offer_buttons();
  const int made = pictures_.made();
  if (made > 0) pictures_.take_focus();
  else prompt_.take_focus();
  if (painted) {
    frame_.tell_result(made == 1 ? _("The picture is ready.") : _("Click the pictures you want to keep."), facts);
  } else if (painted.error().code == ErrorCode::cancelled) {
    frame_.progress().tell(made > 0 ? format_text(_("Stopped after %d of %d pictures."), made, run_request_.count)
                                    : std::string(_("Painting was cancelled. The image is unchanged.")));
  } else {
    frame_.progress().tell(_("The run failed."));
    frame_.tell(painted.error());
  }
  if (reader_.facts_of(request_).empty()) read_prompt(0);
}

void GenerateWindow::again() {
  frame_.take_typed();
  GenerateRequest next = request_;
  next.seed = pictures_.next_seed();
  if (next.vary == "noise" && next.vary_seed == next.seed) next.vary_seed = next.seed == G_MAXINT ? 0 : next.seed + 1;
  settings_.show(next);
  generate();
}

void GenerateWindow::vary_from(const GeneratedPicture& picture) {
  GenerateRequest next = picture.request;
  next.seed = int(picture.made.seed);
  next.vary = "noise";
  next.vary_seed = g_random_int_range(0, 1000000);
  next.vary_prompt.clear();
  if (next.count < 2) next.count = GenerateRequest().count;
  next.keep_prompt = request_.keep_prompt;
  next.fit = request_.fit;
  facts_.takes_prompt = !next.prompt.empty();  // the model may be another than that of the settings
  read_model_ = next.model;
  showing_ = true;
  settings_.show(next);
  if (facts_.takes_prompt) prompt_.set_text(next.prompt);
  showing_ = false;
  generate();
}

/// The latest generator that came is chosen.
void GenerateWindow::models_closed(const std::vector<std::string>& added) {
  const Catalogue catalogue = Catalogue::read();
  settings_.set_models(catalogue);
  settings_.read(request_);
  GenerateRequest request = request_;
  for (const std::string& id : added)
    if (const ModelEntry* entry = catalogue.find(id); entry && entry->operation == GenerateRequest::operation)
      request.model = id;
  show(request);
  prompt_.take_focus();
}

void GenerateWindow::insert() {
  if (frame_.running() || pictures_.count_picked() == 0) return;
  changed();
  result_.pictures = pictures_.picked();
  for (GeneratedPicture& one : result_.pictures) {  // what is said of the layers, not of the run
    one.request.keep_prompt = request_.keep_prompt;
    one.request.fit = request_.fit;
    if (request_.keep_prompt) prompt_.set_keep({one.request.prompt, one.request.vary_prompt, true});
  }
  frame_.accept();
}

void GenerateWindow::offer_buttons() {
  GtkDialog* dialog = frame_.dialog();
  const bool painting = frame_.running();
  frame_.let_choose(!painting);
  gtk_widget_set_visible(gtk_dialog_get_widget_for_response(dialog, answer_generate), !painting);
  gtk_widget_set_visible(gtk_dialog_get_widget_for_response(dialog, answer_stop), painting);
  gtk_dialog_set_response_sensitive(dialog, GTK_RESPONSE_REJECT, !painting);
  gtk_dialog_set_response_sensitive(dialog, GTK_RESPONSE_OK, !painting && pictures_.count_picked() > 0);
  gtk_dialog_set_default_response(dialog, painting ? int(answer_stop) : int(answer_generate));
}

}  // namespace

Result<GenerateResult> run_generate_dialog(const GenerateDialogHost& host, GenerateRequest& request) {
  return guarded([&] {
    require_display();
    GenerateWindow window(host, request);
    auto result = window.run();
    request = window.request();
    return result;
  });
}

}  // namespace pinxit
