// SPDX-License-Identifier: Apache-2.0
//
// The frame of a window that paints: messages above what the window is about, progress and buttons below; closing by
// every way there is; one run at a time on a thread of its own; presets, and the Models window for whoever lacks one.
//
//     PaintingWindow frame_;                                  // the last member: its widgets go before their owners
//     …
//     frame_.on_answer = [this](int response) { … };          // of the buttons this window adds, but Cancel
//     frame_.fill({settings_.widget()}, picture_.widget());
//     frame_.paint<std::string>(
//         [paint = host.paint, request](const Emit& hear, std::stop_token stop, std::stop_token finish) {
//           return paint(request, hear, stop);                // worker thread
//         },
//         [this](const Event& event) { … }, [this](const Result<std::string>& facts) { … });
//     gtk_widget_show_all(frame_.widget());
//     const DialogEnd end = frame_.run();                     // until accept(), or until the painter closes it
//
// Cancel and Escape stop the run where there is one, and else close the window; the window's own close button does
// both. All that is for choosing rests where let_choose(false) says so; the Models window is not opened then. Main
// thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dialogs/models/models_window.h"
#include "dialogs/painting/dialog_end.h"
#include "dialogs/painting/paint_job.h"
#include "dialogs/painting/painting_progress.h"
#include "dialogs/painting/preset_bar.h"
#include "dialogs/shared/widgets.h"

namespace pinxit {

struct PaintingWindowLooks {
  std::string operation;  ///< whose presets there are
  ModelsAim aim;          ///< what the Models window is opened for
  std::string title;
  const char* loading;    ///< what the progress says while the engine loads
  int width, height;
};

class PaintingWindow {
 public:
  explicit PaintingWindow(const PaintingWindowLooks& looks);
  /// Stops the run without waiting for it.
  ~PaintingWindow();
  PaintingWindow(const PaintingWindow&) = delete;

  GtkWidget* widget() const { return window_; }
  GtkDialog* dialog() const { return GTK_DIALOG(window_); }
  MessageBar& messages() { return messages_; }
  PaintingProgress& progress() { return progress_; }
  PresetBar& presets() { return presets_; }

  std::function<void(int response)> on_answer;
  /// Models may have come and gone. `added`: ModelsWindow::added.
  std::function<void(const std::vector<std::string>& added)> on_models_closed;

  /// Presets and `choosing` in a column that scrolls; beside it `made`, what comes of it.
  void fill(std::initializer_list<GtkWidget*> choosing, GtkWidget* made);
  /// All of it is for choosing; the presets are somewhere in there.
  void fill(GtkWidget* choosing);
  void let_choose(bool choose);
  /// A number that is still being typed counts: an access key leaves the keyboard where it is. Done for on_answer.
  void take_typed();

  /// `work` runs on a worker thread and must not touch GTK; the others are called on the main thread, `ended` once,
  /// when running() is false again (PaintJob says how). Progress is shown and notes are gathered here.
  template <class Made>
  using Work = std::function<Result<Made>(const Emit& hear, std::stop_token stop, std::stop_token finish)>;
  template <class Made>
  void paint(Work<Made> work, std::function<void(const Event&)> heard, std::function<void(Result<Made>)> ended);
  bool running() const { return job_.has_value(); }
  /// Both do nothing where nothing runs. `finish`: end early with what there is.
  void cancel();
  void finish();
  /// At the bottom: `text`, the device that Outcome::facts tell of, and the engine's notes of the last run.
  void tell_result(std::string text, const std::string& facts);

  /// In the message bar; with a way to the Models window where that helps.
  void tell(const Error& error);
  void open_models();

  DialogEnd run();
  /// run() returns `painted`.
  void accept() { close(DialogEnd::painted); }

 private:
  void connect();
  void begin(PaintJob::Work work, std::function<void(const Event&)> heard, std::function<void(Status)> ended);
  void models_closed();
  void close(DialogEnd end);

  const ModelsAim aim_;
  GtkWidget* window_;
  GtkWidget* choosing_ = nullptr;
  MessageBar messages_;
  PresetBar presets_;
  PaintingProgress progress_;
  std::string notes_;
  std::optional<PaintJob> job_;
  std::optional<ModelsWindow> models_;
  DialogEnd end_ = DialogEnd::closed;
  GMainLoop* loop_;
};

/// Whether the Models window helps.
bool lacks_model(const Error& error);

template <class Made>
void PaintingWindow::paint(Work<Made> work, std::function<void(const Event&)> heard,
                           std::function<void(Result<Made>)> ended) {
  const auto made = std::make_shared<std::optional<Made>>();  // written by the run's thread, read when that has ended
  begin(
      [work = std::move(work), made](const Emit& hear, std::stop_token stop, std::stop_token finish) {
        return guarded([&] {
          *made = work(hear, stop, finish).take();
          return Nothing{};
        });
      },
      std::move(heard),
      [ended = std::move(ended), made](const Status& status) {
        ended(status ? Result<Made>(std::move(**made)) : Result<Made>(status.error()));
      });
}

}  // namespace pinxit
