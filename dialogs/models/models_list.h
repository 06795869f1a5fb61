// SPDX-License-Identifier: Apache-2.0
//
// The models as a list: those that are here, then those that can be installed; each with its thumbnail, what it is
// for, size, licence and memory need, and how far a job with it is.
//
//     ModelsList list;
//     list.on_chosen = [&] { … list.chosen() … };
//     list.fill(states);                                 // again whenever something may have changed
//     list.filter("vgg");
//     list.show_job("vgg19", &job);                      // null: nothing is done with it
//
// Rows stay the same widgets while their model is listed: focus and choice survive a refill. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dialogs/models/models_jobs.h"

namespace pinxit {

class ModelsList {
 public:
  ModelsList();
  ModelsList(const ModelsList&) = delete;
  GtkWidget* widget() const { return scrolled_; }

  std::function<void()> on_chosen;     ///< another model, or none, is chosen
  std::function<void()> on_activated;  ///< double click or Return on one

  void fill(const std::vector<ModelState>& models);
  /// Shows models that fit (model_fits); true where there are any.
  bool filter(const std::string& search);
  void show_job(const std::string& id, const ModelJob* job);

  std::string chosen() const;  ///< an id, or empty
  void choose(const std::string& id);
  void choose_first();
  void take_focus();

 private:
  struct Row {
    ModelState model;
    size_t place = 0;  ///< in what was filled in last
    GtkListBoxRow* row;
    GtkImage* thumbnail;
    GtkLabel* title;
    GtkLabel* purpose;
    GtkLabel* facts;
    GtkProgressBar* bar;
    std::string pictured = "-";  ///< the thumbnail file shown
  };
  Row make_row(const std::string& id);
  void tell(Row& row);
  Row* row_of(GtkListBoxRow* row);
  static int compare(GtkListBoxRow* a, GtkListBoxRow* b, gpointer self);
  static void head(GtkListBoxRow* row, GtkListBoxRow* before, gpointer self);

  GtkListBox* list_;
  GtkWidget* scrolled_;
  std::map<std::string, Row> rows_;
  std::string search_;
};

}  // namespace pinxit
