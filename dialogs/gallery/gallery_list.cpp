// SPDX-License-Identifier: Apache-2.0
#include "dialogs/gallery/gallery_list.h"

#include <algorithm>

#include "dialogs/gallery/gallery_words.h"
#include "dialogs/shared/picture_rows.h"
#include "dialogs/shared/preview_surface.h"
#include "dialogs/shared/widgets.h"
#include "dialogs/shared/words.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr int thumbnail_side = 64;
constexpr const char* id_key = "pinxit-run";

int64_t run_of(GtkListBoxRow* row) {
  const auto* id = static_cast<const int64_t*>(g_object_get_data(G_OBJECT(row), id_key));
  return id ? *id : 0;
}

}  // namespace

GalleryList::GalleryList(std::function<Result<SrgbPicture>(int64_t id)> thumbnail)
    : thumbnail_(std::move(thumbnail)),
      list_(GTK_LIST_BOX(gtk_list_box_new())),
      scrolled_(scrolled_rows(list_, _("Runs"), [this] {
        if (on_chosen) on_chosen();
      })) {}

GalleryList::~GalleryList() {
  if (idle_) g_source_remove(idle_);
}

GalleryList::Row GalleryList::make_row(int64_t id) {
  Row made;
  made.thumbnail = GTK_IMAGE(gtk_image_new_from_icon_name("image-x-generic-symbolic", GTK_ICON_SIZE_DND));
  gtk_widget_set_size_request(GTK_WIDGET(made.thumbnail), thumbnail_side, thumbnail_side);
  name_for_readers(GTK_WIDGET(made.thumbnail), _("Thumbnail"), _("No picture yet"));
  GtkWidget* lines = row_lines();
  made.name = add_line(lines);
  made.state = add_line(lines);
  made.facts = add_line(lines, "pinxit-quiet");
  made.row = picture_row(GTK_WIDGET(made.thumbnail), lines);
  g_object_set_data_full(G_OBJECT(made.row), id_key, new int64_t(id),
                         [](gpointer data) { delete static_cast<int64_t*>(data); });
  return made;
}

void GalleryList::tell(Row& row, const GalleryEntry& entry) {
  g_autofree char* name = g_markup_printf_escaped("<b>%s</b>", entry.name.c_str());
  gtk_label_set_markup(row.name, name);
  const std::string summary = run_summary(entry);
  gtk_label_set_text(row.state, summary.c_str());
  std::string facts = run_date(entry.made);
  if (entry.bytes > 0) facts = format_text(_("%s, %s"), facts.c_str(), disk_size(entry.bytes).c_str());
  gtk_label_set_text(row.facts, facts.c_str());
  gtk_widget_set_tooltip_text(GTK_WIDGET(row.row), entry.name.c_str());
  name_for_readers(GTK_WIDGET(row.row), entry.name.c_str(), (summary + "\n" + facts).c_str());
  row.iterations = entry.iterations;
}

void GalleryList::fill(const std::vector<GalleryEntry>& entries) {
  drop_rows(rows_, [&](int64_t id) {
    return std::ranges::any_of(entries, [&](const GalleryEntry& entry) { return entry.id == id; });
  });
  for (const GalleryEntry& entry : entries) {
    auto known = rows_.find(entry.id);
    if (known == rows_.end()) {
      known = rows_.emplace(entry.id, make_row(entry.id)).first;
      gtk_list_box_insert(list_, GTK_WIDGET(known->second.row), int(std::distance(rows_.begin(), known)));
    }
    tell(known->second, entry);
  }
  if (!idle_)
    idle_ = g_idle_add(
        [](gpointer data) -> gboolean {
          auto* self = static_cast<GalleryList*>(data);
          if (self->make_next_thumbnail()) return G_SOURCE_CONTINUE;
          self->idle_ = 0;
          return G_SOURCE_REMOVE;
        },
        this);
}

bool GalleryList::make_next_thumbnail() {
  const auto next = std::find_if(rows_.begin(), rows_.end(),
                                 [](const auto& row) { return row.second.pictured < row.second.iterations; });
  if (next == rows_.end()) return false;
  Row& row = next->second;
  row.pictured = row.iterations;
  const auto picture = thumbnail_(next->first);
  if (!picture) return true;  // a run that has recorded nothing yet
  const int scale = gtk_widget_get_scale_factor(scrolled_), side = thumbnail_side * scale;
  const Surface surface =
      reduced_surface(picture->view(), fitted_size({picture->width, picture->height}, {side, side}));
  if (!surface) return true;
  cairo_surface_set_device_scale(surface.get(), scale, scale);
  gtk_image_set_from_surface(row.thumbnail, surface.get());
  name_for_readers(GTK_WIDGET(row.thumbnail), _("Thumbnail"), iteration_title(row.iterations).c_str());
  return true;
}

int64_t GalleryList::chosen() const {
  GtkListBoxRow* row = gtk_list_box_get_selected_row(list_);
  return row ? run_of(row) : 0;
}

void GalleryList::choose(int64_t id) {
  if (const auto row = rows_.find(id); row != rows_.end()) gtk_list_box_select_row(list_, row->second.row);
}

void GalleryList::choose_first() {
  if (!rows_.empty()) choose(rows_.begin()->first);
}

void GalleryList::take_focus() { focus_rows(list_); }

}  // namespace pinxit
