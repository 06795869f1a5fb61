// SPDX-License-Identifier: Apache-2.0
//
// Widgets for a request's arguments, explained and bounded by its declaration (engine/requests/declaration.h).
//
//     const auto& range = std::get<A::Integer>(declared<GenerateRequest>("count").value);
//     GtkWidget* entry = explained<GenerateRequest>(gtk_entry_new(), "vary-prompt", _("Other prompt"));
//     GtkComboBox* device = choice<GenerateRequest>("device", _("Device"));
//     add_choice(device, "auto", _("Automatic"));  …  active_id(device)
//     GtkGrid* grid = argument_grid();
//     attach_labelled(grid, 0, _("_Device"), GTK_WIDGET(device));
//
// Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <string>
#include <string_view>

#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"
#include "engine/requests/declaration.h"

namespace pinxit {

template <class R>
const Argument<R>& declared(std::string_view name) {
  for (const auto& argument : R::arguments())
    if (name == argument.name) return argument;
  throw Failure(ErrorCode::internal, "no argument " + std::string(name));
}

/// `name` is what a screen reader says; the declaration's help explains.
template <class R>
GtkWidget* explained(GtkWidget* widget, const char* argument, const char* name) {
  const char* help = _(declared<R>(argument).help);
  gtk_widget_set_tooltip_text(widget, help);
  name_for_readers(widget, name, help);
  return widget;
}

/// A GtkComboBoxText without entries, to stand in a grid.
template <class R>
GtkComboBox* choice(const char* argument, const char* name) {
  GtkWidget* combo = explained<R>(gtk_combo_box_text_new(), argument, name);
  gtk_widget_set_hexpand(combo, TRUE);
  return GTK_COMBO_BOX(combo);
}

/// Nothing happens where the id is there already. The combo is a GtkComboBoxText.
void add_choice(GtkComboBox* combo, const std::string& id, const std::string& title);
/// Empty where nothing is chosen.
std::string active_id(GtkComboBox* combo);

/// Of two columns: labels, and what they are of.
GtkGrid* argument_grid();
/// In a box of several widgets the first has the mnemonic.
void attach_labelled(GtkGrid* grid, int row, const char* mnemonic, GtkWidget* widget);
/// An empty quiet_label (widgets.h) of several lines.
GtkLabel* quiet_paragraph();

/// `spin` (of `seed`) and beside it a dice button, which a screen reader calls `dice_name`.
GtkWidget* with_dice(GtkWidget* spin, GtkAdjustment* seed, const char* dice_name);

}  // namespace pinxit
