// SPDX-License-Identifier: Apache-2.0
#include "dialogs/neural_style/weight_scale.h"

#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

std::string weight_text(double exponent) { return format_text("%.6g", std::pow(10.0, exponent)); }

}  // namespace

WeightScale::WeightScale(const char* mnemonic, double least, double most)
    : exponent_(gtk_adjustment_new(0, std::log10(least), std::log10(most), 0.25, 1, 0)),
      spin_(GTK_SPIN_BUTTON(gimp_spin_scale_new(exponent_, mnemonic, 6))) {
  gtk_entry_set_activates_default(GTK_ENTRY(spin_), TRUE);
  gtk_widget_set_hexpand(widget(), TRUE);
  on<gboolean(GtkSpinButton*)>(spin_, "output", [this](GtkSpinButton*) -> gboolean {
    const std::string text = weight_text(gtk_adjustment_get_value(exponent_));
    if (text != gtk_entry_get_text(GTK_ENTRY(spin_))) gtk_entry_set_text(GTK_ENTRY(spin_), text.c_str());
    return TRUE;
  });
  on<int(GtkSpinButton*, double*)>(spin_, "input", [this](GtkSpinButton*, double* exponent) -> int {
    const double typed = g_strtod(gtk_entry_get_text(GTK_ENTRY(spin_)), nullptr);
    g_signal_stop_emission_by_name(spin_, "input");  // GimpSpinScale would read the exponent itself
    if (!(typed > 0)) return GTK_INPUT_ERROR;
    *exponent = std::log10(typed);
    return TRUE;
  });
  on<void(GtkAdjustment*)>(exponent_, "value-changed", [this](GtkAdjustment*) {
    if (on_changed) on_changed();
  });
  set_value(1);
}

double WeightScale::value() const { return std::atof(weight_text(gtk_adjustment_get_value(exponent_)).c_str()); }

void WeightScale::set_value(double weight) {
  gtk_adjustment_set_value(exponent_, std::log10(std::max(weight, 1e-30)));
  gtk_entry_set_text(GTK_ENTRY(spin_), weight_text(gtk_adjustment_get_value(exponent_)).c_str());
}

}  // namespace pinxit
