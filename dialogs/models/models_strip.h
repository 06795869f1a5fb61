// SPDX-License-Identifier: Apache-2.0
//
// How far one job of the Models window is: a line of words, a bar, and a button that cancels it.
//
//     JobStrip strip;
//     strip.on_cancel = [&] { jobs.cancel(id); };
//     strip.show(job);                                 // again with each step
//
// Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>

#include "dialogs/models/models_jobs.h"

namespace pinxit {

/// "Downloading: 12 MB of 80 MB, 3.4 MB/s, 20 s left", "Stopping…".
std::string job_words(const ModelJob& job);
/// The bar at the job's share, or moving where that is not known. It is named after the job.
void show_progress(GtkProgressBar* bar, const ModelJob& job);

class JobStrip {
 public:
  /// `with_title`: what is worked on stands before the words.
  explicit JobStrip(bool with_title);
  JobStrip(const JobStrip&) = delete;
  GtkWidget* widget() const { return box_; }

  std::function<void()> on_cancel;

  void show(const ModelJob& job);

 private:
  bool with_title_;
  GtkWidget* box_;
  GtkLabel* words_;
  GtkProgressBar* bar_;
  GtkWidget* cancel_;
};

}  // namespace pinxit
