// SPDX-License-Identifier: Apache-2.0
//
// One run of the gallery, looked at closely: the picture with a slider over its iterations, its losses, its settings.
//
//     GalleryDetails details(gallery);
//     details.on_error = [&](const Error& error) { messages.show(error); };
//     details.show(entry);                                // again when the run has grown: the place is kept
//     details.iteration();                                // the one that is seen, or -1
//
// A run in progress is followed while its last iteration is shown. Play shows all, again and again.
// Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <optional>
#include <vector>

#include "dialogs/gallery/gallery_settings.h"
#include "dialogs/shared/loss_chart.h"
#include "dialogs/shared/picture_view.h"
#include "dialogs/shared/play_button.h"
#include "engine/gallery/gallery.h"

namespace pinxit {

class GalleryDetails {
 public:
  explicit GalleryDetails(Gallery& gallery);
  GalleryDetails(const GalleryDetails&) = delete;
  GtkWidget* widget() const { return column_; }

  std::function<void(const Error&)> on_error;
  std::function<void()> on_changed;  ///< settings of the run were changed here

  void show(const GalleryEntry& entry);
  int iteration() const { return shown_; }
  /// Those whose pictures are kept.
  std::vector<int> iterations() const { return pictures_; }
  void play(bool playing) { play_.play(playing); }

 private:
  GtkWidget* picture_side();
  void load(const GalleryEntry& entry, bool follow);
  void show_picture(size_t place);
  void next_frame();

  Gallery& gallery_;
  int64_t id_ = 0;
  GalleryEntry entry_;
  std::vector<int> pictures_;
  int shown_ = -1;
  bool moving_ = false;  ///< widgets are being set: their signals are no wishes

  GtkWidget* column_;
  GtkLabel* title_;
  GtkLabel* problem_;
  GtkWidget* frame_;
  GtkStack* pages_;
  std::optional<PictureView> picture_;
  PlayButton play_;
  GtkAdjustment* position_;
  GtkWidget* slider_;
  GtkLabel* place_;
  LossChart chart_;
  GallerySettings settings_;
};

}  // namespace pinxit
