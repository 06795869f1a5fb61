// SPDX-License-Identifier: Apache-2.0
//
// A slider for weights: logarithmic, a quarter of a decade a step, with the weight itself to read and to type.
//
//     WeightScale style(_("Style _weight"), 0.0001, 10000);
//     style.set_value(100);                              // shows "100"
//     style.on_changed = [&] { … style.value() … };
//
// The adjustment behind it (and so a screen reader's value) is the exponent of 10; the text is the weight. Main thread.
#pragma once

#include <gtk/gtk.h>

#include <functional>

namespace pinxit {

class WeightScale {
 public:
  WeightScale(const char* mnemonic, double least, double most);
  WeightScale(const WeightScale&) = delete;
  GtkWidget* widget() const { return GTK_WIDGET(spin_); }

  std::function<void()> on_changed;
  double value() const;  ///< six significant digits
  void set_value(double weight);

 private:
  GtkAdjustment* exponent_;
  GtkSpinButton* spin_;
};

}  // namespace pinxit
