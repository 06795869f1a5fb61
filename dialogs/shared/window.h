// SPDX-License-Identifier: Apache-2.0
//
// What our windows have in common. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <string>

namespace pinxit {

/// Throws a Failure where GTK has no display to show a window on.
void require_display();

/// Title, role, place and style sheet of a dialog. It stays above `parent`, or where that is null and we are inside a
/// plug-in, above GIMP's window.
void prepare_window(GtkWidget* dialog, const std::string& title, GtkWindow* parent = nullptr);

/// Fills the dialog from top to bottom; `body` takes the room there is, and gets a border.
struct WindowParts {
  GtkWidget* above;
  GtkWidget* body;
  GtkWidget* below = nullptr;
};
void fill_window(GtkWidget* dialog, const WindowParts& parts);

/// Reset (GTK_RESPONSE_REJECT), Cancel and OK (the default), as in GIMP's own dialogs.
void add_buttons(GtkWidget* dialog);
/// Room around a dialog's row of buttons, which `button` is one of.
void pad_buttons(GtkWidget* button);

/// `close` is to end the dialog; its widgets stay until their owner goes.
void on_close_button(GtkWidget* dialog, std::function<void()> close);

}  // namespace pinxit
