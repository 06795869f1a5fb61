// SPDX-License-Identifier: Apache-2.0
#include "dialogs/models/models_details.h"

#include <utility>

#include "dialogs/models/models_words.h"
#include "dialogs/shared/model_thumbnail.h"
#include "dialogs/shared/question.h"
#include "dialogs/shared/widgets.h"
#include "dialogs/shared/words.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr int picture_side = 144;
constexpr const char* fact_names[] = {N_("State"),   N_("For"),    N_("Size"),    N_("Memory"),
                                      N_("License"), N_("Source"), N_("Checked"), N_("Folder")};

GtkLabel* paragraph() {
  GtkLabel* label = GTK_LABEL(gtk_label_new(nullptr));
  gtk_label_set_xalign(label, 0);
  gtk_label_set_yalign(label, 0);
  gtk_label_set_line_wrap(label, TRUE);
  gtk_label_set_line_wrap_mode(label, PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_no_show_all(GTK_WIDGET(label), TRUE);
  return label;
}

void set_paragraph(GtkLabel* label, const std::string& text) {
  gtk_label_set_text(label, text.c_str());
  gtk_widget_set_visible(GTK_WIDGET(label), !text.empty());
}

bool is_address(const std::string& text) {
  return text.rfind("https://", 0) == 0 || text.rfind("http://", 0) == 0;
}

std::string install_words(const ModelState& model) {
  switch (model.state) {
    case ModelState::State::damaged: return _("_Install again");
    case ModelState::State::partial: return _("_Go on installing");
    default: break;
  }
  return model.download_bytes > 0 ? format_text(_("_Install (%s)"), disk_size(model.download_bytes).c_str())
                                  : std::string(_("_Install"));
}

}  // namespace

ModelsDetails::ModelsDetails() : column_(gtk_box_new(GTK_ORIENTATION_VERTICAL, 12)), strip_(false) {
  scrolled_ = gtk_scrolled_window_new(nullptr, nullptr);
  gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled_), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_container_add(GTK_CONTAINER(scrolled_), text_side());
  gtk_widget_set_no_show_all(strip_.widget(), TRUE);
  gtk_box_pack_start(GTK_BOX(column_), scrolled_, TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(column_), strip_.widget(), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column_), actions(), FALSE, FALSE, 0);
  strip_.on_cancel = [this] {
    if (on_cancel) on_cancel();
  };
}

GtkWidget* ModelsDetails::text_side() {
  picture_ = GTK_IMAGE(gtk_image_new());
  gtk_widget_set_valign(GTK_WIDGET(picture_), GTK_ALIGN_START);
  title_ = paragraph();
  purpose_ = paragraph();
  problem_ = paragraph();
  gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(problem_)), "pinxit-problem");
  gtk_label_set_selectable(problem_, TRUE);
  gtk_widget_set_can_focus(GTK_WIDGET(problem_), FALSE);
  GtkWidget* words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
  for (GtkLabel* label : {title_, purpose_, problem_})
    gtk_box_pack_start(GTK_BOX(words), GTK_WIDGET(label), FALSE, FALSE, 0);
  GtkWidget* head = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 14);
  gtk_box_pack_start(GTK_BOX(head), GTK_WIDGET(picture_), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(head), words, TRUE, TRUE, 0);

  GtkGrid* grid = GTK_GRID(gtk_grid_new());
  gtk_grid_set_row_spacing(grid, 6);
  gtk_grid_set_column_spacing(grid, 12);
  for (int i = 0; i < fact_count; i++) {
    names_[i] = quiet_label(_(fact_names[i]));
    gtk_label_set_xalign(GTK_LABEL(names_[i]), 0);
    gtk_widget_set_valign(names_[i], GTK_ALIGN_BASELINE);
    gtk_widget_set_no_show_all(names_[i], TRUE);
    facts_[i] = paragraph();
    gtk_widget_set_hexpand(GTK_WIDGET(facts_[i]), TRUE);
    gtk_widget_set_valign(GTK_WIDGET(facts_[i]), GTK_ALIGN_BASELINE);
    gtk_grid_attach(grid, names_[i], 0, i, 1, 1);
    gtk_grid_attach(grid, GTK_WIDGET(facts_[i]), 1, i, 1, 1);
  }
  gtk_label_set_line_wrap(facts_[folder], FALSE);
  gtk_label_set_ellipsize(facts_[folder], PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_line_wrap(facts_[source], FALSE);
  gtk_label_set_ellipsize(facts_[source], PANGO_ELLIPSIZE_MIDDLE);
  description_ = paragraph();

  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 16);
  gtk_widget_set_margin_end(column, 8);
  gtk_box_pack_start(GTK_BOX(column), head, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column), GTK_WIDGET(description_), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column), GTK_WIDGET(grid), FALSE, FALSE, 0);
  return column;
}

GtkWidget* ModelsDetails::actions() {
  install_ = gtk_button_new_with_mnemonic(_("_Install"));
  gtk_style_context_add_class(gtk_widget_get_style_context(install_), "suggested-action");
  verify_ = gtk_button_new_with_mnemonic(_("_Verify"));
  gtk_widget_set_tooltip_text(verify_, _("Reads all its files and compares their sums"));
  remove_ = gtk_button_new_with_mnemonic(_("_Remove…"));
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(row), install_, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(row), verify_, FALSE, FALSE, 0);
  gtk_box_pack_end(GTK_BOX(row), remove_, FALSE, FALSE, 0);
  on<void(GtkButton*)>(install_, "clicked", [this](GtkButton*) {
    if (on_install) on_install();
  });
  on<void(GtkButton*)>(verify_, "clicked", [this](GtkButton*) {
    if (on_verify) on_verify();
  });
  on<void(GtkButton*)>(remove_, "clicked", [this](GtkButton*) { ask_to_remove(); });
  return row;
}

void ModelsDetails::set_fact(Fact fact, const std::string& text, const std::string& address) {
  const std::string seen = text + "\n" + address;
  if (std::exchange(seen_[fact], seen) == seen) return;  // links keep the focus
  set_paragraph(facts_[fact], text);
  gtk_widget_set_visible(names_[fact], !text.empty());
  gtk_widget_set_tooltip_text(GTK_WIDGET(facts_[fact]), address.empty() ? nullptr : address.c_str());
  if (text.empty() || !is_address(address)) return;
  g_autofree char* link = g_markup_printf_escaped("<a href=\"%s\">%s</a>", address.c_str(), text.c_str());
  gtk_label_set_markup(facts_[fact], link);
}

void ModelsDetails::show(const ModelState& model, const std::string& problem, const ModelJob* job) {
  const bool same = model.id == model_.id;
  model_ = model;
  if (!same) gtk_adjustment_set_value(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scrolled_)), 0);
  if (!same || pictured_ != model.thumbnail) {
    pictured_ = model.thumbnail;
    const Surface picture =
        model_thumbnail(model.thumbnail, model.title, picture_side, gtk_widget_get_scale_factor(column_));
    gtk_image_set_from_surface(picture_, picture.get());
    name_for_readers(GTK_WIDGET(picture_), _("Picture"), model.title.c_str());
  }
  g_autofree char* title = g_markup_printf_escaped("<span size=\"large\"><b>%s</b></span>", model.title.c_str());
  gtk_label_set_markup(title_, title);
  gtk_widget_show(GTK_WIDGET(title_));
  set_paragraph(purpose_, model.purpose);
  set_paragraph(problem_, problem);
  set_paragraph(description_, model.description);

  set_fact(state, model_state_words(model));
  set_fact(use, model_use_words(model));
  set_fact(size, model_size_words(model));
  set_fact(memory, model.memory_bytes > 0
                       ? format_text(_("%s while it works"), disk_size(model.memory_bytes).c_str())
                       : std::string());
  set_fact(licence, model.licence, model.licence_url);
  set_fact(source, model.source, model.source);
  set_fact(check, trust_words(model));
  set_fact(folder, model.folder, model.folder);

  gtk_widget_set_visible(strip_.widget(), job != nullptr);
  if (job) strip_.show(*job);
  const bool here = is_here(model), free = job == nullptr;
  const bool installable = model.offered && model.state != ModelState::State::installed;
  if (const std::string words = install_words(model); words != gtk_button_get_label(GTK_BUTTON(install_)))
    gtk_button_set_label(GTK_BUTTON(install_), words.c_str());  // a new label widget each time
  gtk_widget_set_visible(install_, installable);
  gtk_widget_set_sensitive(install_, free);
  gtk_widget_set_visible(verify_, here);
  gtk_widget_set_sensitive(verify_, free);
  gtk_widget_set_visible(remove_, model.removable || here);
  gtk_widget_set_sensitive(remove_, free && model.removable);
  gtk_widget_set_tooltip_text(remove_, model.removable ? nullptr
                                                       : _("It came with Pinxit or is shared with others; it stays"));
}

void ModelsDetails::install() {
  if (gtk_widget_get_visible(install_) && gtk_widget_get_sensitive(install_) && on_install) on_install();
}

void ModelsDetails::ask_to_remove() {
  if (!gtk_widget_get_visible(remove_) || !gtk_widget_get_sensitive(remove_)) return;
  const std::string size = disk_size(model_.disk_bytes);
  const std::string consequence =
      !is_here(model_) ? format_text(_("What was downloaded of it (%s) is removed from the disk."), size.c_str())
      : model_.offered ? format_text(_("Its files (%s) are removed from the disk. It can be installed again."), size.c_str())
                       : format_text(_("Its files (%s) are removed from the disk for good. What it was imported "
                                       "from stays."),
                                     size.c_str());
  ask({.from = column_,
       .title = _("Remove model"),
       .question = format_text(_("Remove “%s”?"), model_.title.c_str()),
       .consequence = consequence,
       .yes = _("_Remove")},
      [this] {
        if (on_remove) on_remove();
      });
}

}  // namespace pinxit
