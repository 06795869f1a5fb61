// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/picture_rows.h"

#include <utility>

#include "dialogs/shared/widgets.h"

namespace pinxit {

GtkWidget* scrolled_rows(GtkListBox* list, const char* name, std::function<void()> chosen) {
  name_for_readers(GTK_WIDGET(list), name);
  gtk_list_box_set_selection_mode(list, GTK_SELECTION_BROWSE);
  GtkWidget* scrolled = gtk_scrolled_window_new(nullptr, nullptr);
  gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scrolled), GTK_SHADOW_IN);
  gtk_container_add(GTK_CONTAINER(scrolled), GTK_WIDGET(list));
  on<void(GtkListBox*, GtkListBoxRow*)>(list, "row-selected",
                                        [chosen = std::move(chosen)](GtkListBox*, GtkListBoxRow*) { chosen(); });
  return scrolled;
}

GtkWidget* row_lines() {
  GtkWidget* lines = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
  gtk_widget_set_valign(lines, GTK_ALIGN_CENTER);
  return lines;
}

GtkListBoxRow* picture_row(GtkWidget* picture, GtkWidget* lines) {
  GtkWidget* row = gtk_list_box_row_new();
  GtkWidget* box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 10);
  gtk_container_set_border_width(GTK_CONTAINER(box), 6);
  gtk_box_pack_start(GTK_BOX(box), picture, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(box), lines, TRUE, TRUE, 0);
  gtk_container_add(GTK_CONTAINER(row), box);
  gtk_widget_show_all(row);
  return GTK_LIST_BOX_ROW(row);
}

void focus_rows(GtkListBox* list) {
  GtkListBoxRow* row = gtk_list_box_get_selected_row(list);
  gtk_widget_grab_focus(row ? GTK_WIDGET(row) : GTK_WIDGET(list));
}

}  // namespace pinxit
