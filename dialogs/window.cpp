// SPDX-License-Identifier: Apache-2.0
#include "dialogs/window.h"

#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include "dialogs/widgets.h"
#include "engine/base/error.h"
#include "engine/base/text.h"

namespace pinxit {

void require_display() {
  if (!gdk_display_get_default())
    throw Failure(ErrorCode::internal, _("There is no display to show a window on."),
                  _("Call the procedure without its window (run mode NONINTERACTIVE), or use the pinxit command."));
}

void prepare_window(GtkWidget* dialog, const std::string& title, GtkWindow* parent) {
  gtk_window_set_title(GTK_WINDOW(dialog), title.c_str());
  gtk_window_set_role(GTK_WINDOW(dialog), "pinxit");
  gtk_window_set_position(GTK_WINDOW(dialog), parent ? GTK_WIN_POS_CENTER_ON_PARENT : GTK_WIN_POS_CENTER);
  use_style_sheet(dialog);
  if (parent) gtk_window_set_transient_for(GTK_WINDOW(dialog), parent);
  else if (gimp_get_plug_in()) gimp_window_set_transient(GTK_WINDOW(dialog));
}

void add_buttons(GtkWidget* dialog) {
  gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Reset"), GTK_RESPONSE_REJECT);
  gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Cancel"), GTK_RESPONSE_CANCEL);
  GtkWidget* ok = gtk_dialog_add_button(GTK_DIALOG(dialog), _("_OK"), GTK_RESPONSE_OK);
  gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_OK);
  GtkWidget* row = gtk_widget_get_parent(ok);
  gtk_widget_set_margin_start(row, 12);
  gtk_widget_set_margin_end(row, 12);
  gtk_widget_set_margin_bottom(row, 12);
}

}  // namespace pinxit
