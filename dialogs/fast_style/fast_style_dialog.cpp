// SPDX-License-Identifier: Apache-2.0
//
// The Fast Style window puts its parts together and moves between two states: choosing (previews run) and painting
// (everything but Cancel rests). The parts know nothing of each other.
#include "dialogs/fast_style/fast_style_dialog.h"

#include <gtk/gtk.h>

#include <algorithm>
#include <optional>

#include "dialogs/fast_style/preview_pane.h"
#include "dialogs/fast_style/preview_worker.h"
#include "dialogs/fast_style/request_controls.h"
#include "dialogs/fast_style/style_gallery.h"
#include "dialogs/painting/painting_window.h"
#include "dialogs/shared/device_names.h"
#include "dialogs/shared/window.h"
#include "dialogs/shared/words.h"
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

  void models_closed(const std::vector<std::string>& added);

  void answer(int response);
  void start_painting();
  void painted(const Status& status);
  void set_painting(bool painting);

  const FastStyleDialogHost& host_;
  FastStyleRequest request_;
  bool showing_ = false;  ///< widgets are being filled: their signals are no wishes

  GtkWidget* detail_;
  GtkWidget* whole_;
  GtkWidget* preview_check_;
  StyleGallery gallery_;
  RequestControls controls_;
  PreviewPane pane_;
  PreviewWorker worker_;
  std::string note_;          ///< what the engine says of the preview
  enum class Told { none, of_preview, of_painting };
  Told told_ = Told::none;    ///< what the message shown is of; it goes when the request changes
  PaintingWindow frame_;      ///< the last member
};

FastStyleWindow::FastStyleWindow(const FastStyleDialogHost& host, SharedPicture source, FastStyleRequest request)
    : host_(host),
      request_(std::move(request)),
      pane_(source),
      worker_(source, {[this](PreviewFrame frame) { preview_done(frame); },
                       [this](Event event) { preview_event(event); },
                       [this](Error error) { preview_failed(error); },
                       [this](std::string status) {
                         controls_.offer_devices(engine_facts(status).devices);
                       }}),
      frame_({.operation = FastStyleRequest::operation,
              .aim = {.operation = FastStyleRequest::operation},
              .title = format_text(_("Fast Style: %s"), host.layer_name.c_str()),
              .loading = _("Loading the style…"),
              .width = 1080,
              .height = 700}) {
  add_buttons(frame_.widget());
  GtkWidget* both = gtk_paned_new(GTK_ORIENTATION_HORIZONTAL);
  gtk_paned_pack1(GTK_PANED(both), left_side(), TRUE, FALSE);
  gtk_paned_pack2(GTK_PANED(both), right_side(), FALSE, FALSE);
  frame_.fill(both);

  const Catalogue catalogue = Catalogue::read();
  gallery_.fill(catalogue);
  show(request_);
  if (!catalogue.problems().empty()) frame_.tell(catalogue.problems().front());
  connect();
}

FastStyleWindow::~FastStyleWindow() {
  worker_.rest();
  showing_ = true;
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
  gtk_box_pack_start(GTK_BOX(column), frame_.presets().widget(), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column), gallery_.widget(), TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(column), controls_.widget(), FALSE, FALSE, 0);
  return column;
}

void FastStyleWindow::connect() {
  gallery_.on_chosen = [this] { changed(); };
  gallery_.on_activated = [this] { answer(GTK_RESPONSE_OK); };
  gallery_.on_models = [this] { frame_.open_models(); };
  controls_.on_changed = [this] { changed(); };
  frame_.presets().current = [this] { return request_; };
  frame_.presets().on_chosen = [this](const AnyRequest& preset) { show(std::get<FastStyleRequest>(preset)); };
  pane_.on_view_changed = [this] { ask_preview(preview_delay_ms); };

  on<void(GtkToggleButton*)>(detail_, "toggled", [this](GtkToggleButton* button) {
    pane_.set_kind(gtk_toggle_button_get_active(button) ? View::Kind::crop : View::Kind::fitted);
  });
  on<void(GtkToggleButton*)>(preview_check_, "toggled", [this](GtkToggleButton*) { ask_preview(0); });
  frame_.on_answer = [this](int response) { answer(response); };
  frame_.on_models_closed = [this](const std::vector<std::string>& added) { models_closed(added); };
}

DialogEnd FastStyleWindow::run() {
  gtk_widget_show_all(frame_.widget());
  gallery_.take_focus();
  return frame_.run();
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
  frame_.presets().compare(request_);
  gtk_dialog_set_response_sensitive(frame_.dialog(), GTK_RESPONSE_OK, !request_.styles.empty());
  if (told_ != Told::none) frame_.messages().hide();
  told_ = Told::none;
  ask_preview(preview_delay_ms);
}

void FastStyleWindow::ask_preview(int delay_ms) {
  if (showing_ || frame_.running()) return;
  note_.clear();
  const bool wanted = gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(preview_check_));
  const bool possible = wanted && !request_.styles.empty();
  pane_.compare(possible);
  if (!possible || !pane_.ready()) {
    worker_.rest();
    pane_.working({});
    frame_.progress().tell(request_.styles.empty() && !gallery_.empty() ? _("Choose a style to see it here.") : "");
    return;
  }
  frame_.progress().tell("");
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
      frame_.progress().tell(note_);
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
  frame_.progress().tell(text);
}

void FastStyleWindow::preview_failed(const Error& error) {
  pane_.working({});
  if (error.code == ErrorCode::cancelled) return;
  pane_.compare(false);
  if (told_ == Told::of_painting) {  // the picture's own trouble is the larger one
    frame_.progress().tell(error.sentence);
    return;
  }
  frame_.tell(error);
  told_ = Told::of_preview;
}

/// The latest style that came is chosen; one that went no longer is.
void FastStyleWindow::models_closed(const std::vector<std::string>& added) {
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
  if (response == GTK_RESPONSE_REJECT && !frame_.running()) {
    FastStyleRequest fresh;
    fresh.styles = request_.styles;
    show(fresh);
  } else if (response == GTK_RESPONSE_OK) {
    start_painting();
  }
}

void FastStyleWindow::start_painting() {
  if (frame_.running() || request_.styles.empty()) return;
  controls_.read(request_);
  set_painting(true);
  frame_.paint<Nothing>(
      [paint = host_.paint, request = request_](const Emit& hear, std::stop_token stop, std::stop_token) {
        return paint(request, hear, stop);
      },
      [](const Event&) {}, [this](const Status& status) { painted(status); });
}

void FastStyleWindow::painted(const Status& status) {
  if (status) {
    frame_.accept();
    return;
  }
  set_painting(false);
  if (status.error().code == ErrorCode::cancelled)
    frame_.messages().tell(_("Painting was cancelled. The image is unchanged."));
  else frame_.tell(status.error());
  told_ = Told::of_painting;
  ask_preview(0);
}

void FastStyleWindow::set_painting(bool painting) {
  if (painting) {
    worker_.rest();
    pane_.working({});
    frame_.messages().hide();
    told_ = Told::none;
  }
  frame_.let_choose(!painting);
  gtk_dialog_set_response_sensitive(frame_.dialog(), GTK_RESPONSE_OK, !painting);
  gtk_dialog_set_response_sensitive(frame_.dialog(), GTK_RESPONSE_REJECT, !painting);
  if (GtkWidget* cancel = gtk_dialog_get_widget_for_response(frame_.dialog(), GTK_RESPONSE_CANCEL); painting)
    gtk_widget_grab_focus(cancel);
  else gallery_.take_focus();
  frame_.progress().show_painting(painting);
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
