// SPDX-License-Identifier: Apache-2.0
#include "dialogs/painting/preset_bar.h"

#include <algorithm>

#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"
#include "engine/requests/json.h"

namespace pinxit {

PresetBar::PresetBar(const std::string& operation)
    : store_(operation),
      row_(gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6)),
      combo_(GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new())) {
  GtkWidget* combo = GTK_WIDGET(combo_);
  name_for_readers(combo, _("Presets"), _("Settings saved under a name"));
  gtk_widget_set_tooltip_text(combo, _("Settings saved under a name"));
  gtk_box_pack_start(GTK_BOX(row_), label_for(combo, _("_Presets")), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(row_), combo, TRUE, TRUE, 0);

  GtkWidget* save_as = gtk_menu_button_new();
  gtk_button_set_image(GTK_BUTTON(save_as), gtk_image_new_from_icon_name("list-add", GTK_ICON_SIZE_BUTTON));
  gtk_widget_set_tooltip_text(save_as, _("Save these settings as a preset"));
  name_for_readers(save_as, _("Save preset"));
  delete_ = icon_button("edit-delete", _("Delete preset"));
  gtk_box_pack_start(GTK_BOX(row_), save_as, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(row_), delete_, FALSE, FALSE, 0);

  name_ = GTK_ENTRY(gtk_entry_new());
  gtk_entry_set_placeholder_text(name_, _("Name of the preset"));
  name_for_readers(GTK_WIDGET(name_), _("Name of the preset"));
  confirm_ = gtk_button_new_with_label(_("Save"));
  gtk_style_context_add_class(gtk_widget_get_style_context(confirm_), "suggested-action");
  GtkWidget* form = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_container_set_border_width(GTK_CONTAINER(form), 8);
  gtk_container_add(GTK_CONTAINER(form), GTK_WIDGET(name_));
  gtk_container_add(GTK_CONTAINER(form), confirm_);
  gtk_widget_show_all(form);
  popover_ = gtk_popover_new(save_as);
  gtk_container_add(GTK_CONTAINER(popover_), form);
  gtk_menu_button_set_popover(GTK_MENU_BUTTON(save_as), popover_);

  on<void(GtkComboBox*)>(combo_, "changed", [this](GtkComboBox*) { choose(); });
  on<void(GtkButton*)>(delete_, "clicked", [this](GtkButton*) { remove(); });
  on<void(GtkEditable*)>(name_, "changed", [this](GtkEditable*) { name_changed(); });
  on<void(GtkEntry*)>(name_, "activate", [this](GtkEntry*) { gtk_button_clicked(GTK_BUTTON(confirm_)); });
  on<void(GtkButton*)>(confirm_, "clicked", [this](GtkButton*) { save(gtk_entry_get_text(name_)); });
  name_changed();
  fill({});
}

void PresetBar::compare(const AnyRequest& request) {
  if (chosen_text_.empty() || to_json(request) == chosen_text_) return;
  chosen_text_.clear();
  filling_ = true;
  gtk_combo_box_set_active(GTK_COMBO_BOX(combo_), -1);
  filling_ = false;
  gtk_widget_set_sensitive(delete_, FALSE);
}

void PresetBar::fill(const std::string& chosen) {
  filling_ = true;
  gtk_combo_box_text_remove_all(combo_);
  for (const std::string& name : store_.names()) gtk_combo_box_text_append(combo_, name.c_str(), name.c_str());
  if (!gtk_combo_box_set_active_id(GTK_COMBO_BOX(combo_), chosen.c_str()))
    gtk_combo_box_set_active(GTK_COMBO_BOX(combo_), -1);
  filling_ = false;
  const bool some = gtk_combo_box_get_active(GTK_COMBO_BOX(combo_)) >= 0;
  gtk_widget_set_sensitive(delete_, some);
  gtk_widget_set_sensitive(GTK_WIDGET(combo_),
                           gtk_tree_model_iter_n_children(gtk_combo_box_get_model(GTK_COMBO_BOX(combo_)), nullptr) > 0);
}

void PresetBar::choose() {
  const char* name = gtk_combo_box_get_active_id(GTK_COMBO_BOX(combo_));
  if (filling_ || !name) return;
  gtk_widget_set_sensitive(delete_, TRUE);
  auto request = store_.load(name);
  if (!request) {
    chosen_text_.clear();
    if (on_error) on_error(request.error());
    return;
  }
  chosen_text_ = to_json(*request);
  if (on_chosen) on_chosen(*request);
}

void PresetBar::save(const std::string& name) {
  if (!current) return;
  const AnyRequest request = current();
  const auto saved = store_.save(name, request);
  gtk_popover_popdown(GTK_POPOVER(popover_));
  if (!saved) {
    if (on_error) on_error(saved.error());
    return;
  }
  gtk_entry_set_text(name_, "");
  g_autofree char* stripped = g_strdup(name.c_str());
  chosen_text_ = to_json(request);
  fill(g_strstrip(stripped));
}

void PresetBar::remove() {
  const char* name = gtk_combo_box_get_active_id(GTK_COMBO_BOX(combo_));
  if (!name) return;
  const auto removed = store_.remove(name);
  if (!removed && on_error) on_error(removed.error());
  chosen_text_.clear();
  fill({});
}

void PresetBar::name_changed() {
  g_autofree char* text = g_strdup(gtk_entry_get_text(name_));
  const std::string name = g_strstrip(text);
  const auto names = store_.names();
  const bool known = std::find(names.begin(), names.end(), name) != names.end();
  gtk_button_set_label(GTK_BUTTON(confirm_), known ? _("Replace") : _("Save"));
  gtk_widget_set_sensitive(confirm_, !name.empty());
}

}  // namespace pinxit
