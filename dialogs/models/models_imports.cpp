// SPDX-License-Identifier: Apache-2.0
#include "dialogs/models/models_imports.h"

#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {

ModelsImports::ModelsImports() : column_(gtk_box_new(GTK_ORIENTATION_VERTICAL, 6)) {
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(row),
                     button(_("Import _file…"),
                            _("Takes a model from a checkpoint: safetensors, PyTorch, ONNX, OpenVINO or TFLite"),
                            _("Import a model"), GTK_FILE_CHOOSER_ACTION_OPEN),
                     FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(row),
                     button(_("Import f_older…"), _("Takes all models of a folder, also those of several files"),
                            _("Import a folder of models"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER),
                     FALSE, FALSE, 0);
  GtkWidget* hint = quiet_label(_("Files and folders can also be dropped here. Nothing in them is run."));
  gtk_label_set_ellipsize(GTK_LABEL(hint), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign(GTK_LABEL(hint), 0);
  gtk_widget_set_margin_start(hint, 6);
  gtk_box_pack_start(GTK_BOX(row), hint, TRUE, TRUE, 0);
  gtk_box_pack_end(GTK_BOX(column_), row, FALSE, FALSE, 0);
}

GtkWidget* ModelsImports::button(const char* mnemonic, const char* help, const char* question,
                                 GtkFileChooserAction action) {
  GtkWidget* made = gtk_button_new_with_mnemonic(mnemonic);
  gtk_widget_set_tooltip_text(made, help);
  on<void(GtkButton*)>(made, "clicked", [this, question, action](GtkButton*) {
    ask_for_file({GTK_WINDOW(gtk_widget_get_toplevel(column_)), question, action},
                 [this, letters = mailbox_.sender()](const std::string& path) {
                   letters.post([this, path] {
                     if (on_import) on_import(path);
                   });
                 });
  });
  return made;
}

void ModelsImports::accept_drops(GtkWidget* window) {
  gtk_drag_dest_set(window, GTK_DEST_DEFAULT_ALL, nullptr, 0, GDK_ACTION_COPY);
  gtk_drag_dest_add_uri_targets(window);
  on<void(GtkWidget*, GdkDragContext*, int, int, GtkSelectionData*, guint, guint)>(
      window, "drag-data-received",
      [this](GtkWidget*, GdkDragContext*, int, int, GtkSelectionData* data, guint, guint) { dropped(data); });
}

void ModelsImports::dropped(GtkSelectionData* data) {
  g_auto(GStrv) uris = gtk_selection_data_get_uris(data);
  for (char** uri = uris; uri && *uri; uri++) {
    g_autofree char* path = g_filename_from_uri(*uri, nullptr, nullptr);
    if (path && on_import) on_import(path);
  }
}

void ModelsImports::show(const ModelJob& job) {
  auto known = strips_.find(job.subject);
  if (known == strips_.end()) {
    known = strips_.try_emplace(job.subject, true).first;
    known->second.on_cancel = [this, path = job.subject] {
      if (on_cancel) on_cancel(path);
    };
    gtk_box_pack_start(GTK_BOX(column_), known->second.widget(), FALSE, FALSE, 0);
  }
  known->second.show(job);
}

void ModelsImports::remove(const std::string& path) {
  const auto known = strips_.find(path);
  if (known == strips_.end()) return;
  gtk_widget_destroy(known->second.widget());
  strips_.erase(known);
}

}  // namespace pinxit
