// SPDX-License-Identifier: Apache-2.0
#include "dialogs/models/models_list.h"

#include <algorithm>

#include "dialogs/models/models_strip.h"
#include "dialogs/models/models_words.h"
#include "dialogs/shared/model_thumbnail.h"
#include "dialogs/shared/picture_rows.h"
#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr int thumbnail_side = 56;
constexpr const char* id_key = "pinxit-model";

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

ModelsList::ModelsList()
    : list_(GTK_LIST_BOX(gtk_list_box_new())), scrolled_(scrolled_rows(list_, _("Models"), [this] {
        if (on_chosen) on_chosen();
      })) {
  gtk_list_box_set_activate_on_single_click(list_, FALSE);
  gtk_list_box_set_sort_func(list_, compare, this, nullptr);
  gtk_list_box_set_header_func(list_, head, this, nullptr);
  gtk_list_box_set_filter_func(
      list_,
      [](GtkListBoxRow* row, gpointer self) -> gboolean {
        auto* list = static_cast<ModelsList*>(self);
        const Row* known = list->row_of(row);
        return !known || model_fits(known->model, list->search_);
      },
      this, nullptr);
  on<void(GtkListBox*, GtkListBoxRow*)>(list_, "row-activated", [this](GtkListBox*, GtkListBoxRow*) {
    if (on_activated) on_activated();
  });
}

ModelsList::Row ModelsList::make_row(const std::string& id) {
  Row made;
  made.thumbnail = GTK_IMAGE(gtk_image_new());
  GtkWidget* lines = row_lines();
  made.title = add_line(lines);
  made.purpose = add_line(lines);
  gtk_widget_set_no_show_all(GTK_WIDGET(made.purpose), TRUE);
  made.facts = add_line(lines, "pinxit-quiet");
  made.bar = GTK_PROGRESS_BAR(gtk_progress_bar_new());
  gtk_widget_set_no_show_all(GTK_WIDGET(made.bar), TRUE);
  gtk_box_pack_start(GTK_BOX(lines), GTK_WIDGET(made.bar), FALSE, FALSE, 2);
  made.row = picture_row(GTK_WIDGET(made.thumbnail), lines);
  g_object_set_data_full(G_OBJECT(made.row), id_key, g_strdup(id.c_str()), g_free);
  return made;
}

void ModelsList::tell(Row& row) {
  const ModelState& model = row.model;
  g_autofree char* title = g_markup_printf_escaped("<b>%s</b>", model.title.c_str());
  gtk_label_set_markup(row.title, title);
  const std::string purpose = first_line(!model.purpose.empty() ? model.purpose : model.description);
  gtk_label_set_text(row.purpose, purpose.c_str());
  gtk_widget_set_visible(GTK_WIDGET(row.purpose), !purpose.empty());
  const std::string facts = model_facts_line(model);
  gtk_label_set_text(row.facts, facts.c_str());
  gtk_widget_set_tooltip_text(GTK_WIDGET(row.row), (model.title + (purpose.empty() ? "" : "\n" + purpose)).c_str());
  name_for_readers(GTK_WIDGET(row.row), model.title.c_str(), (model_state_words(model) + "\n" + facts).c_str());
  if (row.pictured == model.thumbnail) return;
  row.pictured = model.thumbnail;
  const Surface picture = model_thumbnail(model.thumbnail, model.title, thumbnail_side,
                                          gtk_widget_get_scale_factor(scrolled_));
  gtk_image_set_from_surface(row.thumbnail, picture.get());
  name_for_readers(GTK_WIDGET(row.thumbnail), _("Thumbnail"),
                   model.thumbnail.empty() ? _("No picture") : _("Painted with this model"));
}

void ModelsList::fill(const std::vector<ModelState>& models) {
  drop_rows(rows_, [&](const std::string& id) {
    return std::ranges::any_of(models, [&](const ModelState& model) { return model.id == id; });
  });
  for (size_t i = 0; i < models.size(); i++) {
    auto known = rows_.find(models[i].id);
    const bool fresh = known == rows_.end();
    if (fresh) known = rows_.emplace(models[i].id, make_row(models[i].id)).first;
    known->second.model = models[i];
    known->second.place = i;
    tell(known->second);
    if (fresh) gtk_list_box_insert(list_, GTK_WIDGET(known->second.row), -1);
  }
  gtk_list_box_invalidate_sort(list_);
  gtk_list_box_invalidate_filter(list_);
  gtk_list_box_invalidate_headers(list_);
}

bool ModelsList::filter(const std::string& search) {
  search_ = search;
  gtk_list_box_invalidate_filter(list_);
  gtk_list_box_invalidate_headers(list_);
  return std::ranges::any_of(rows_, [&](const auto& row) { return model_fits(row.second.model, search); });
}

void ModelsList::show_job(const std::string& id, const ModelJob* job) {
  const auto known = rows_.find(id);
  if (known == rows_.end()) return;
  Row& row = known->second;
  gtk_widget_set_visible(GTK_WIDGET(row.bar), job != nullptr);
  if (!job) return tell(row);
  gtk_label_set_text(row.facts, job_words(*job).c_str());
  show_progress(row.bar, *job);
}

ModelsList::Row* ModelsList::row_of(GtkListBoxRow* row) {
  const auto* id = row ? static_cast<const char*>(g_object_get_data(G_OBJECT(row), id_key)) : nullptr;
  const auto known = id ? rows_.find(id) : rows_.end();
  return known == rows_.end() ? nullptr : &known->second;
}

int ModelsList::compare(GtkListBoxRow* a, GtkListBoxRow* b, gpointer self) {
  const Row* first = static_cast<ModelsList*>(self)->row_of(a);
  const Row* second = static_cast<ModelsList*>(self)->row_of(b);
  if (!first || !second) return 0;
  const bool here = is_here(first->model);
  if (here != is_here(second->model)) return here ? -1 : 1;
  return first->place < second->place ? -1 : 1;
}

void ModelsList::head(GtkListBoxRow* row, GtkListBoxRow* before, gpointer self) {
  const Row* known = static_cast<ModelsList*>(self)->row_of(row);
  const Row* above = static_cast<ModelsList*>(self)->row_of(before);
  if (!known) return;
  const bool here = is_here(known->model);
  if (above && is_here(above->model) == here) return gtk_list_box_row_set_header(row, nullptr);
  GtkWidget* label = gtk_label_new(here ? _("Installed") : _("Can be installed"));
  gtk_style_context_add_class(gtk_widget_get_style_context(label), "pinxit-heading");
  gtk_label_set_xalign(GTK_LABEL(label), 0);
  gtk_widget_show(label);
  gtk_list_box_row_set_header(row, label);
}

std::string ModelsList::chosen() const {
  GtkListBoxRow* row = gtk_list_box_get_selected_row(list_);
  const char* id = row ? static_cast<const char*>(g_object_get_data(G_OBJECT(row), id_key)) : nullptr;
  return id ? id : "";
}

void ModelsList::choose(const std::string& id) {
  const auto known = rows_.find(id);
  if (known == rows_.end()) return;
  gtk_list_box_select_row(list_, known->second.row);
  scroll_to(GTK_WIDGET(known->second.row));
}

void ModelsList::choose_first() {
  for (int i = 0;; i++) {
    GtkListBoxRow* row = gtk_list_box_get_row_at_index(list_, i);
    if (!row) return;
    if (const Row* known = row_of(row); known && model_fits(known->model, search_))
      return gtk_list_box_select_row(list_, row);
  }
}

void ModelsList::take_focus() { focus_rows(list_); }

}  // namespace pinxit
