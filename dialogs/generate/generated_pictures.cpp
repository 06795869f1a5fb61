// SPDX-License-Identifier: Apache-2.0
#include "dialogs/generate/generated_pictures.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr int thumbnail_side = 92;
constexpr int64_t view_side = 2048;  // small pictures are shown enlarged, up to here

/// The whole picture in a square, enlarged where it is small.
Surface thumbnail(const SrgbView& picture, int scale) {
  const int side = thumbnail_side * scale;
  const Size size{picture.width, picture.height}, fitted = fitted_size(size, {side, side});
  const Surface from =
      fitted == size ? surface_of(picture, {0, 0, size.width, size.height}) : reduced_surface(picture, fitted);
  Surface square(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, side, side));
  cairo_t* cairo = cairo_create(square.get());
  const double factor = double(side) / double(std::max(fitted.width, fitted.height));
  cairo_translate(cairo, (side - factor * double(fitted.width)) / 2, (side - factor * double(fitted.height)) / 2);
  cairo_scale(cairo, factor, factor);
  cairo_set_source_surface(cairo, from.get(), 0, 0);
  cairo_pattern_set_extend(cairo_get_source(cairo), CAIRO_EXTEND_PAD);
  cairo_rectangle(cairo, 0, 0, double(fitted.width), double(fitted.height));
  cairo_fill(cairo);
  cairo_destroy(cairo);
  cairo_surface_set_device_scale(square.get(), scale, scale);
  return square;
}

/// "Seed 102", "Seed 100, 25 %".
std::string title_of(const GeneratedPicture& one) {
  if (one.request.vary == "no") return format_text(_("Seed %lld"), (long long)one.made.seed);
  return format_text(_("Seed %lld, %d %%"), (long long)one.made.seed, int(100 * one.made.share + 0.5));
}

std::string size_of(const SrgbPicture& picture) {
  return format_text("%lld × %lld", (long long)picture.width, (long long)picture.height);
}

std::string part_title(const GeneratedPart& part) {
  const std::string size = size_of(*part.picture);
  if (part.made.role == "attention") return format_text(_("Map of “%s”, %s"), part.made.word.c_str(), size.c_str());
  if (part.made.role == "strip") return format_text(_("Best words: %s"), part.made.word.c_str());
  return format_text(_("Smaller: %s"), size.c_str());
}

bool known_part(const std::string& role) { return role == "smaller" || role == "attention" || role == "strip"; }

GtkWidget* button(const char* mnemonic, const char* name, const char* help) {
  GtkWidget* made = gtk_button_new_with_mnemonic(mnemonic);
  gtk_widget_set_tooltip_text(made, help);
  name_for_readers(made, name, help);
  return made;
}

}  // namespace

GeneratedPictures::GeneratedPictures()
    : column_(gtk_paned_new(GTK_ORIENTATION_VERTICAL)), pages_(GTK_STACK(gtk_stack_new())), view_({1, 1}) {
  GtkWidget* frame = gtk_frame_new(nullptr);
  gtk_frame_set_shadow_type(GTK_FRAME(frame), GTK_SHADOW_IN);
  GtkWidget* none = quiet_page(_("Type what you want to see, and press Generate.\n"
                                 "The pictures appear here as they are made; click those you want to keep."));
  gtk_stack_add_named(pages_, none, "none");
  gtk_widget_show(view_.widget());  // a stack turns up no page that is hidden
  gtk_stack_add_named(pages_, view_.widget(), "some");
  gtk_container_add(GTK_CONTAINER(frame), GTK_WIDGET(pages_));
  GtkWidget* upper = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_margin_bottom(upper, 4);
  gtk_box_pack_start(GTK_BOX(upper), frame, TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(upper), view_row(), FALSE, FALSE, 0);
  gtk_paned_pack1(GTK_PANED(column_), upper, TRUE, FALSE);
  gtk_paned_pack2(GTK_PANED(column_), thumbnails(), FALSE, FALSE);
  show_chosen();
}

GtkWidget* GeneratedPictures::view_row() {
  caption_ = GTK_LABEL(quiet_label(nullptr));
  gtk_label_set_xalign(caption_, 0);
  gtk_label_set_ellipsize(caption_, PANGO_ELLIPSIZE_END);
  part_ = GTK_COMBO_BOX(gtk_combo_box_text_new());
  const char* part_help = _("The picture itself, or something that belongs to it");
  gtk_widget_set_tooltip_text(GTK_WIDGET(part_), part_help);
  name_for_readers(GTK_WIDGET(part_), _("What is shown"), part_help);
  gtk_widget_set_no_show_all(GTK_WIDGET(part_), TRUE);
  keep_ = GTK_TOGGLE_BUTTON(gtk_check_button_new_with_mnemonic(_("Keep as _layer")));
  const char* keep_help = _("This picture becomes a layer. Clicking its thumbnail does the same.");
  gtk_widget_set_tooltip_text(GTK_WIDGET(keep_), keep_help);
  name_for_readers(GTK_WIDGET(keep_), _("Keep as layer"), keep_help);
  vary_ = button(_("Vary from t_his"), _("Vary from this"),
                 _("More pictures, leading from this one to that of another seed by chance. "
                   "It has to be of one seed alone."));
  again_ = button(_("Agai_n"), _("Again"), _("As many pictures again, with the next seeds. Those you picked stay."));
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_box_pack_start(GTK_BOX(row), GTK_WIDGET(keep_), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(row), GTK_WIDGET(part_), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(row), GTK_WIDGET(caption_), TRUE, TRUE, 0);
  gtk_box_pack_end(GTK_BOX(row), again_, FALSE, FALSE, 0);
  gtk_box_pack_end(GTK_BOX(row), vary_, FALSE, FALSE, 0);

  on<void(GtkToggleButton*)>(keep_, "toggled", [this](GtkToggleButton* toggle) {
    if (Item* item = chosen(); item && !setting_) pick(*item, gtk_toggle_button_get_active(toggle));
  });
  on<void(GtkComboBox*)>(part_, "changed", [this](GtkComboBox*) {
    if (!setting_) show_part();
  });
  on<void(GtkButton*)>(again_, "clicked", [this](GtkButton*) {
    if (on_again) on_again();
  });
  on<void(GtkButton*)>(vary_, "clicked", [this](GtkButton*) {
    const Item* item = chosen();
    if (item && on_vary) on_vary(GeneratedPicture(item->picture));
  });
  return row;
}

GtkWidget* GeneratedPictures::thumbnails() {
  flow_ = GTK_FLOW_BOX(gtk_flow_box_new());
  gtk_flow_box_set_selection_mode(flow_, GTK_SELECTION_BROWSE);
  gtk_flow_box_set_activate_on_single_click(flow_, TRUE);
  gtk_flow_box_set_max_children_per_line(flow_, GenerateRequest::largest_count);
  gtk_flow_box_set_homogeneous(flow_, TRUE);
  gtk_widget_set_valign(GTK_WIDGET(flow_), GTK_ALIGN_START);
  gtk_widget_set_halign(GTK_WIDGET(flow_), GTK_ALIGN_START);
  gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(flow_)), "pinxit-gallery");
  name_for_readers(GTK_WIDGET(flow_), _("Pictures made"), _("Click those to be kept; or the space bar"));
  on<void(GtkFlowBox*)>(flow_, "selected-children-changed", [this](GtkFlowBox*) {
    if (!setting_) show_chosen();
  });
  on<void(GtkFlowBox*, GtkFlowBoxChild*)>(flow_, "child-activated", [this](GtkFlowBox*, GtkFlowBoxChild* child) {
    if (Item* item = item_of(child)) pick(*item, !item->picked);
  });
  // Return would press the window's default button.
  on<gboolean(GtkWidget*, GdkEventKey*)>(flow_, "key-press-event", [this](GtkWidget*, GdkEventKey* event) -> gboolean {
    Item* item = chosen();
    if ((event->keyval != GDK_KEY_Return && event->keyval != GDK_KEY_KP_Enter) || !item) return FALSE;
    pick(*item, !item->picked);
    return TRUE;
  });

  GtkWidget* scrolled = gtk_scrolled_window_new(nullptr, nullptr);
  gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request(scrolled, -1, thumbnail_side + 60);
  gtk_container_add(GTK_CONTAINER(scrolled), GTK_WIDGET(flow_));
  return scrolled;
}

void GeneratedPictures::begin(const GenerateRequest& request) {
  forget([](const Item& item) { return !item.picked; });
  request_ = request;
  run_++;
  running_ = true;
  offer();
}

void GeneratedPictures::hear(const Event& event) {
  if (event.kind != Event::Kind::picture || !event.made || !event.picture) return;
  if (event.made->role == "picture") {
    add({*event.made, event.picture, {}, request_, {}});
    return;
  }
  if (!known_part(event.made->role)) return;
  for (const auto& item : items_)
    if (item->run == run_ && item->picture.made.index == event.made->index) {
      item->picture.parts.push_back({*event.made, event.picture});
      if (item.get() == chosen()) fill_parts(item->picture);
    }
}

void GeneratedPictures::add(GeneratedPicture picture) {
  auto item = std::make_unique<Item>();
  const int scale = gtk_widget_get_scale_factor(GTK_WIDGET(flow_));
  const std::string title = title_of(picture);
  GtkWidget* image = gtk_image_new_from_surface(thumbnail(picture.picture->view(), scale).get());
  item->mark = gtk_label_new("✓");
  gtk_style_context_add_class(gtk_widget_get_style_context(item->mark), "pinxit-picked");
  gtk_widget_set_halign(item->mark, GTK_ALIGN_END);
  gtk_widget_set_valign(item->mark, GTK_ALIGN_START);
  gtk_widget_set_no_show_all(item->mark, TRUE);
  GtkWidget* overlay = gtk_overlay_new();
  gtk_container_add(GTK_CONTAINER(overlay), image);
  gtk_overlay_add_overlay(GTK_OVERLAY(overlay), item->mark);
  GtkWidget* label = gtk_label_new(title.c_str());
  gtk_style_context_add_class(gtk_widget_get_style_context(label), "pinxit-title");
  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 3);
  gtk_box_pack_start(GTK_BOX(column), overlay, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column), label, FALSE, FALSE, 0);
  item->child = gtk_flow_box_child_new();
  gtk_container_add(GTK_CONTAINER(item->child), column);
  item->picture = std::move(picture);
  item->run = run_;
  Item& added = *item;
  items_.push_back(std::move(item));
  gtk_widget_show_all(added.child);
  gtk_flow_box_insert(flow_, added.child, -1);
  pick(added, request_.count == 1);
  if (made() == 1) choose(added.child);  // the first of a run; later ones do not disturb who looks at another
  scroll_to(added.child);
}

void GeneratedPictures::end(const std::string& facts) {
  for (const auto& item : items_)
    if (item->run == run_) item->picture.facts = facts;
  running_ = false;
  offer();
}

void GeneratedPictures::forget(const std::function<bool(const Item&)>& gone) {
  setting_ = true;
  for (const auto& item : items_)
    if (gone(*item)) gtk_widget_destroy(item->child);
  setting_ = false;
  std::erase_if(items_, [&](const auto& item) { return gone(*item); });
  show_chosen();
}

int GeneratedPictures::made() const {
  return int(std::ranges::count_if(items_, [this](const auto& item) { return item->run == run_; }));
}

/// The largest is followed by 0.
int GeneratedPictures::next_seed() const {
  const auto after = [](int64_t seed) { return seed >= std::numeric_limits<int>::max() ? 0 : seed + 1; };
  const auto taken = [this](int64_t seed) {
    return std::ranges::any_of(items_, [&](const auto& item) {
      return item->run == run_ && item->picture.made.seed == seed;
    });
  };
  int64_t seed = after(request_.seed);
  while (taken(seed)) seed = after(seed);
  return int(seed);
}

int GeneratedPictures::count_picked() const {
  return int(std::ranges::count_if(items_, [](const auto& item) { return item->picked; }));
}

std::vector<GeneratedPicture> GeneratedPictures::picked() const {
  std::vector<GeneratedPicture> kept;
  for (const auto& item : items_)
    if (item->picked) kept.push_back(item->picture);
  return kept;
}

void GeneratedPictures::take_focus() {
  if (const Item* item = chosen()) gtk_widget_grab_focus(item->child);
}

GeneratedPictures::Item* GeneratedPictures::item_of(GtkFlowBoxChild* child) const {
  for (const auto& item : items_)
    if (item->child == GTK_WIDGET(child)) return item.get();
  return nullptr;
}

GeneratedPictures::Item* GeneratedPictures::chosen() const {
  g_autoptr(GList) selected = gtk_flow_box_get_selected_children(flow_);
  return selected ? item_of(GTK_FLOW_BOX_CHILD(selected->data)) : nullptr;
}

void GeneratedPictures::choose(GtkWidget* child) {
  gtk_flow_box_select_child(flow_, GTK_FLOW_BOX_CHILD(child));
  show_chosen();
}

void GeneratedPictures::show_chosen() {
  const Item* item = chosen();
  gtk_stack_set_visible_child_name(pages_, item ? "some" : "none");
  setting_ = true;
  gtk_toggle_button_set_active(keep_, item && item->picked);
  setting_ = false;
  fill_parts(item ? item->picture : GeneratedPicture());
  offer();
}

/// Also shows the first: the picture itself.
void GeneratedPictures::fill_parts(const GeneratedPicture& picture) {
  setting_ = true;
  const int before = gtk_combo_box_get_active(part_);
  gtk_combo_box_text_remove_all(GTK_COMBO_BOX_TEXT(part_));
  gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(part_), _("The picture"));
  for (const GeneratedPart& part : picture.parts)
    gtk_combo_box_text_append_text(GTK_COMBO_BOX_TEXT(part_), part_title(part).c_str());
  gtk_combo_box_set_active(part_, before > 0 && before <= int(picture.parts.size()) ? before : 0);
  gtk_widget_set_visible(GTK_WIDGET(part_), !picture.parts.empty());
  setting_ = false;
  show_part();
}

void GeneratedPictures::show_part() {
  const Item* item = chosen();
  if (!item) {
    gtk_label_set_text(caption_, "");
    return;
  }
  const int row = std::max(0, gtk_combo_box_get_active(part_));
  const bool whole = row == 0 || row > int(item->picture.parts.size());
  const SrgbPicture& shown = whole ? *item->picture.picture : *item->picture.parts[size_t(row - 1)].picture;
  const std::string name = whole ? title_of(item->picture) : part_title(item->picture.parts[size_t(row - 1)]);
  const double enlarged =
      std::max(1.0, double(view_side) / double(std::max<int64_t>(1, std::max(shown.width, shown.height))));
  view_.set_place({int64_t(double(shown.width) * enlarged), int64_t(double(shown.height) * enlarged)});
  view_.show(shown.view(), name);
  gtk_label_set_text(caption_, whole ? format_text("%s, %s", name.c_str(), size_of(shown).c_str()).c_str() : "");
}

void GeneratedPictures::pick(Item& item, bool picked) {
  item.picked = picked;
  gtk_widget_set_visible(item.mark, picked);
  name_for_readers(item.child, title_of(item.picture).c_str(), picked ? _("To be kept") : _("Not to be kept"));
  if (&item == chosen()) {
    setting_ = true;
    gtk_toggle_button_set_active(keep_, picked);
    setting_ = false;
  }
  if (on_picked) on_picked();
}

void GeneratedPictures::offer() {
  const Item* item = chosen();
  const bool some = item != nullptr;
  gtk_widget_set_sensitive(GTK_WIDGET(keep_), some);
  gtk_widget_set_sensitive(GTK_WIDGET(part_), some);
  const bool has_seed = some && item->picture.made.share == 0;  // one on the way to another end has none of its own
  gtk_widget_set_sensitive(vary_, has_seed && !running_);
  gtk_widget_set_sensitive(again_, !items_.empty() && run_ > 0 && !running_);
}

}  // namespace pinxit
