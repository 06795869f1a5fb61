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
  /// `loading`: what the bar says while the engine loads.
  explicit PaintingProgress(const char* loading);
  PaintingProgress(const PaintingProgress&) = delete;
  GtkWidget* widget() const { return GTK_WIDGET(pages_); }

  /// While choosing: the device, notes of the engine.
  void tell(const std::string& text);
  void show_painting(bool painting);
  void hear(const Event& event);
  /// The painter has asked for an early end; the bar says so, whatever is heard, until it comes.
  void finishing();

 private:
  std::string loading_;
  GtkStack* pages_;
  GtkLabel* line_;
  GtkProgressBar* bar_;
  bool finishing_ = false;
};

}  // namespace pinxit
