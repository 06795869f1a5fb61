// SPDX-License-Identifier: Apache-2.0
//
// The Fast Style window puts its parts together and moves between two states: choosing (previews run) and painting
// (everything but Cancel rests). The parts know nothing of each other.
#include "dialogs/fast_style_dialog.h"

#include <gtk/gtk.h>

#include <algorithm>
#include <optional>

#include "dialogs/device_names.h"
#include "dialogs/models_window.h"
#include "dialogs/paint_job.h"
#include "dialogs/painting_progress.h"
#include "dialogs/preset_bar.h"
#include "dialogs/preview_pane.h"
#include "dialogs/preview_worker.h"
#include "dialogs/request_controls.h"
#include "dialogs/style_gallery.h"
#include "dialogs/widgets.h"
#include "dialogs/window.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr int preview_delay_ms = 150;

class FastStyleWindow {
 public:
  FastStyleWindow(const FastStyleDialogHost& host, SharedPicture source, FastStyleRequest request);
  ~FastStyleWindow();
  DialogEnd run();
  FastStyleRequest request() const { return request_; }

 private:
  GtkWidget* left_side();
  GtkWidget* right_side();
  void connect();

  void show(const FastStyleRequest& request);
  void changed();
  void ask_preview(int delay_ms);
  void preview_event(const Event& event);
  void preview_done(const PreviewFrame& frame);
  void preview_failed(const Error& error);

  void open_models();
  void models_closed();

  void answer(int response);
  void start_painting();
  void painted(const Status& status);
  void set_painting(bool painting);
  void close(DialogEnd end);

  const FastStyleDialogHost& host_;
  FastStyleRequest request_;
  DialogEnd end_ = DialogEnd::closed;
  bool showing_ = false;  ///< widgets are being filled: their signals are no wishes

  GtkWidget* window_;
  GtkWidget* choosing_;       ///< all that rests while painting
  GtkWidget* detail_;
  GtkWidget* whole_;
  GtkWidget* preview_check_;
  MessageBar messages_;
  StyleGallery gallery_;
  RequestControls controls_;
  PresetBar presets_;
  PreviewPane pane_;
  PaintingProgress progress_;
  PreviewWorker worker_;
  std::optional<PaintJob> job_;
  std::optional<ModelsWindow> models_;
  std::string note_;
  enum class Told { none, of_preview, of_painting };
  Told told_ = Told::none;    ///< what the message shown is of; it goes when the request changes
  GMainLoop* loop_;
};

FastStyleWindow::FastStyleWindow(const FastStyleDialogHost& host, SharedPicture source, FastStyleRequest request)
    : host_(host),
      request_(std::move(request)),
      window_(gtk_dialog_new()),
      choosing_(gtk_paned_new(GTK_ORIENTATION_HORIZONTAL)),
      presets_(FastStyleRequest::operation),
      pane_(source),
      progress_(_("Loading the style…")),
      worker_(source, {[this](PreviewFrame frame) { preview_done(frame); },
                       [this](Event event) { preview_event(event); },
                       [this](Error error) { preview_failed(error); },
                       [this](std::string status) {
                         controls_.offer_devices(engine_facts(status).devices);
                       }}),
      loop_(g_main_loop_new(nullptr, FALSE)) {
  prepare_window(window_, format_text(_("Fast Style: %s"), host.layer_name.c_str()));
  gtk_window_set_default_size(GTK_WINDOW(window_), 1080, 700);
  add_buttons(window_);

  gtk_container_set_border_width(GTK_CONTAINER(choosing_), 12);
  gtk_paned_pack1(GTK_PANED(choosing_), left_side(), TRUE, FALSE);
  gtk_paned_pack2(GTK_PANED(choosing_), right_side(), FALSE, FALSE);

  GtkWidget* content = gtk_dialog_get_content_area(GTK_DIALOG(window_));
  gtk_box_pack_start(GTK_BOX(content), messages_.widget(), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(content), choosing_, TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(content), progress_.widget(), FALSE, FALSE, 0);

  const Catalogue catalogue = Catalogue::read();
  gallery_.fill(catalogue);
  show(request_);
  if (!catalogue.problems().empty()) messages_.show(catalogue.problems().front());
  connect();
}

FastStyleWindow::~FastStyleWindow() {
  models_.reset();
  job_.reset();
  worker_.rest();
  showing_ = true;
  gtk_widget_destroy(window_);
  g_main_loop_unref(loop_);
}

GtkWidget* FastStyleWindow::left_side() {
  GtkWidget* frame = gtk_frame_new(nullptr);
  gtk_frame_set_shadow_type(GTK_FRAME(frame), GTK_SHADOW_IN);
  gtk_container_add(GTK_CONTAINER(frame), pane_.widget());

  preview_check_ = gtk_check_button_new_with_mnemonic(_("Pre_view"));
  gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(preview_check_), TRUE);
  detail_ = gtk_radio_button_new_with_mnemonic(nullptr, _("Detail (_1:1)"));
  gtk_widget_set_tooltip_text(detail_, _("A part of the result, exactly as it will be painted"));
  whole_ = gtk_radio_button_new_with_mnemonic_from_widget(GTK_RADIO_BUTTON(detail_),
                                                          _("_Whole picture (approximate)"));
  gtk_widget_set_tooltip_text(whole_, _("All of the picture, painted at the size it has here; "
                                        "strokes will be finer in the result"));
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
  for (GtkWidget* choice : {preview_check_, detail_, whole_}) gtk_box_pack_start(GTK_BOX(row), choice, FALSE, FALSE, 0);
  GtkWidget* hint = quiet_label(_("Drag the divider, or the picture."));
  gtk_label_set_ellipsize(GTK_LABEL(hint), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text(hint, _("With the keyboard: Left and Right move the divider, "
                                      "Ctrl and an arrow key the picture."));
  gtk_box_pack_end(GTK_BOX(row), hint, TRUE, TRUE, 0);
  gtk_label_set_xalign(GTK_LABEL(hint), 1);

  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_margin_end(column, 4);
  gtk_box_pack_start(GTK_BOX(column), frame, TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(column), row, FALSE, FALSE, 0);
  return column;
}

GtkWidget* FastStyleWindow::right_side() {
  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_set_margin_start(column, 14);
  gtk_box_pack_start(GTK_BOX(column), presets_.widget(), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column), gallery_.widget(), TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(column), controls_.widget(), FALSE, FALSE, 0);
  return column;
}

void FastStyleWindow::connect() {
  gallery_.on_chosen = [this] { changed(); };
  gallery_.on_activated = [this] { answer(GTK_RESPONSE_OK); };
  gallery_.on_models = [this] { open_models(); };
  controls_.on_changed = [this] { changed(); };
  presets_.current = [this] { return request_; };
  presets_.on_chosen = [this](const AnyRequest& preset) { show(std::get<FastStyleRequest>(preset)); };
  presets_.on_error = [this](const Error& error) { messages_.show(error); };
  pane_.on_view_changed = [this] { ask_preview(preview_delay_ms); };

  on<void(GtkToggleButton*)>(detail_, "toggled", [this](GtkToggleButton* button) {
    pane_.set_kind(gtk_toggle_button_get_active(button) ? View::Kind::crop : View::Kind::fitted);
  });
  on<void(GtkToggleButton*)>(preview_check_, "toggled", [this](GtkToggleButton*) { ask_preview(0); });
  on<void(GtkDialog*, int)>(window_, "response", [this](GtkDialog*, int response) { answer(response); });
  on<gboolean(GtkWidget*, GdkEvent*)>(window_, "delete-event", [this](GtkWidget*, GdkEvent*) {
    if (job_) job_->cancel();
    close(DialogEnd::closed);
    return TRUE;  // the window goes with its owner
  });
  on<gboolean(GtkWidget*, GdkEventKey*)>(window_, "key-press-event", [this](GtkWidget*, GdkEventKey* event) -> gboolean {
    if (event->keyval != GDK_KEY_Escape || !job_) return FALSE;
    job_->cancel();
    return TRUE;
  });
}

DialogEnd FastStyleWindow::run() {
  gtk_widget_show_all(window_);
  gallery_.take_focus();
  gtk_window_present(GTK_WINDOW(window_));
  g_main_loop_run(loop_);
  return end_;
}

void FastStyleWindow::show(const FastStyleRequest& request) {
  showing_ = true;
  request_ = request;
  controls_.show(request);
  gallery_.choose(request.styles);
  showing_ = false;
  changed();
}

void FastStyleWindow::changed() {
  if (showing_) return;
  request_.styles = gallery_.chosen();
  controls_.read(request_);
  presets_.compare(request_);
  gtk_dialog_set_response_sensitive(GTK_DIALOG(window_), GTK_RESPONSE_OK, !request_.styles.empty());
  if (told_ != Told::none) messages_.hide();
  told_ = Told::none;
  ask_preview(preview_delay_ms);
}

void FastStyleWindow::ask_preview(int delay_ms) {
  if (showing_ || job_) return;
  note_.clear();
  const bool wanted = gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(preview_check_));
  const bool possible = wanted && !request_.styles.empty();
  pane_.compare(possible);
  if (!possible || !pane_.ready()) {
    worker_.rest();
    pane_.working({});
    progress_.tell(request_.styles.empty() && !gallery_.empty() ? _("Choose a style to see it here.") : "");
    return;
  }
  progress_.tell("");
  pane_.working(_("computing…"));
  worker_.ask({request_, pane_.view(), pane_.size()}, delay_ms);
}

void FastStyleWindow::preview_event(const Event& event) {
  switch (event.kind) {
    case Event::Kind::queued:
      if (event.position > 0)
        pane_.working(format_text(_("waiting for %d other jobs…"), event.position));
      break;
    case Event::Kind::loading: pane_.working(_("loading the style…")); break;
    case Event::Kind::progress:
      pane_.working(event.seconds_left >= 1
                        ? format_text(_("computing… %s left"), time_left(event.seconds_left).c_str())
                        : std::string(_("computing…")));
      break;
    case Event::Kind::note:
      if (!note_.empty()) note_ += " ";
      note_ += event.text;
      progress_.tell(note_);
      break;
    default: break;
  }
}

void FastStyleWindow::preview_done(const PreviewFrame& frame) {
  pane_.show(frame);
  pane_.working({});
  const PaintFacts facts = paint_facts(frame.facts);
  std::string text;
  if (!facts.device.empty())
    text = facts.precision.empty()
               ? format_text(_("Painted on: %s."), device_title(facts.device).c_str())
               : format_text(_("Painted on: %s, %s."), device_title(facts.device).c_str(), facts.precision.c_str());
  const int64_t longest = std::max(host_.width, host_.height);
  if (request_.max_size > 0 && longest > request_.max_size)
    text += (text.empty() ? "" : " ") +
            format_text(_("The layer is painted at %d %% of its size and scaled back."),
                        int(100.0 * request_.max_size / double(longest) + 0.5));
  if (!note_.empty()) text += (text.empty() ? "" : " ") + note_;
  progress_.tell(text);
}

void FastStyleWindow::preview_failed(const Error& error) {
  pane_.working({});
  if (error.code == ErrorCode::cancelled) return;
  pane_.compare(false);
  if (told_ == Told::of_painting) {  // the picture's own trouble is the larger one
    progress_.tell(error.sentence);
    return;
  }
  if (error.code == ErrorCode::model_missing || error.code == ErrorCode::model_damaged)
    messages_.show(error, _("Models…"), [this] { open_models(); });
  else messages_.show(error);
  told_ = Told::of_preview;
}

void FastStyleWindow::open_models() {
  if (models_ || job_) return;
  models_.emplace(GTK_WINDOW(window_), ModelsAim{.operation = FastStyleRequest::operation});
  models_->on_closed = [this] { models_closed(); };
}

/// Styles may have come and gone. The latest that came is chosen; one that went no longer is.
void FastStyleWindow::models_closed() {
  const std::vector<std::string> added = models_->added();
  models_.reset();
  const Catalogue catalogue = Catalogue::read();
  FastStyleRequest request = request_;
  std::erase_if(request.styles, [&](const WeightedStyle& style) {
    return !g_path_is_absolute(style.style.c_str()) && !catalogue.find(style.style);
  });
  for (const std::string& id : added)
    if (const ModelEntry* entry = catalogue.find(id); entry && entry->operation == FastStyleRequest::operation)
      request.styles = {{id, 1}};
  showing_ = true;
  gallery_.fill(catalogue);
  showing_ = false;
  show(request);
  gallery_.take_focus();
}

void FastStyleWindow::answer(int response) {
  if (response == GTK_RESPONSE_REJECT && !job_) {
    FastStyleRequest fresh;
    fresh.styles = request_.styles;
    show(fresh);
  } else if (response == GTK_RESPONSE_CANCEL) {
    if (job_) job_->cancel();
    else close(DialogEnd::closed);
  } else if (response == GTK_RESPONSE_OK) {
    start_painting();
  }
}

void FastStyleWindow::start_painting() {
  if (job_ || request_.styles.empty()) return;
  controls_.read(request_);
  set_painting(true);
  job_.emplace(
      [paint = host_.paint, request = request_](const Emit& hear, std::stop_token stop, std::stop_token) {
        return paint(request, hear, stop);
      },
      [this](const Event& event) { progress_.hear(event); },
      [this](Status status) { painted(status); });
}

void FastStyleWindow::painted(const Status& status) {
  if (status) {
    close(DialogEnd::painted);
    return;
  }
  const Error error = status.error();
  job_.reset();
  set_painting(false);
  if (error.code == ErrorCode::cancelled) messages_.tell(_("Painting was cancelled. The image is unchanged."));
  else messages_.show(error);
  told_ = Told::of_painting;
  ask_preview(0);
}

void FastStyleWindow::set_painting(bool painting) {
  if (painting) {
    worker_.rest();
    pane_.working({});
    messages_.hide();
    told_ = Told::none;
  }
  gtk_widget_set_sensitive(choosing_, !painting);
  gtk_dialog_set_response_sensitive(GTK_DIALOG(window_), GTK_RESPONSE_OK, !painting);
  gtk_dialog_set_response_sensitive(GTK_DIALOG(window_), GTK_RESPONSE_REJECT, !painting);
  if (GtkWidget* cancel = gtk_dialog_get_widget_for_response(GTK_DIALOG(window_), GTK_RESPONSE_CANCEL); painting)
    gtk_widget_grab_focus(cancel);
  else gallery_.take_focus();
  progress_.show_painting(painting);
}

void FastStyleWindow::close(DialogEnd end) {
  end_ = end;
  if (g_main_loop_is_running(loop_)) g_main_loop_quit(loop_);
}

}  // namespace

Result<DialogEnd> run_fast_style_dialog(const FastStyleDialogHost& host, FastStyleRequest& request) {
  return guarded([&] {
    require_display();
    FastStyleWindow window(host, host.source().take(), request);
    const DialogEnd end = window.run();
    request = window.request();
    return end;
  });
}

}  // namespace pinxit
