// SPDX-License-Identifier: Apache-2.0
//
// The losses of a run as curves over its iterations: total, content, style, variation.
//
//     LossChart chart(_("_Logarithmic"));  // what its check box says; with a mnemonic where that key is free
//     gtk_box_pack_start(box, chart.widget(), TRUE, TRUE, 0);
//     chart.set(losses, 10);               // losses[i] of iteration i; again with each new one, of ten to come
//     chart.point_at(3);                   // a mark at what is looked at; -1: none
//
// The scale is logarithmic until the check box over the chart is cleared. The pointer (or Left and Right, with the
// focus) shows the values of one iteration. Screen readers hear the last values, or those pointed at, as the
// description. Content and variation are shown without their weights, as they are recorded. Drawn in the colours of the
// theme. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <algorithm>
#include <vector>

#include "dialogs/shared/loss_axes.h"

namespace pinxit {

class LossChart {
 public:
  explicit LossChart(const char* check_box);
  LossChart(const LossChart&) = delete;
  GtkWidget* widget() const { return widget_; }

  /// The axis reaches to iteration `expected`, or to the last one there is.
  void set(const std::vector<Losses>& losses, int expected = 0);
  void point_at(int iteration);

 private:
  struct Plot {
    double x, y, width, height;  ///< of the area inside the axes, logical pixels
  };
  GtkWidget* scale_check(const char* title);
  void set_logarithmic(bool logarithmic);
  Plot plot(const LossAxis& axis) const;
  int last() const { return int(losses_.size()) - 1; }
  int reach() const { return std::max({1, last(), expected_}); }
  double column(const Plot& plot, int iteration) const;
  void draw(cairo_t* cairo);
  void draw_axes(cairo_t* cairo, const Plot& plot, const LossAxis& axis);
  void draw_curve(cairo_t* cairo, const Plot& plot, const LossAxis& axis, LossCurve curve);
  void draw_mark(cairo_t* cairo, const Plot& plot);
  void draw_nothing(cairo_t* cairo, const Plot& plot);
  void draw_legend(cairo_t* cairo, const Plot& plot);
  void draw_values(cairo_t* cairo, const Plot& plot, const LossAxis& axis);
  void hover(double x);
  bool key(GdkEventKey* event);
  void look_at(int iteration);
  void describe();

  GtkWidget* area_;
  GtkWidget* widget_;  ///< the area, the check box over its upper right corner
  std::vector<Losses> losses_;
  int expected_ = 0;
  bool logarithmic_ = true;
  int marked_ = -1;   ///< by the window
  int looked_ = -1;   ///< under the pointer
};

}  // namespace pinxit
