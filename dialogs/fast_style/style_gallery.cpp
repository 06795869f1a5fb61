// SPDX-License-Identifier: Apache-2.0
#include "dialogs/fast_style/style_gallery.h"

#include <algorithm>

#include "dialogs/shared/model_thumbnail.h"
#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr int thumbnail_side = 96;

GtkWidget* child_of(const Tile& tile, int scale) {
  GtkWidget* title = gtk_label_new(tile.title.c_str());
  gtk_label_set_ellipsize(GTK_LABEL(title), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars(GTK_LABEL(title), 12);
  gtk_style_context_add_class(gtk_widget_get_style_context(title), "pinxit-title");

  const Surface thumbnail = model_thumbnail(tile.thumbnail, tile.title, thumbnail_side, scale);
  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
  gtk_box_pack_start(GTK_BOX(column), gtk_image_new_from_surface(thumbnail.get()), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column), title, FALSE, FALSE, 0);

  GtkWidget* child = gtk_flow_box_child_new();
  gtk_container_add(GTK_CONTAINER(child), column);
  gtk_widget_set_valign(child, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text(child, (tile.title + (tile.description.empty() ? "" : "\n" + tile.description)).c_str());
  name_for_readers(child, tile.title.c_str(), tile.description.c_str());
  gtk_widget_show_all(child);
  return child;
}

GtkWidget* centred_text(const char* text) {
  GtkWidget* label = gtk_label_new(text);
  gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
  gtk_label_set_line_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify(GTK_LABEL(label), GTK_JUSTIFY_CENTER);
  gtk_label_set_selectable(GTK_LABEL(label), TRUE);
  gtk_label_set_max_width_chars(GTK_LABEL(label), 36);
  gtk_widget_set_margin_start(label, 18);
  gtk_widget_set_margin_end(label, 18);
  return label;
}

std::string how_to_add_styles() {
  g_autofree char* own = g_build_filename(g_get_user_data_dir(), "pinxit", "models", nullptr);
  const char* data = g_getenv("PINXIT_DATA_DIR_USER");
  const std::string folder = data && *data ? std::string(data) + "/models" : own;
  return format_text(_("Or put the folder of a style (its model.json and its weights) into\n%s\nor choose “Open weights "
                       "file…” above."),
                     folder.c_str());
}

}  // namespace

StyleGallery::StyleGallery()
    : box_(gtk_box_new(GTK_ORIENTATION_VERTICAL, 6)),
      search_(GTK_ENTRY(gtk_search_entry_new())),
      flow_(GTK_FLOW_BOX(gtk_flow_box_new())),
      pages_(GTK_STACK(gtk_stack_new())),
      about_(GTK_LABEL(gtk_label_new(nullptr))) {
  gtk_entry_set_placeholder_text(search_, _("Search styles"));
  gtk_entry_set_width_chars(search_, 12);
  name_for_readers(GTK_WIDGET(search_), _("Search styles"));

  gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(flow_)), "pinxit-gallery");
  gtk_flow_box_set_selection_mode(flow_, GTK_SELECTION_SINGLE);
  gtk_flow_box_set_activate_on_single_click(flow_, FALSE);
  gtk_flow_box_set_homogeneous(flow_, TRUE);
  gtk_flow_box_set_min_children_per_line(flow_, 3);
  gtk_flow_box_set_max_children_per_line(flow_, 8);
  gtk_widget_set_valign(GTK_WIDGET(flow_), GTK_ALIGN_START);
  name_for_readers(GTK_WIDGET(flow_), _("Styles"));

  GtkWidget* scrolled = gtk_scrolled_window_new(nullptr, nullptr);
  gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scrolled), GTK_SHADOW_IN);
  gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scrolled), 150);
  gtk_container_add(GTK_CONTAINER(scrolled), GTK_WIDGET(flow_));

  gtk_stack_add_named(pages_, scrolled, "styles");
  gtk_stack_add_named(pages_, centred_text(_("No style fits the search.")), "none-fits");
  gtk_stack_add_named(pages_, no_styles_page(), "no-styles");

  gtk_widget_show_all(GTK_WIDGET(pages_));  // a stack turns only to pages that are shown

  gtk_label_set_line_wrap(about_, TRUE);
  gtk_label_set_xalign(about_, 0);
  gtk_label_set_yalign(about_, 0);
  gtk_label_set_lines(about_, 2);  // a paragraph
  gtk_label_set_ellipsize(about_, PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars(about_, 40);
  gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(about_)), "pinxit-quiet");

  GtkWidget* open = gtk_button_new_with_mnemonic(_("Open weights _file…"));
  gtk_widget_set_tooltip_text(open, _("Paint with a TransformerNet or slim net kept in a file of your own"));
  GtkWidget* models = icon_button("folder-download-symbolic", _("Models"));
  gtk_widget_set_tooltip_text(models, _("Install, import or remove styles"));
  on<void(GtkButton*)>(models, "clicked", [this](GtkButton*) {
    if (on_models) on_models();
  });
  GtkWidget* above = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(above), GTK_WIDGET(search_), TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(above), open, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(above), models, FALSE, FALSE, 0);

  gtk_box_pack_start(GTK_BOX(box_), above, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(box_), GTK_WIDGET(pages_), TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(box_), GTK_WIDGET(about_), FALSE, FALSE, 0);

  gtk_flow_box_set_filter_func(
      flow_,
      [](GtkFlowBoxChild* child, gpointer self) -> gboolean {
        auto* gallery = static_cast<StyleGallery*>(self);
        const auto index = size_t(gtk_flow_box_child_get_index(child));
        return index >= gallery->tiles_.size() ||
               tile_fits(gallery->tiles_[index], gtk_entry_get_text(gallery->search_));
      },
      this, nullptr);
  connect_search(search_, {.change =
                               [this] {
                                 gtk_flow_box_invalidate_filter(flow_);
                                 show_page();
                               },
                           .enter = [this] { take_focus(); },
                           .leave = [this] { g_signal_emit_by_name(gtk_widget_get_toplevel(box_), "close"); }});
  on<void(GtkFlowBox*)>(flow_, "selected-children-changed", [this](GtkFlowBox*) {
    tell_about_chosen();
    if (on_chosen) on_chosen();
  });
  on<void(GtkFlowBox*, GtkFlowBoxChild*)>(flow_, "child-activated", [this](GtkFlowBox*, GtkFlowBoxChild*) {
    if (on_activated) on_activated();
  });
  on<void(GtkButton*)>(open, "clicked", [this](GtkButton*) { open_weights_file(); });
}

/// What to do where there are no styles at all.
GtkWidget* StyleGallery::no_styles_page() {
  GtkWidget* title = centred_text(nullptr);
  g_autofree char* bold = g_markup_printf_escaped("<b>%s</b>", _("There are no styles yet."));
  gtk_label_set_markup(GTK_LABEL(title), bold);
  GtkWidget* get = gtk_button_new_with_label(_("Install or import styles…"));
  gtk_style_context_add_class(gtk_widget_get_style_context(get), "suggested-action");
  gtk_widget_set_halign(get, GTK_ALIGN_CENTER);
  on<void(GtkButton*)>(get, "clicked", [this](GtkButton*) {
    if (on_models) on_models();
  });
  GtkWidget* by_hand = centred_text(how_to_add_styles().c_str());
  gtk_style_context_add_class(gtk_widget_get_style_context(by_hand), "pinxit-quiet");
  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
  gtk_widget_set_valign(column, GTK_ALIGN_CENTER);
  for (GtkWidget* widget : {title, get, by_hand}) gtk_box_pack_start(GTK_BOX(column), widget, FALSE, FALSE, 0);
  return column;
}

void StyleGallery::fill(const Catalogue& catalogue) {
  gtk_flow_box_unselect_all(flow_);
  std::vector<Tile> own;
  for (Tile& tile : tiles_)
    if (tile.styles.size() != 1 || g_path_is_absolute(tile.styles[0].style.c_str())) own.push_back(std::move(tile));
  tiles_.clear();
  gtk_container_foreach(GTK_CONTAINER(flow_), [](GtkWidget* child, gpointer) { gtk_widget_destroy(child); }, nullptr);
  for (const ModelEntry& entry : catalogue.entries())
    if (entry.operation == FastStyleRequest::operation) add(tile_of(entry), false);
  for (auto tile = own.rbegin(); tile != own.rend(); ++tile) add(std::move(*tile), true);
  show_page();
}

void StyleGallery::add(Tile tile, bool first) {
  gtk_flow_box_insert(flow_, child_of(tile, gtk_widget_get_scale_factor(box_)), first ? 0 : -1);
  tiles_.insert(first ? tiles_.begin() : tiles_.end(), std::move(tile));
}

std::vector<WeightedStyle> StyleGallery::chosen() const {
  GtkFlowBoxChild* child = chosen_child();
  return child ? tiles_[size_t(gtk_flow_box_child_get_index(child))].styles : std::vector<WeightedStyle>{};
}

void StyleGallery::choose(const std::vector<WeightedStyle>& styles) {
  if (styles.empty()) return;
  const auto known = std::find_if(tiles_.begin(), tiles_.end(), [&](const Tile& t) { return t.styles == styles; });
  int index = int(known - tiles_.begin());
  if (known == tiles_.end()) {
    add(tile_of_styles(styles), true);
    index = 0;
  }
  if (GtkFlowBoxChild* child = gtk_flow_box_get_child_at_index(flow_, index))
    gtk_flow_box_select_child(flow_, child);
  show_page();
}

void StyleGallery::take_focus() {
  GtkFlowBoxChild* child = chosen_child();
  if (!child) child = gtk_flow_box_get_child_at_index(flow_, 0);
  gtk_widget_grab_focus(child ? GTK_WIDGET(child) : GTK_WIDGET(search_));
}

void StyleGallery::show_page() {
  const char* text = gtk_entry_get_text(search_);
  const bool some = std::any_of(tiles_.begin(), tiles_.end(), [&](const Tile& tile) { return tile_fits(tile, text); });
  gtk_stack_set_visible_child_name(pages_, tiles_.empty() ? "no-styles" : some ? "styles" : "none-fits");
}

void StyleGallery::tell_about_chosen() {
  GtkFlowBoxChild* child = chosen_child();
  const std::string text = child ? tiles_[size_t(gtk_flow_box_child_get_index(child))].description : "";
  gtk_label_set_text(about_, text.c_str());
  gtk_widget_set_tooltip_text(GTK_WIDGET(about_), text.c_str());
}

GtkFlowBoxChild* StyleGallery::chosen_child() const {
  g_autoptr(GList) children = gtk_flow_box_get_selected_children(flow_);
  return children ? GTK_FLOW_BOX_CHILD(children->data) : nullptr;
}

void StyleGallery::open_weights_file() {
  GtkWindow* parent = GTK_WINDOW(gtk_widget_get_toplevel(box_));
  ask_for_file({parent, _("Open a weights file"), GTK_FILE_CHOOSER_ACTION_OPEN, _("Weights (*.safetensors)"),
                "*.safetensors"},
               [this, letters = mailbox_.sender()](const std::string& path) {
                 letters.post([this, path] { choose({{path, 1}}); });
               });
}

}  // namespace pinxit
