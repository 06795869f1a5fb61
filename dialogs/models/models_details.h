// SPDX-License-Identifier: Apache-2.0
//
// One model, looked at closely: its picture, what it is for, its facts, and what can be done with it. It does nothing
// itself; it asks before a model is removed.
//
//     ModelsDetails details;
//     details.on_install = [&] { jobs.install(details.model().id, …); };
//     details.show(model, problem, job);                  // again whenever one of them has changed
//
// Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <string>
#include <vector>

#include "dialogs/models/models_strip.h"

namespace pinxit {

class ModelsDetails {
 public:
  ModelsDetails();
  ModelsDetails(const ModelsDetails&) = delete;
  GtkWidget* widget() const { return column_; }

  std::function<void()> on_install, on_verify, on_remove, on_cancel;

  /// `problem`: why the last job with it failed, or empty. `job`: what is done with it now, or null.
  void show(const ModelState& model, const std::string& problem, const ModelJob* job);
  /// Only the progress.
  void show_job(const ModelJob& job) { strip_.show(job); }
  const ModelState& model() const { return model_; }
  void ask_to_remove();
  /// As if the button were pressed, where it may be.
  void install();

 private:
  enum Fact { state, use, size, memory, licence, source, check, folder, fact_count };
  GtkWidget* text_side();
  GtkWidget* actions();
  void set_fact(Fact fact, const std::string& text, const std::string& address = {});

  ModelState model_;
  std::string pictured_ = "-";  ///< the thumbnail file shown
  GtkWidget* column_;
  GtkImage* picture_;
  GtkLabel* title_;
  GtkLabel* purpose_;
  GtkLabel* problem_;
  GtkLabel* description_;
  GtkWidget* scrolled_;
  GtkWidget* names_[fact_count];
  GtkLabel* facts_[fact_count];
  std::string seen_[fact_count];  ///< what the labels show
  JobStrip strip_;
  GtkWidget* install_;
  GtkWidget* verify_;
  GtkWidget* remove_;
};

}  // namespace pinxit
