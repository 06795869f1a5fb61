// SPDX-License-Identifier: Apache-2.0
#include "dialogs/gallery/gallery_actions.h"

#include <array>

#include "dialogs/shared/question.h"
#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

struct Choice {
  const char* id;
  const char* title;
  GalleryActions::What what;
  bool needs_result, needs_pictures;
};

constexpr std::array<Choice, 4> choices = {{
    {"result", N_("The result"), GalleryActions::What::result, true, false},
    {"shown", N_("The iteration shown"), GalleryActions::What::shown, false, true},
    {"all", N_("All iterations"), GalleryActions::What::all, false, true},
    {"result-and-all", N_("The result and all iterations"), GalleryActions::What::result_and_all, true, true},
}};

}  // namespace

GalleryActions::GalleryActions() : row_(gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6)) {
  what_ = GTK_COMBO_BOX_TEXT(gtk_combo_box_text_new());
  gtk_widget_set_size_request(GTK_WIDGET(what_), 220, -1);  // whatever it offers
  gtk_widget_set_tooltip_text(GTK_WIDGET(what_), _("What is opened as layers"));
  name_for_readers(GTK_WIDGET(what_), _("What to open"), _("What is opened as layers"));
  open_ = gtk_button_new_with_mnemonic(_("_Open as layers"));
  run_again_ = gtk_button_new_with_mnemonic(_("Run _again…"));
  gtk_widget_set_tooltip_text(run_again_, _("Opens the settings, to be changed, for a new run"));
  rename_ = gtk_menu_button_new();
  gtk_button_set_label(GTK_BUTTON(rename_), _("_Rename…"));
  gtk_button_set_use_underline(GTK_BUTTON(rename_), TRUE);
  popover_ = gtk_popover_new(rename_);
  gtk_container_add(GTK_CONTAINER(popover_), rename_form());
  gtk_menu_button_set_popover(GTK_MENU_BUTTON(rename_), popover_);
  delete_ = gtk_button_new_with_mnemonic(_("_Delete…"));
  for (GtkWidget* widget : {GTK_WIDGET(what_), open_, run_again_})
    gtk_box_pack_start(GTK_BOX(row_), widget, FALSE, FALSE, 0);
  for (GtkWidget* widget : {delete_, rename_}) gtk_box_pack_end(GTK_BOX(row_), widget, FALSE, FALSE, 0);

  on<void(GtkButton*)>(open_, "clicked", [this](GtkButton*) {
    const char* id = gtk_combo_box_get_active_id(GTK_COMBO_BOX(what_));
    for (const Choice& choice : choices)
      if (on_open && g_strcmp0(id, choice.id) == 0) on_open(choice.what);
  });
  on<void(GtkButton*)>(run_again_, "clicked", [this](GtkButton*) {
    if (on_run_again) on_run_again();
  });
  on<void(GtkButton*)>(delete_, "clicked", [this](GtkButton*) { ask_to_delete(); });
}

GtkWidget* GalleryActions::rename_form() {
  name_ = GTK_ENTRY(gtk_entry_new());
  gtk_entry_set_width_chars(name_, 28);
  name_for_readers(GTK_WIDGET(name_), _("New name"));
  GtkWidget* confirm = gtk_button_new_with_label(_("Rename"));
  gtk_style_context_add_class(gtk_widget_get_style_context(confirm), "suggested-action");
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_container_add(GTK_CONTAINER(row), GTK_WIDGET(name_));
  gtk_container_add(GTK_CONTAINER(row), confirm);
  name_problem_ = GTK_LABEL(gtk_label_new(nullptr));
  gtk_label_set_line_wrap(name_problem_, TRUE);
  gtk_label_set_max_width_chars(name_problem_, 36);
  gtk_label_set_xalign(name_problem_, 0);
  GtkWidget* form = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
  gtk_container_set_border_width(GTK_CONTAINER(form), 8);
  gtk_container_add(GTK_CONTAINER(form), row);
  gtk_container_add(GTK_CONTAINER(form), GTK_WIDGET(name_problem_));
  gtk_widget_show_all(form);
  gtk_widget_hide(GTK_WIDGET(name_problem_));
  on<void(GtkButton*)>(confirm, "clicked", [this](GtkButton*) { rename(); });
  on<void(GtkEntry*)>(name_, "activate", [this](GtkEntry*) { rename(); });
  on<void(GtkEditable*)>(name_, "changed", [this](GtkEditable*) { gtk_widget_hide(GTK_WIDGET(name_problem_)); });
  return form;
}

void GalleryActions::rename() {
  const Status renamed = on_rename ? on_rename(gtk_entry_get_text(name_)) : Nothing{};
  if (renamed) return gtk_popover_popdown(GTK_POPOVER(popover_));
  gtk_label_set_text(name_problem_, renamed.error().sentence.c_str());
  gtk_widget_show(GTK_WIDGET(name_problem_));
}

void GalleryActions::show(const GalleryEntry& entry, bool has_pictures, Possible possible) {
  if (entry.id != entry_.id) gtk_popover_popdown(GTK_POPOVER(popover_));
  if (entry.id != entry_.id || entry.name != entry_.name) gtk_entry_set_text(name_, entry.name.c_str());
  entry_ = entry;
  const bool some = entry.id != 0, runs = entry.state == RunState::in_progress;
  const Offered offered = {entry.id, entry.has_result, has_pictures};
  if (offered != offered_) fill_choice(offered);
  const bool openable = some && possible.open && (entry.has_result || has_pictures);
  gtk_widget_set_sensitive(GTK_WIDGET(what_), openable);
  gtk_widget_set_sensitive(open_, openable);
  gtk_widget_set_tooltip_text(open_, possible.open ? _("Opens the pictures in GIMP, each as a layer")
                                                   : _("There is no GIMP here to open layers in"));
  gtk_widget_set_sensitive(run_again_, some && possible.run_again && !runs);
  gtk_widget_set_sensitive(rename_, some);
  gtk_widget_set_sensitive(delete_, some && !runs);
  gtk_widget_set_tooltip_text(delete_, runs ? _("A run in progress cannot be deleted: stop it first") : nullptr);
}

void GalleryActions::fill_choice(const Offered& offered) {
  offered_ = offered;
  gtk_combo_box_text_remove_all(what_);
  for (const Choice& choice : choices)
    if ((offered.result || !choice.needs_result) && (offered.pictures || !choice.needs_pictures))
      gtk_combo_box_text_append(what_, choice.id, _(choice.title));
  gtk_combo_box_set_active(GTK_COMBO_BOX(what_), 0);
}

void GalleryActions::ask_for_name() {
  if (gtk_widget_get_sensitive(rename_)) gtk_popover_popup(GTK_POPOVER(popover_));
}

void GalleryActions::ask_to_delete() {
  if (!gtk_widget_get_sensitive(delete_)) return;
  ask({.from = row_,
       .title = _("Delete run"),
       .question = format_text(_("Delete “%s”?"), entry_.name.c_str()),
       .consequence = _("Its iterations and its result are removed from the disk for good. Layers that were made of them "
                        "stay."),
       .yes = _("_Delete")},
      [this] {
        if (on_delete) on_delete();
      });
}

}  // namespace pinxit
