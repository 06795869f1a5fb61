// SPDX-License-Identifier: Apache-2.0
//
// Lists whose rows are a picture and some lines of text beside it; their rows stay the same widgets while they are
// listed, so that focus and choice survive a refill.
//
//     GtkListBox* list = GTK_LIST_BOX(gtk_list_box_new());
//     GtkWidget* scrolled = scrolled_rows(list, _("Runs"), [this] { … });
//     GtkWidget* lines = row_lines();  add_line(lines);  …                       // widgets.h
//     GtkListBoxRow* row = picture_row(GTK_WIDGET(image), lines);
//     drop_rows(rows_, [&](int64_t id) { return is_listed(id); });               // rows_: std::map<int64_t, Row>
//
// Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>

namespace pinxit {

/// One row is chosen at a time; `chosen` is told when that is another one, or none.
GtkWidget* scrolled_rows(GtkListBox* list, const char* name, std::function<void()> chosen);

GtkWidget* row_lines();
/// Shown, with all that is in it; not yet in a list.
GtkListBoxRow* picture_row(GtkWidget* picture, GtkWidget* lines);

/// The chosen row, or the list where there is none.
void focus_rows(GtkListBox* list);

/// Destroys rows that do not stay. `rows` is a map from ids to structs with the widget in `row`, which is off the map
/// before it goes: signals find the others only.
template <class Rows, class Stays>
void drop_rows(Rows& rows, const Stays& stays) {
  for (auto row = rows.begin(); row != rows.end();) {
    if (stays(row->first)) {
      ++row;
      continue;
    }
    GtkWidget* widget = GTK_WIDGET(row->second.row);
    row = rows.erase(row);
    gtk_widget_destroy(widget);
  }
}

}  // namespace pinxit
