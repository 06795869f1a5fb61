// SPDX-License-Identifier: Apache-2.0
//
// The line at the bottom of the window: what there is to know while choosing, and a progress bar with the time left
// while painting. Both have the same height, so nothing moves when painting starts. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <string>

#include "engine/requests/events.h"

namespace pinxit {

class PaintingProgress {
 public:
  PaintingProgress();
  PaintingProgress(const PaintingProgress&) = delete;
  GtkWidget* widget() const { return GTK_WIDGET(pages_); }

  /// While choosing: the device, notes of the engine.
  void tell(const std::string& text);
  void show_painting(bool painting);
  void hear(const Event& event);

 private:
  GtkStack* pages_;
  GtkLabel* line_;
  GtkProgressBar* bar_;
};

}  // namespace pinxit
