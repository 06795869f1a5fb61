// SPDX-License-Identifier: Apache-2.0
//
// The runs of the gallery as a list: thumbnail of the last iteration, name, state, date, size on disk.
//
//     GalleryList list([&](int64_t id) { return last_picture(id); });
//     list.on_chosen = [&] { … list.chosen() … };
//     list.fill(gallery.list(filter).take());            // again whenever something may have changed
//
// Rows stay the same widgets while their run is listed: focus and choice survive a refill. Thumbnails are asked for one
// by one while nothing else is to be done. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/gallery/gallery.h"

namespace pinxit {

class GalleryList {
 public:
  explicit GalleryList(std::function<Result<SrgbPicture>(int64_t id)> thumbnail);
  ~GalleryList();
  GalleryList(const GalleryList&) = delete;
  GtkWidget* widget() const { return scrolled_; }

  std::function<void()> on_chosen;  ///< another run, or none, is chosen

  /// Newest first, as Gallery::list gives them.
  void fill(const std::vector<GalleryEntry>& entries);
  int64_t chosen() const;  ///< 0: none
  void choose(int64_t id);
  void choose_first();
  void take_focus();

 private:
  struct Row {
    GtkListBoxRow* row;
    GtkImage* thumbnail;
    GtkLabel* name;
    GtkLabel* state;
    GtkLabel* facts;
    int pictured = -1;  ///< iterations there were when the thumbnail was made
    int iterations = 0;
  };
  Row make_row(int64_t id);
  void tell(Row& row, const GalleryEntry& entry);
  bool make_next_thumbnail();

  std::function<Result<SrgbPicture>(int64_t)> thumbnail_;
  GtkListBox* list_;
  GtkWidget* scrolled_;
  std::map<int64_t, Row, std::greater<>> rows_;
  guint idle_ = 0;
};

}  // namespace pinxit
