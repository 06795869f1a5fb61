// SPDX-License-Identifier: Apache-2.0
//
// Widgets for a request's arguments, explained and bounded by its declaration (engine/requests/declaration.h).
//
//     const auto& range = std::get<A::Integer>(declared<GenerateRequest>("count").value);
//     GtkWidget* entry = explained<GenerateRequest>(gtk_entry_new(), "vary-prompt", _("Other prompt"));
//     add_choice(combo, "auto", _("Automatic"));  …  active_id(combo)
//
// Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <string>
#include <string_view>

#include "dialogs/widgets.h"
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

/// Nothing happens where the id is there already. The combo is a GtkComboBoxText.
void add_choice(GtkComboBox* combo, const std::string& id, const std::string& title);
/// Empty where nothing is chosen.
std::string active_id(GtkComboBox* combo);

/// `spin` (of `seed`) and beside it a dice button, which a screen reader calls `dice_name`.
GtkWidget* with_dice(GtkWidget* spin, GtkAdjustment* seed, const char* dice_name);

}  // namespace pinxit
