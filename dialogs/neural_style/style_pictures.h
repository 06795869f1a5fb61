// SPDX-License-Identifier: Apache-2.0
//
// The style pictures of a Neural Style request as rows: thumbnail, share, mask, and a way out of the list.
//
//     StylePictures styles(host);
//     styles.show(request);                  // from last values or a preset; missing files keep their row, marked
//     styles.read(request);                  // styles and style_masks
//     auto pictures = styles.pictures();     // "style-0", "mask-0", …; loads what is not loaded yet
//
// Pictures are loaded by the host, on the main thread, and held from the moment their row appears. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <list>
#include <string>
#include <vector>

#include "dialogs/neural_style/neural_style_dialog.h"
#include "dialogs/shared/main_loop.h"

namespace pinxit {

class StylePictures {
 public:
  explicit StylePictures(const NeuralStyleDialogHost& host);
  StylePictures(const StylePictures&) = delete;
  GtkWidget* widget() const { return box_; }

  std::function<void()> on_changed;
  std::function<void(const Error&)> on_error;

  /// Does not call on_changed.
  void show(const NeuralStyleRequest& request);
  void read(NeuralStyleRequest& request) const;
  bool empty() const { return rows_.empty(); }
  /// What the first picture is called; for the name of a run.
  std::string first_title() const { return rows_.empty() ? std::string() : rows_.front().title; }
  /// Errors: those of the host's loading, naming the picture.
  Result<std::vector<NamedPicture>> pictures();

 private:
  struct Row {
    std::string reference, title, mask;
    SharedPicture pixels;
    GtkWidget* widget = nullptr;
    GtkImage* thumbnail = nullptr;
    GtkAdjustment* weight = nullptr;
    GtkWidget* weight_entry = nullptr;
    GtkComboBox* masks = nullptr;
  };
  GtkWidget* buttons();
  void ask_for_picture();
  void ask_for_mask(Row& row);
  void add(const std::string& reference, double weight, const std::string& mask);
  void load(Row& row, bool tell);
  void build(Row& row);
  void fill_masks(Row& row);
  void mask_chosen(Row& row);
  void remove(Row& row);
  void changed();
  void show_state();

  const NeuralStyleDialogHost& host_;
  std::list<Row> rows_;  ///< a list: signals hold on to their row
  GtkWidget* box_;
  GtkListBox* list_;
  bool showing_ = false;
  Mailbox mailbox_;
};

}  // namespace pinxit
