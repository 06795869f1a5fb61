// SPDX-License-Identifier: Apache-2.0
//
// The right side of the Neural Style window: the picture as it grows, a slider over its iterations, and the losses.
//
//     LiveView live(source);                             // shows the layer
//     live.begin();                                      // a new run: nothing recorded yet
//     live.hear(event);                                  // each event of the run; knows `state` and `preview`
//     live.end();
//     auto layers = live.states().kept_pictures(fetch);
//
// "Newest" follows the run, previews between iterations included; moving the slider looks back. Play shows all
// iterations, again and again. "Keep as layer" marks the iteration that is shown. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <string>

#include "dialogs/neural_style/run_states.h"
#include "dialogs/shared/loss_chart.h"
#include "dialogs/shared/picture_view.h"
#include "dialogs/shared/play_button.h"

namespace pinxit {

class LiveView {
 public:
  explicit LiveView(SharedPicture source);
  LiveView(const LiveView&) = delete;
  GtkWidget* widget() const { return column_; }

  void begin();
  void hear(const Event& event);
  void end();  ///< the run is over, whatever came of it
  void keep(int iteration, bool kept);
  /// All iterations are forgotten; the layer is shown.
  void clear();
  const RunStates& states() const { return states_; }

 private:
  GtkWidget* controls();
  void add(const Event& state);
  void show(int iteration);
  void show_source();
  void scrubbed();
  void follow(bool following);
  void next_frame();
  void show_kept();
  void set_usable(bool usable);

  SharedPicture source_;
  RunStates states_;
  PictureView picture_;
  LossChart chart_;
  GtkWidget* column_;
  GtkAdjustment* position_;
  GtkWidget* slider_;
  GtkLabel* place_;
  PlayButton play_;
  GtkToggleButton* newest_;
  GtkToggleButton* keep_;
  GtkFlowBox* kept_;
  GtkStack* kept_pages_;
  int of_ = 0;          ///< iterations the run will have
  int shown_ = -1;
  bool following_ = true;
  bool moving_ = false; ///< widgets are being set: their signals are no wishes
};

}  // namespace pinxit
