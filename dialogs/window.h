// SPDX-License-Identifier: Apache-2.0
//
// What our windows have in common. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <string>

namespace pinxit {

/// Throws a Failure where GTK has no display to show a window on.
void require_display();

/// Title, role, place and style sheet of a dialog. It stays above `parent`, or where that is null and we are inside a
/// plug-in, above GIMP's window.
void prepare_window(GtkWidget* dialog, const std::string& title, GtkWindow* parent = nullptr);

/// Reset (GTK_RESPONSE_REJECT), Cancel and OK (the default), as in GIMP's own dialogs.
void add_buttons(GtkWidget* dialog);

}  // namespace pinxit
