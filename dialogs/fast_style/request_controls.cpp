// SPDX-License-Identifier: Apache-2.0
#include "dialogs/fast_style/request_controls.h"

#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include "dialogs/painting/argument_widgets.h"
#include "dialogs/shared/device_names.h"
#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

/// The label of a declaration without its mnemonic mark.
std::string plain_label(const Argument<FastStyleRequest>& argument) {
  std::string text = _(argument.label);
  std::erase(text, '_');
  return text;
}

void explain(GtkWidget* widget, const Argument<FastStyleRequest>& argument) {
  gtk_widget_set_tooltip_text(widget, _(argument.help));
  name_for_readers(widget, plain_label(argument).c_str(), _(argument.help));
}

}  // namespace

RequestControls::RequestControls() : grid_(GTK_WIDGET(argument_grid())) {
  using A = Argument<FastStyleRequest>;
  const A& strength = declared<FastStyleRequest>("strength");
  const auto& strength_range = std::get<A::Number>(strength.value);
  strength_ = gtk_adjustment_new(100, strength_range.minimum, strength_range.maximum, 1, 10, 0);
  GtkWidget* strength_scale = gimp_spin_scale_new(strength_, _(strength.label), 1);
  explain(strength_scale, strength);
  gtk_entry_set_activates_default(GTK_ENTRY(strength_scale), TRUE);
  gtk_widget_set_hexpand(strength_scale, TRUE);
  gtk_grid_attach(GTK_GRID(grid_), strength_scale, 0, 0, 2, 1);

  const A& keep_colors = declared<FastStyleRequest>("keep-colors");
  GtkWidget* check = gtk_check_button_new_with_mnemonic(_(keep_colors.label));
  keep_colors_ = GTK_TOGGLE_BUTTON(check);
  explain(check, keep_colors);
  gtk_grid_attach(GTK_GRID(grid_), check, 0, 1, 2, 1);

  const A& max_size = declared<FastStyleRequest>("max-size");
  const auto& size_range = std::get<A::Integer>(max_size.value);
  GtkWidget* spin = gtk_spin_button_new_with_range(size_range.minimum, size_range.maximum, 64);
  max_size_ = GTK_SPIN_BUTTON(spin);
  gtk_entry_set_width_chars(GTK_ENTRY(spin), 8);
  explain(spin, max_size);
  gtk_entry_set_activates_default(GTK_ENTRY(spin), TRUE);
  GtkWidget* size_row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(size_row), spin, TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(size_row), quiet_label(_("px (0: as it is)")), FALSE, FALSE, 0);
  gtk_grid_attach(GTK_GRID(grid_), label_for(spin, _(max_size.label)), 0, 2, 1, 1);
  gtk_grid_attach(GTK_GRID(grid_), size_row, 1, 2, 1, 1);

  const A& device = declared<FastStyleRequest>("device");
  GtkWidget* combo = gtk_combo_box_text_new();
  device_ = GTK_COMBO_BOX(combo);
  explain(combo, device);
  gtk_widget_set_hexpand(combo, TRUE);
  gtk_grid_attach(GTK_GRID(grid_), label_for(combo, _(device.label)), 0, 3, 1, 1);
  gtk_grid_attach(GTK_GRID(grid_), combo, 1, 3, 1, 1);
  add_device("auto");
  add_device("cpu");
  gtk_combo_box_set_active_id(device_, "auto");

  on<void(GtkAdjustment*)>(strength_, "value-changed", [this](GtkAdjustment*) { changed(); });
  on<void(GtkToggleButton*)>(check, "toggled", [this](GtkToggleButton*) { changed(); });
  on<void(GtkSpinButton*)>(spin, "value-changed", [this](GtkSpinButton*) { changed(); });
  on<void(GtkComboBox*)>(combo, "changed", [this](GtkComboBox*) { changed(); });
}

void RequestControls::show(const FastStyleRequest& request) {
  showing_ = true;
  gtk_adjustment_set_value(strength_, request.strength);
  gtk_toggle_button_set_active(keep_colors_, request.keep_colors);
  gtk_spin_button_set_value(max_size_, request.max_size);
  add_device(request.device);
  gtk_combo_box_set_active_id(device_, request.device.c_str());
  showing_ = false;
}

void RequestControls::read(FastStyleRequest& request) const {
  request.strength = gtk_adjustment_get_value(strength_);
  request.keep_colors = gtk_toggle_button_get_active(keep_colors_);
  request.max_size = gtk_spin_button_get_value_as_int(max_size_);
  const char* device = gtk_combo_box_get_active_id(device_);
  if (device) request.device = device;
}

void RequestControls::offer_devices(const std::vector<std::string>& devices) {
  for (const std::string& device : devices) add_device(device);
}

void RequestControls::add_device(const std::string& id) { add_choice(device_, id, device_title(id)); }

void RequestControls::changed() {
  if (!showing_ && on_changed) on_changed();
}

}  // namespace pinxit
