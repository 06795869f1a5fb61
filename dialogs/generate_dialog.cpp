// SPDX-License-Identifier: Apache-2.0
//
// The Generate window puts its parts together: a prompt that is read while it is typed, runs whose pictures arrive one
// by one, and those that are picked to be inserted. The parts know nothing of each other.
#include "dialogs/generate_dialog.h"

#include <gtk/gtk.h>

#include <optional>
#include <utility>

#include "dialogs/device_names.h"
#include "dialogs/engine_devices.h"
#include "dialogs/generate_settings.h"
#include "dialogs/generated_pictures.h"
#include "dialogs/models_window.h"
#include "dialogs/paint_job.h"
#include "dialogs/painting_progress.h"
#include "dialogs/preset_bar.h"
#include "dialogs/prompt_box.h"
#include "dialogs/prompt_facts.h"
#include "dialogs/prompt_reader.h"
#include "dialogs/widgets.h"
#include "dialogs/window.h"
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
  GtkWidget* left_side();
  void connect();
  void show(const GenerateRequest& request);
  void changed();

  void read_prompt(guint delay_ms);
  void prompt_read(const PromptFacts& facts);
  void reading_failed(const Error& error);

  void answer(int response);
  bool fits_to_paint();
  void generate();
  void heard(const Event& event);
  void ended(const Status& status);
  void again();
  void vary_from(const GeneratedPicture& picture);
  void open_models();
  void models_closed();
  void insert();
  void offer_buttons();
  void tell_missing(const Error& error);
  void close(DialogEnd end);

  const GenerateDialogHost& host_;
  GenerateRequest request_;
  GenerateResult result_;
  bool keeps_prompts_ = true;  ///< of the settings
  bool showing_ = false;       ///< widgets are being filled: their signals are no wishes

  GtkWidget* window_;
  GtkWidget* choosing_;  ///< all that rests while painting
  MessageBar messages_;
  PresetBar presets_;
  PromptBox prompt_;
  GenerateSettings settings_;
  GeneratedPictures pictures_;
  PaintingProgress progress_;
  PromptReader reader_;
  PromptFacts facts_;             ///< of the last prompt that was read
  std::string read_model_;        ///< the model whose facts these are
  bool told_of_reading_ = false;  ///< the message shown is of a reading; it goes with the next that succeeds
  std::shared_ptr<std::string> run_facts_;  ///< written by the run's thread, read when that has ended
  GenerateRequest run_request_;
  std::vector<KeptPrompt> generated_from_;
  std::optional<PaintJob> job_;
  std::optional<ModelsWindow> models_;
  std::string notes_;
  GMainLoop* loop_;
  Mailbox mailbox_;
};

GenerateWindow::GenerateWindow(const GenerateDialogHost& host, GenerateRequest request)
    : host_(host),
      request_(std::move(request)),
      window_(gtk_dialog_new()),
      presets_(GenerateRequest::operation),
      settings_(host),
      progress_(_("Loading the model…")),
      reader_(host.read_prompt),
      loop_(g_main_loop_new(nullptr, FALSE)) {
  prepare_window(window_, host.image_name.empty() ? std::string(_("Generate from Text"))
                                                  : format_text(_("Generate from Text: %s"), host.image_name.c_str()));
  gtk_window_set_default_size(GTK_WINDOW(window_), 1080, 740);
  add_dialog_buttons();

  GtkWidget* both = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL);
  gtk_container_set_border_width(GTK_CONTAINER(both), 12);
  gtk_widget_set_margin_start(pictures_.widget(), 14);
  gtk_paned_pack1(GTK_PANED(both), left_side(), FALSE, FALSE);
  gtk_paned_pack2(GTK_PANED(both), pictures_.widget(), TRUE, FALSE);
  GtkWidget* content = gtk_dialog_get_content_area(GTK_DIALOG(window_));
  gtk_box_pack_start(GTK_BOX(content), messages_.widget(), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(content), both, TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(content), progress_.widget(), FALSE, FALSE, 0);

  if (const auto settings = Settings::load()) keeps_prompts_ = settings->keep_prompts;
  else messages_.show(settings.error());
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
  models_.reset();
  reader_.rest();
  job_.reset();
  showing_ = true;
  gtk_widget_destroy(window_);
  g_main_loop_unref(loop_);
}

/// Stop stands where Generate does.
void GenerateWindow::add_dialog_buttons() {
  GtkDialog* dialog = GTK_DIALOG(window_);
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
  GtkWidget* row = gtk_widget_get_parent(insert);
  gtk_widget_set_margin_start(row, 12);
  gtk_widget_set_margin_end(row, 12);
  gtk_widget_set_margin_bottom(row, 12);
}

GtkWidget* GenerateWindow::left_side() {
  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_set_margin_end(column, 14);  // room for the scroll bar
  for (GtkWidget* part : {presets_.widget(), prompt_.widget(), settings_.widget()})
    gtk_box_pack_start(GTK_BOX(column), part, FALSE, FALSE, 0);
  choosing_ = column;
  GtkWidget* scrolled = gtk_scrolled_window_new(nullptr, nullptr);
  gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request(scrolled, 390, -1);
  gtk_container_add(GTK_CONTAINER(scrolled), column);
  return scrolled;
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
  prompt_.on_error = [this](const Error& error) { messages_.show(error); };
  settings_.on_changed = [this] { changed(); };
  settings_.on_model = [this] { read_prompt(0); };
  settings_.on_models = [this] { open_models(); };
  pictures_.on_picked = [this] { offer_buttons(); };
  pictures_.on_again = [this] { again(); };
  pictures_.on_vary = [this](const GeneratedPicture& picture) { vary_from(picture); };
  presets_.current = [this] { return without_prompts(request_); };
  presets_.on_chosen = [this](const AnyRequest& preset) {
    GenerateRequest chosen = std::get<GenerateRequest>(preset);
    chosen.prompt = request_.prompt;
    chosen.vary_prompt = request_.vary_prompt;
    chosen.captions.clear();
    chosen.keep_prompt = chosen.keep_prompt && keeps_prompts_;
    show(chosen);
  };
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

GenerateResult GenerateWindow::run() {
  gtk_widget_show_all(window_);
  offer_buttons();
  prompt_.take_focus();
  gtk_window_present(GTK_WINDOW(window_));
  g_main_loop_run(loop_);
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
  presets_.compare(without_prompts(request_));
}

void GenerateWindow::read_prompt(guint delay_ms) {
  if (showing_ || job_) return;  // a run tells as well
  if (read_model_ != request_.model) prompt_.set_taken(true);
  reader_.ask(request_, delay_ms);
}

void GenerateWindow::prompt_read(const PromptFacts& facts) {
  if (std::exchange(told_of_reading_, false)) messages_.hide();
  facts_ = facts;
  settings_.offer(facts);
  prompt_.mark(facts);
  prompt_.set_taken(facts.takes_prompt);
}

void GenerateWindow::reading_failed(const Error& error) {
  if (error.code != ErrorCode::model_missing && error.code != ErrorCode::model_damaged) {
    prompt_.tell(error.hint.empty() ? error.sentence : error.sentence + " " + error.hint);
    return;
  }
  facts_ = {};
  settings_.offer(facts_);
  prompt_.set_taken(true);
  tell_missing(error);
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
    case GTK_RESPONSE_CANCEL:
      if (job_) job_->cancel();
      else close(DialogEnd::closed);
      break;
    case answer_generate: generate(); break;
    case answer_stop:
      if (job_) job_->cancel();
      break;
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
    messages_.show({ErrorCode::bad_argument, _("The other prompt is missing."),
                    _("Type what the pictures are to lead to, or choose not to vary.")});
    settings_.point_at_other_prompt();
    return false;
  }
  if (const auto valid = validate(request_); !valid) {
    messages_.show(valid.error());
    return false;
  }
  return true;
}

void GenerateWindow::generate() {
  if (job_) return;
  changed();
  messages_.hide();
  told_of_reading_ = false;
  if (!fits_to_paint()) return;
  run_request_ = request_;
  if (read_model_ == request_.model && !facts_.takes_prompt) run_request_.prompt.clear();
  generated_from_.push_back({run_request_.prompt, run_request_.vary_prompt, run_request_.keep_prompt});
  prompt_.remember(generated_from_.back());
  notes_.clear();
  reader_.rest();
  pictures_.begin(run_request_);
  run_facts_ = std::make_shared<std::string>();
  job_.emplace(
      [paint = host_.paint, request = run_request_, facts = run_facts_](const Emit& hear, std::stop_token stop,
                                                                        std::stop_token) {
        return guarded([&] {
          *facts = paint(request, hear, stop).take();
          return Nothing{};
        });
      },
      [this](const Event& event) { heard(event); }, [this](Status status) { ended(status); });
  progress_.show_painting(true);
  offer_buttons();
  gtk_widget_grab_focus(gtk_dialog_get_widget_for_response(GTK_DIALOG(window_), answer_stop));
}

void GenerateWindow::heard(const Event& event) {
  progress_.hear(event);
  pictures_.hear(event);
  if (event.kind == Event::Kind::note) notes_ += (notes_.empty() ? "" : " ") + event.text;
}

void GenerateWindow::ended(const Status& status) {
  const std::optional<Error> error = status ? std::nullopt : std::optional(status.error());
  job_.reset();
  const std::string facts = error ? reader_.facts_of(run_request_) : *run_facts_;
  pictures_.end(facts);
  progress_.show_painting(false);
  offer_buttons();
  const int made = pictures_.made();
  if (made > 0) pictures_.take_focus();
  else prompt_.take_focus();
  if (error && error->code == ErrorCode::cancelled) {
    progress_.tell(made > 0 ? format_text(_("Stopped after %d of %d pictures."), made, run_request_.count)
                            : std::string(_("Painting was cancelled. The image is unchanged.")));
  } else if (error) {
    progress_.tell(_("The run failed."));
    if (error->code == ErrorCode::model_missing || error->code == ErrorCode::model_damaged) tell_missing(*error);
    else messages_.show(*error);
  } else {
    std::string text = made == 1 ? _("The picture is ready.") : _("Click the pictures you want to keep.");
    if (const auto device = paint_facts(facts).device; !device.empty())
      text += " " + format_text(_("Painted on: %s."), device_title(device).c_str());
    progress_.tell(notes_.empty() ? text : text + " " + notes_);
  }
  if (reader_.facts_of(request_).empty()) read_prompt(0);
}

void GenerateWindow::again() {
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

void GenerateWindow::tell_missing(const Error& error) {
  messages_.show(error, _("Models…"), [this] { open_models(); });
}

void GenerateWindow::open_models() {
  if (models_ || job_) return;
  models_.emplace(GTK_WINDOW(window_), ModelsAim{.operation = GenerateRequest::operation});
  models_->on_closed = [this] { models_closed(); };
}

/// Models may have come and gone. The latest generator that came is chosen.
void GenerateWindow::models_closed() {
  const std::vector<std::string> added = models_->added();
  models_.reset();
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
  if (job_ || pictures_.count_picked() == 0) return;
  changed();
  result_.pictures = pictures_.picked();
  for (GeneratedPicture& one : result_.pictures) {  // what is said of the layers, not of the run
    one.request.keep_prompt = request_.keep_prompt;
    one.request.fit = request_.fit;
    if (request_.keep_prompt) prompt_.set_keep({one.request.prompt, one.request.vary_prompt, true});
  }
  close(DialogEnd::painted);
}

void GenerateWindow::offer_buttons() {
  GtkDialog* dialog = GTK_DIALOG(window_);
  const bool painting = job_.has_value();
  gtk_widget_set_sensitive(choosing_, !painting);
  gtk_widget_set_visible(gtk_dialog_get_widget_for_response(dialog, answer_generate), !painting);
  gtk_widget_set_visible(gtk_dialog_get_widget_for_response(dialog, answer_stop), painting);
  gtk_dialog_set_response_sensitive(dialog, GTK_RESPONSE_REJECT, !painting);
  gtk_dialog_set_response_sensitive(dialog, GTK_RESPONSE_OK, !painting && pictures_.count_picked() > 0);
  gtk_dialog_set_default_response(dialog, painting ? int(answer_stop) : int(answer_generate));
}

/// The box for keeping the prompt is often unticked after the run; Repeat heeds that, too.
void GenerateWindow::close(DialogEnd end) {
  changed();
  if (!request_.keep_prompt)
    for (const KeptPrompt& one : generated_from_) prompt_.set_keep({one.prompt, one.vary_prompt, false});
  result_.end = end;
  if (g_main_loop_is_running(loop_)) g_main_loop_quit(loop_);
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
