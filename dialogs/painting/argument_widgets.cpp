// SPDX-License-Identifier: Apache-2.0
#include "dialogs/painting/argument_widgets.h"

namespace pinxit {

void add_choice(GtkComboBox* combo, const std::string& id, const std::string& title) {
  GtkTreeModel* rows = gtk_combo_box_get_model(combo);
  GtkTreeIter row;
  for (bool more = gtk_tree_model_get_iter_first(rows, &row); more; more = gtk_tree_model_iter_next(rows, &row)) {
    g_autofree char* known = nullptr;
    gtk_tree_model_get(rows, &row, gtk_combo_box_get_id_column(combo), &known, -1);
    if (known && id == known) return;
  }
  gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(combo), id.c_str(), title.c_str());
}

std::string active_id(GtkComboBox* combo) {
  const char* id = gtk_combo_box_get_active_id(combo);
  return id ? id : "";
}

GtkGrid* argument_grid() {
  GtkGrid* grid = GTK_GRID(gtk_grid_new());
  gtk_grid_set_row_spacing(grid, 6);
  gtk_grid_set_column_spacing(grid, 12);
  return grid;
}

void attach_labelled(GtkGrid* grid, int row, const char* mnemonic, GtkWidget* widget) {
  g_autoptr(GList) inside = GTK_IS_BOX(widget) ? gtk_container_get_children(GTK_CONTAINER(widget)) : nullptr;
  gtk_grid_attach(grid, label_for(inside ? GTK_WIDGET(inside->data) : widget, mnemonic), 0, row, 1, 1);
  gtk_grid_attach(grid, widget, 1, row, 1, 1);
}

GtkLabel* quiet_paragraph() {
  GtkLabel* label = GTK_LABEL(quiet_label(nullptr));
  gtk_label_set_xalign(label, 0);
  gtk_label_set_line_wrap(label, TRUE);
  gtk_label_set_max_width_chars(label, 40);
  return label;
}

GtkWidget* with_dice(GtkWidget* spin, GtkAdjustment* seed, const char* dice_name) {
  gtk_entry_set_width_chars(GTK_ENTRY(spin), 8);
  GtkWidget* dice = gtk_button_new_with_label("\u2684");
  gtk_widget_set_tooltip_text(dice, _("Another seed by chance"));
  name_for_readers(dice, dice_name, _("Another seed by chance"));
  on<void(GtkButton*)>(dice, "clicked",
                       [seed](GtkButton*) { gtk_adjustment_set_value(seed, g_random_int_range(0, 1000000)); });
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(row), spin, TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(row), dice, FALSE, FALSE, 0);
  return row;
}

}  // namespace pinxit
