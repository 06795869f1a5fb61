// SPDX-License-Identifier: Apache-2.0
#include "dialogs/neural_style/style_pictures.h"

#include <algorithm>
#include <utility>

#include "dialogs/shared/preview_surface.h"
#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr int64_t thumbnail_side = 52;
constexpr const char* ask_for_a_file = "ask";  // id of a combo's row; no reference looks like that

std::string title_of(const std::string& reference, const std::vector<OpenPicture>& known) {
  for (const OpenPicture& picture : known)
    if (picture.reference == reference) return picture.title;
  if (!g_path_is_absolute(reference.c_str())) return reference;
  g_autofree char* name = g_path_get_basename(reference.c_str());
  g_autofree char* shown = g_filename_display_name(name);
  const std::string text = shown;
  const size_t dot = text.rfind('.');
  return dot == std::string::npos || dot == 0 ? text : text.substr(0, dot);
}

GtkWindow* window_of(GtkWidget* widget) {
  GtkWidget* top = gtk_widget_get_toplevel(widget);
  return GTK_IS_WINDOW(top) ? GTK_WINDOW(top) : nullptr;
}

}  // namespace

StylePictures::StylePictures(const NeuralStyleDialogHost& host)
    : host_(host), box_(gtk_box_new(GTK_ORIENTATION_VERTICAL, 6)), list_(GTK_LIST_BOX(gtk_list_box_new())) {
  name_for_readers(GTK_WIDGET(list_), _("Style pictures"), _("The pictures to take the style from, with their shares"));
  gtk_list_box_set_selection_mode(list_, GTK_SELECTION_NONE);
  gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(list_)), "pinxit-pictures");
  GtkWidget* empty = quiet_label(_("Add a painting: a file, or a layer of this image."));
  gtk_label_set_line_wrap(GTK_LABEL(empty), TRUE);
  gtk_label_set_justify(GTK_LABEL(empty), GTK_JUSTIFY_CENTER);
  g_object_set(empty, "margin", 18, nullptr);
  gtk_widget_show(empty);
  gtk_list_box_set_placeholder(list_, empty);

  GtkWidget* scrolled = gtk_scrolled_window_new(nullptr, nullptr);
  gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scrolled), 66);
  gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(scrolled), 200);
  gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(scrolled), TRUE);
  gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scrolled), GTK_SHADOW_IN);
  gtk_container_add(GTK_CONTAINER(scrolled), GTK_WIDGET(list_));

  gtk_box_pack_start(GTK_BOX(box_), buttons(), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(box_), scrolled, TRUE, TRUE, 0);
}

GtkWidget* StylePictures::buttons() {
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget* title = gtk_label_new(_("Style pictures"));
  gtk_label_set_xalign(GTK_LABEL(title), 0);
  gtk_box_pack_start(GTK_BOX(row), title, TRUE, TRUE, 0);

  GtkWidget* file = gtk_button_new_with_label(_("Add file…"));
  gtk_widget_set_tooltip_text(file, _("Takes the style of a picture file"));
  on<void(GtkButton*)>(file, "clicked", [this](GtkButton*) { ask_for_picture(); });

  GtkWidget* layer = gtk_menu_button_new();
  gtk_container_add(GTK_CONTAINER(layer), gtk_label_new(_("Add layer")));
  name_for_readers(layer, _("Add layer"));
  gtk_widget_set_tooltip_text(layer, _("Takes the style of something that is open"));
  GtkWidget* menu = gtk_menu_new();
  for (const OpenPicture& picture : host_.pictures) {
    GtkWidget* item = gtk_menu_item_new_with_label(picture.title.c_str());
    on<void(GtkMenuItem*)>(item, "activate", [this, reference = picture.reference](GtkMenuItem*) {
      add(reference, 1, {});
      changed();
    });
    gtk_menu_shell_append(GTK_MENU_SHELL(menu), item);
  }
  gtk_widget_show_all(menu);
  gtk_menu_button_set_popup(GTK_MENU_BUTTON(layer), menu);
  gtk_widget_set_sensitive(layer, !host_.pictures.empty());
  for (GtkWidget* button : {file, layer}) gtk_box_pack_start(GTK_BOX(row), button, FALSE, FALSE, 0);
  return row;
}

void StylePictures::ask_for_picture() {
  ask_for_file({window_of(box_), _("Choose a style picture"), GTK_FILE_CHOOSER_ACTION_OPEN},
               [this, letters = mailbox_.sender()](const std::string& path) {
                 letters.post([this, path] {
                   add(path, 1, {});
                   changed();
                 });
               });
}

void StylePictures::ask_for_mask(Row& row) {
  ask_for_file({window_of(box_), _("Choose a mask"), GTK_FILE_CHOOSER_ACTION_OPEN},
               [this, widget = row.widget, letters = mailbox_.sender()](const std::string& path) {
                 letters.post([this, widget, path] {
                   for (Row& chosen : rows_)  // it may have been removed meanwhile
                     if (chosen.widget == widget) {
                       chosen.mask = path;
                       fill_masks(chosen);
                       changed();
                     }
                 });
               });
}

void StylePictures::show(const NeuralStyleRequest& request) {
  showing_ = true;
  while (!rows_.empty()) remove(rows_.front());
  for (size_t i = 0; i < request.styles.size(); i++)
    add(request.styles[i].style, request.styles[i].weight,
        i < request.style_masks.size() ? request.style_masks[i] : std::string());
  showing_ = false;
}

void StylePictures::read(NeuralStyleRequest& request) const {
  request.styles.clear();
  request.style_masks.clear();
  bool masked = false;
  for (const Row& row : rows_) {
    request.styles.push_back({row.reference, gtk_adjustment_get_value(row.weight)});
    request.style_masks.push_back(row.mask);
    masked |= !row.mask.empty();
  }
  if (!masked) request.style_masks.clear();
}

Result<std::vector<NamedPicture>> StylePictures::pictures() {
  return guarded([&] {
    std::vector<NamedPicture> pictures;
    size_t i = 0;
    for (Row& row : rows_) {
      if (!row.pixels) row.pixels = host_.load_picture(row.reference).take();
      pictures.push_back({format_text("style-%zu", i), row.pixels});
      if (!row.mask.empty()) {
        if (!host_.load_mask)
          throw Failure(ErrorCode::bad_argument, _("Masks cannot be used here."), _("Choose “Everywhere”."));
        pictures.push_back({format_text("mask-%zu", i), host_.load_mask(row.mask).take()});
      }
      i++;
    }
    return pictures;
  });
}

void StylePictures::add(const std::string& reference, double weight, const std::string& mask) {
  Row& row = rows_.emplace_back();
  row.reference = reference;
  row.title = title_of(reference, host_.pictures);
  row.mask = mask;
  build(row);
  gtk_adjustment_set_value(row.weight, weight);
  load(row, true);
  show_state();
}

void StylePictures::load(Row& row, bool tell) {
  auto pixels = guarded([&] { return host_.load_picture(row.reference).take(); });
  if (!pixels) {
    gtk_image_set_from_icon_name(row.thumbnail, "image-missing", GTK_ICON_SIZE_DND);
    if (tell && on_error) on_error(pixels.error());
    return;
  }
  row.pixels = pixels.take();
  const SrgbView view = row.pixels.view();
  const int scale = gtk_widget_get_scale_factor(box_);
  const Surface small = reduced_surface(
      view, fitted_size({view.width, view.height}, {thumbnail_side * scale, thumbnail_side * scale}));
  if (!small) return;
  cairo_surface_set_device_scale(small.get(), scale, scale);
  gtk_image_set_from_surface(row.thumbnail, small.get());
}

void StylePictures::build(Row& row) {
  GtkWidget* thumbnail = gtk_image_new_from_icon_name("image-loading", GTK_ICON_SIZE_DND);
  row.thumbnail = GTK_IMAGE(thumbnail);
  gtk_widget_set_size_request(thumbnail, int(thumbnail_side), int(thumbnail_side));

  GtkWidget* title = gtk_label_new(row.title.c_str());
  gtk_label_set_xalign(GTK_LABEL(title), 0);
  gtk_label_set_ellipsize(GTK_LABEL(title), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_tooltip_text(title, row.reference.c_str());

  row.weight = gtk_adjustment_new(1, 0.01, 1000, 0.1, 1, 0);
  row.weight_entry = gtk_spin_button_new(row.weight, 0.1, 2);
  gtk_entry_set_width_chars(GTK_ENTRY(row.weight_entry), 5);
  const char* share_help = _("This picture's share of the style, compared with the others'");
  gtk_widget_set_tooltip_text(row.weight_entry, share_help);
  name_for_readers(row.weight_entry, format_text(_("Share of %s"), row.title.c_str()).c_str(), share_help);
  on<void(GtkAdjustment*)>(row.weight, "value-changed", [this](GtkAdjustment*) { changed(); });

  row.masks = GTK_COMBO_BOX(gtk_combo_box_text_new());
  const char* mask_help = _("Where this style shows");
  gtk_widget_set_tooltip_text(GTK_WIDGET(row.masks), mask_help);
  name_for_readers(GTK_WIDGET(row.masks), format_text(_("Mask of %s"), row.title.c_str()).c_str(), mask_help);
  g_autoptr(GList) cells = gtk_cell_layout_get_cells(GTK_CELL_LAYOUT(row.masks));
  for (GList* cell = cells; cell; cell = cell->next)  // a long name of a mask must not widen the window
    g_object_set(cell->data, "ellipsize", PANGO_ELLIPSIZE_END, "width-chars", 10, nullptr);
  fill_masks(row);
  on<void(GtkComboBox*)>(row.masks, "changed", [this, &row](GtkComboBox*) { mask_chosen(row); });

  GtkWidget* out = icon_button("list-remove", format_text(_("Remove %s"), row.title.c_str()).c_str());
  gtk_button_set_relief(GTK_BUTTON(out), GTK_RELIEF_NONE);
  gtk_widget_set_valign(out, GTK_ALIGN_CENTER);
  on<void(GtkButton*)>(out, "clicked", [this, &row](GtkButton*) {
    remove(row);
    changed();
  });

  GtkWidget* settings = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(settings), row.weight_entry, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(settings), GTK_WIDGET(row.masks), TRUE, TRUE, 0);
  GtkWidget* middle = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
  gtk_widget_set_valign(middle, GTK_ALIGN_CENTER);
  gtk_box_pack_start(GTK_BOX(middle), title, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(middle), settings, FALSE, FALSE, 0);
  GtkWidget* all = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_container_set_border_width(GTK_CONTAINER(all), 6);
  gtk_box_pack_start(GTK_BOX(all), thumbnail, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(all), middle, TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(all), out, FALSE, FALSE, 0);

  row.widget = gtk_list_box_row_new();
  gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row.widget), FALSE);
  gtk_widget_set_can_focus(row.widget, FALSE);  // what is in it has the focus
  name_for_readers(row.widget, row.title.c_str());
  gtk_container_add(GTK_CONTAINER(row.widget), all);
  gtk_widget_show_all(row.widget);
  gtk_widget_set_no_show_all(row.widget, TRUE);  // what is hidden in it stays hidden when the window is shown
  gtk_widget_set_visible(GTK_WIDGET(row.masks), bool(host_.load_mask));
  gtk_container_add(GTK_CONTAINER(list_), row.widget);
}

void StylePictures::fill_masks(Row& row) {
  GtkComboBoxText* combo = GTK_COMBO_BOX_TEXT(row.masks);
  const bool before = std::exchange(showing_, true);
  gtk_combo_box_text_remove_all(combo);
  gtk_combo_box_text_append(combo, "", _("Everywhere"));
  bool known = row.mask.empty();
  for (const OpenPicture& mask : host_.masks) {
    gtk_combo_box_text_append(combo, mask.reference.c_str(), mask.title.c_str());
    known |= mask.reference == row.mask;
  }
  if (!known) gtk_combo_box_text_append(combo, row.mask.c_str(), title_of(row.mask, host_.masks).c_str());
  gtk_combo_box_text_append(combo, ask_for_a_file, _("From a file…"));
  gtk_combo_box_set_active_id(row.masks, row.mask.c_str());
  showing_ = before;
}

void StylePictures::mask_chosen(Row& row) {
  const char* id = gtk_combo_box_get_active_id(row.masks);
  if (showing_ || !id) return;
  if (std::string(id) == ask_for_a_file) {
    fill_masks(row);  // as it was, until a file is chosen
    ask_for_mask(row);
    return;
  }
  row.mask = id;
  changed();
}

void StylePictures::remove(Row& row) {
  gtk_widget_destroy(row.widget);
  rows_.remove_if([&](const Row& one) { return &one == &row; });
  show_state();
}

void StylePictures::changed() {
  if (!showing_ && on_changed) on_changed();
}

/// One picture alone has all of the style, whatever its share is called.
void StylePictures::show_state() {
  for (const Row& row : rows_) gtk_widget_set_visible(row.weight_entry, rows_.size() > 1);
}

}  // namespace pinxit
