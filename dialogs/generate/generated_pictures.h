// SPDX-License-Identifier: Apache-2.0
//
// The pictures of a Generate window: a large view of the chosen one, thumbnails of all as they arrive, and which of
// them are picked to be kept.
//
//     GeneratedPictures pictures;
//     pictures.begin(request);                 // a run: what is not picked goes
//     pictures.hear(event);                    // `picture` events; others are ignored
//     pictures.end(facts);                     // of the run
//     auto kept = pictures.picked();
//
// A click, Return or the space bar picks a thumbnail or lets it go; arrow keys only look at it. Pictures that were
// picked stay through later runs. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dialogs/generate/generate_dialog.h"
#include "dialogs/shared/picture_view.h"

namespace pinxit {

class GeneratedPictures {
 public:
  GeneratedPictures();
  GeneratedPictures(const GeneratedPictures&) = delete;
  GtkWidget* widget() const { return column_; }

  std::function<void()> on_picked;                          ///< others are picked than before
  std::function<void()> on_again;                           ///< another run is wanted, with the next seed
  std::function<void(const GeneratedPicture&)> on_vary;     ///< a run that leads away from this one

  void begin(const GenerateRequest& request);
  void hear(const Event& event);
  void end(const std::string& facts);

  int made() const;          ///< pictures of the latest run that are here
  int next_seed() const;     ///< the first that none of the latest run has
  int count_picked() const;
  std::vector<GeneratedPicture> picked() const;
  void take_focus();

 private:
  struct Item {
    GeneratedPicture picture;
    int run = 0;
    bool picked = false;
    GtkWidget* child = nullptr;
    GtkWidget* mark = nullptr;
  };
  GtkWidget* view_row();
  GtkWidget* thumbnails();
  void add(GeneratedPicture picture);
  void forget(const std::function<bool(const Item&)>& gone);
  Item* chosen() const;
  Item* item_of(GtkFlowBoxChild* child) const;
  void choose(GtkWidget* child);
  void show_chosen();
  void show_part();
  void fill_parts(const GeneratedPicture& picture);
  void pick(Item& item, bool picked);
  void offer();

  GtkWidget* column_;
  GtkStack* pages_;
  PictureView view_;
  GtkLabel* caption_;
  GtkComboBox* part_;
  GtkToggleButton* keep_;
  GtkWidget* again_;
  GtkWidget* vary_;
  GtkFlowBox* flow_;
  std::vector<std::unique_ptr<Item>> items_;
  GenerateRequest request_;
  int run_ = 0;
  bool running_ = false;
  bool setting_ = false;  ///< widgets are being set: their signals are no wishes
};

}  // namespace pinxit
