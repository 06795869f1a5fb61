// SPDX-License-Identifier: Apache-2.0
//
// A button that stays down while the iterations of a run are shown one after the other.
//
//     PlayButton play;
//     play.on_play = [&](bool playing) { … };            // pressed, or play() changed it
//     play.on_frame = [&] { show_next(); };              // each `frame_ms` while it plays; may call play(false)
//     gtk_box_pack_start(GTK_BOX(row), play.widget(), FALSE, FALSE, 0);
//     play.play(false);                                  // the painter looks at one iteration: stop
//
// Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>

namespace pinxit {

class PlayButton {
 public:
  static constexpr int frame_ms = 500;

  PlayButton();
  ~PlayButton();
  PlayButton(const PlayButton&) = delete;
  GtkWidget* widget() const { return GTK_WIDGET(button_); }

  void play(bool playing);

  std::function<void(bool playing)> on_play;
  std::function<void()> on_frame;

 private:
  void toggled();

  GtkToggleButton* button_;
  guint timer_ = 0;
};

}  // namespace pinxit
