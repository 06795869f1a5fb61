// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/window.h"

#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include <utility>

#include "dialogs/shared/widgets.h"
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

void fill_window(GtkWidget* dialog, const WindowParts& parts) {
  GtkBox* content = GTK_BOX(gtk_dialog_get_content_area(GTK_DIALOG(dialog)));
  gtk_container_set_border_width(GTK_CONTAINER(parts.body), 12);
  gtk_box_pack_start(content, parts.above, FALSE, FALSE, 0);
  gtk_box_pack_start(content, parts.body, TRUE, TRUE, 0);
  if (parts.below) gtk_box_pack_start(content, parts.below, FALSE, FALSE, 0);
}

void add_buttons(GtkWidget* dialog) {
  gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Reset"), GTK_RESPONSE_REJECT);
  gtk_dialog_add_button(GTK_DIALOG(dialog), _("_Cancel"), GTK_RESPONSE_CANCEL);
  GtkWidget* ok = gtk_dialog_add_button(GTK_DIALOG(dialog), _("_OK"), GTK_RESPONSE_OK);
  gtk_dialog_set_default_response(GTK_DIALOG(dialog), GTK_RESPONSE_OK);
  pad_buttons(ok);
}

void pad_buttons(GtkWidget* button) {
  GtkWidget* row = gtk_widget_get_parent(button);
  gtk_widget_set_margin_start(row, 12);
  gtk_widget_set_margin_end(row, 12);
  gtk_widget_set_margin_bottom(row, 12);
}

void on_close_button(GtkWidget* dialog, std::function<void()> close) {
  on<gboolean(GtkWidget*, GdkEvent*)>(dialog, "delete-event", [close = std::move(close)](GtkWidget*, GdkEvent*) {
    close();
    return TRUE;  // the window goes with its owner
  });
}

}  // namespace pinxit
