// SPDX-License-Identifier: Apache-2.0
#include "dialogs/generate/generate_settings.h"

#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include <algorithm>
#include <utility>

#include "dialogs/painting/argument_widgets.h"
#include "dialogs/shared/device_names.h"
#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

using A = Argument<GenerateRequest>;

GtkWidget* explained(GtkWidget* widget, const char* argument, const char* name) {
  return pinxit::explained<GenerateRequest>(widget, argument, name);
}

std::string file_name(const std::string& path) {
  g_autofree char* name = g_path_get_basename(path.c_str());
  return name;
}

/// Also when the whole window is shown.
void show_only_if(GtkWidget* widget, bool shown) {
  gtk_widget_set_no_show_all(widget, FALSE);
  gtk_widget_show_all(widget);
  gtk_widget_set_visible(widget, shown);
  gtk_widget_set_no_show_all(widget, TRUE);
}

}  // namespace

GenerateSettings::GenerateSettings(const GenerateDialogHost& host)
    : fits_(host.fits),
      fit_width_(host.fit_width),
      fit_height_(host.fit_height),
      column_(gtk_box_new(GTK_ORIENTATION_VERTICAL, 6)),
      grid_(argument_grid()) {
  build_grid();
  gtk_box_pack_start(GTK_BOX(column_), GTK_WIDGET(grid_), FALSE, FALSE, 0);
  keep_prompt_ = toggle(_("_Keep the prompt with the layer"), "keep-prompt", _("Keep the prompt with the layer"));
  gtk_box_pack_start(GTK_BOX(column_), GTK_WIDGET(keep_prompt_), FALSE, FALSE, 0);
  offer({});
}

void GenerateSettings::build_grid() {
  int row = 0;
  attach_labelled(grid_, row++, _("M_odel"), model_row());
  about_model_ = quiet_paragraph();
  gtk_grid_attach(grid_, GTK_WIDGET(about_model_), 0, row++, 2, 1);

  const auto& range = std::get<A::Integer>(declared<GenerateRequest>("count").value);
  count_ = gtk_adjustment_new(5, range.minimum, range.maximum, 1, 4, 0);
  GtkWidget* count = explained(gimp_spin_scale_new(count_, _("Pict_ures"), 0), "count", _("Pictures"));
  gtk_entry_set_activates_default(GTK_ENTRY(count), TRUE);
  gtk_widget_set_hexpand(count, TRUE);
  gtk_grid_attach(grid_, count, 0, row++, 2, 1);
  attach_labelled(grid_, row++, _("_Seed"), seed_row(seed_, "seed", _("Seed")));
  attach_labelled(grid_, row++, _("Si_ze"), size_row());
  if (fits_ != GenerateDialogHost::Fits::nothing) {
    const std::string title = format_text(fits_ == GenerateDialogHost::Fits::selection
                                              ? _("Scale to _fit the selection (%lld × %lld)")
                                              : _("Scale to _fit the image (%lld × %lld)"),
                                          (long long)fit_width_, (long long)fit_height_);
    fit_ = toggle(title.c_str(), "fit", _("Scale to fit"));
    gtk_grid_attach(grid_, GTK_WIDGET(fit_), 0, row++, 2, 1);
  }
  gtk_grid_attach(grid_, parts(), 0, row++, 2, 1);

  vary_ = choice<GenerateRequest>("vary", _("Vary"));
  add_choice(vary_, "no", _("No"));
  add_choice(vary_, "noise", _("From this seed to another"));
  add_choice(vary_, "text", _("From this prompt to another"));
  attach_labelled(grid_, row++, _("_Vary"), GTK_WIDGET(vary_));
  vary_seed_row_ = seed_row(vary_seed_, "vary-seed", _("Other seed"));
  gtk_grid_attach(grid_, vary_seed_row_, 1, row++, 1, 1);
  vary_prompt_ = GTK_ENTRY(explained(gtk_entry_new(), "vary-prompt", _("Other prompt")));
  gtk_entry_set_placeholder_text(vary_prompt_, _("The other prompt"));
  gtk_entry_set_activates_default(vary_prompt_, TRUE);
  gtk_grid_attach(grid_, GTK_WIDGET(vary_prompt_), 1, row++, 1, 1);
  device_ = choice<GenerateRequest>("device", _("Device"));
  for (const char* id : {"auto", "cpu"}) add_choice(device_, id, device_title(id));
  attach_labelled(grid_, row++, _("_Device"), GTK_WIDGET(device_));

  on<void(GtkAdjustment*)>(count_, "value-changed", [this](GtkAdjustment*) { changed(); });
  on<void(GtkComboBox*)>(vary_, "changed", [this](GtkComboBox*) {
    vary_changed();
    changed();
  });
  on<void(GtkEditable*)>(vary_prompt_, "changed", [this](GtkEditable*) {
    gtk_entry_set_icon_from_icon_name(vary_prompt_, GTK_ENTRY_ICON_SECONDARY, nullptr);
    changed();
  });
  on<void(GtkComboBox*)>(device_, "changed", [this](GtkComboBox*) { changed(); });
}

GtkWidget* GenerateSettings::model_row() {
  model_ = choice<GenerateRequest>("model", _("Model"));
  // A title may be long: the list is as wide as it needs, the button is not.
  g_autoptr(GList) cells = gtk_cell_layout_get_cells(GTK_CELL_LAYOUT(model_));
  if (cells) g_object_set(cells->data, "ellipsize", PANGO_ELLIPSIZE_END, "width-chars", 18, nullptr);
  GtkWidget* install = gtk_button_new_with_label(_("Models…"));
  gtk_style_context_add_class(gtk_widget_get_style_context(install), "pinxit-small-button");
  gtk_widget_set_tooltip_text(install, _("Opens the Models window, where models can be installed and imported"));
  name_for_readers(install, _("Install models…"));
  on<void(GtkButton*)>(install, "clicked", [this](GtkButton*) {
    if (on_models) on_models();
  });
  on<void(GtkComboBox*)>(model_, "changed", [this](GtkComboBox*) {
    painting_title_.clear();
    tell_about_model();
    changed();
    if (!showing_ && on_model) on_model();
  });
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(row), GTK_WIDGET(model_), TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(row), install, FALSE, FALSE, 0);
  return row;
}

GtkWidget* GenerateSettings::size_row() {
  const auto& range = std::get<A::Integer>(declared<GenerateRequest>("size").value);
  size_ = GTK_SPIN_BUTTON(
      explained(gtk_spin_button_new_with_range(range.minimum, range.maximum, 64), "size", _("Size")));
  gtk_entry_set_width_chars(GTK_ENTRY(size_), 5);
  gtk_entry_set_activates_default(GTK_ENTRY(size_), TRUE);
  on<void(GtkSpinButton*)>(size_, "value-changed", [this](GtkSpinButton*) { changed(); });
  about_size_ = GTK_LABEL(quiet_label(nullptr));
  gtk_label_set_ellipsize(about_size_, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign(about_size_, 0);
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(row), GTK_WIDGET(size_), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(row), GTK_WIDGET(about_size_), TRUE, TRUE, 0);
  return row;
}

GtkWidget* GenerateSettings::seed_row(GtkAdjustment*& seed, const char* argument, const char* name) {
  const auto& range = std::get<A::Integer>(declared<GenerateRequest>(argument).value);
  seed = gtk_adjustment_new(100, range.minimum, range.maximum, 1, 10, 0);
  GtkWidget* spin = explained(gtk_spin_button_new(seed, 1, 0), argument, name);
  gtk_entry_set_activates_default(GTK_ENTRY(spin), TRUE);
  on<void(GtkAdjustment*)>(seed, "value-changed", [this](GtkAdjustment*) { changed(); });
  return with_dice(spin, seed, format_text(_("%s by chance"), name).c_str());
}

/// What comes with each picture.
GtkWidget* GenerateSettings::parts() {
  all_sizes_ = toggle(_("_All sizes"), "all-sizes", _("All sizes"));
  maps_ = toggle(_("A map for each _word"), "maps", _("A map for each word"));
  strip_ = toggle(_("The five _best words"), "strip", _("The five best words"));
  GtkWidget* column = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
  for (GtkToggleButton* one : {all_sizes_, maps_, strip_})
    gtk_box_pack_start(GTK_BOX(column), GTK_WIDGET(one), FALSE, FALSE, 0);
  return column;
}

GtkToggleButton* GenerateSettings::toggle(const char* mnemonic, const char* argument, const char* name) {
  GtkWidget* check = explained(gtk_check_button_new_with_mnemonic(mnemonic), argument, name);
  on<void(GtkToggleButton*)>(check, "toggled", [this](GtkToggleButton*) { changed(); });
  return GTK_TOGGLE_BUTTON(check);
}

void GenerateSettings::set_models(const Catalogue& catalogue) {
  const bool showing = std::exchange(showing_, true);
  const std::string chosen = active_id(model_);
  models_.clear();
  for (const ModelEntry& entry : catalogue.entries())
    if (entry.operation == GenerateRequest::operation) models_.push_back(entry);
  std::ranges::sort(models_, [](const ModelEntry& a, const ModelEntry& b) { return a.title < b.title; });
  gtk_combo_box_text_remove_all(GTK_COMBO_BOX_TEXT(model_));
  add_choice(model_, "auto", _("Automatic"));
  for (const ModelEntry& entry : models_) add_choice(model_, entry.id, entry.title.empty() ? entry.id : entry.title);
  if (g_path_is_absolute(chosen.c_str())) add_choice(model_, chosen, file_name(chosen));
  if (!gtk_combo_box_set_active_id(model_, chosen.c_str())) gtk_combo_box_set_active_id(model_, "auto");
  tell_about_model();
  showing_ = showing;
}

void GenerateSettings::tell_about_model() {
  const std::string id = active_id(model_);
  const auto found = std::ranges::find(models_, id, &ModelEntry::id);
  std::string text;
  if (found != models_.end()) text = found->description;
  else if (g_path_is_absolute(id.c_str())) text = id;
  else if (!painting_title_.empty()) text = format_text(_("Painted with: %s."), painting_title_.c_str());
  else if (models_.empty()) text = _("No model that paints from words is installed.");
  gtk_label_set_text(about_model_, text.c_str());
  show_only_if(GTK_WIDGET(about_model_), !text.empty());
}

void GenerateSettings::offer(const PromptFacts& facts) {
  painting_title_ = facts.model_title;
  tell_about_model();
  show_only_if(GTK_WIDGET(all_sizes_), facts.sides.size() > 1);
  show_only_if(GTK_WIDGET(maps_), facts.attention);
  show_only_if(GTK_WIDGET(strip_), facts.attention);
  const std::string own = facts.sides.empty() ? std::string(_("px (0: the model's own)"))
                                              : format_text(_("px (0: the model's own, %lld)"),
                                                            (long long)facts.sides.back());
  gtk_label_set_text(about_size_, own.c_str());
  gtk_widget_set_tooltip_text(GTK_WIDGET(about_size_),
                              facts.any_size ? own.c_str() : _("Other sizes than its own are scaled."));
}

void GenerateSettings::offer_devices(const std::vector<std::string>& devices) {
  for (const std::string& device : devices) add_choice(device_, device, device_title(device));
}

void GenerateSettings::show(const GenerateRequest& request) {
  showing_ = true;
  if (g_path_is_absolute(request.model.c_str())) add_choice(model_, request.model, file_name(request.model));
  else add_choice(model_, request.model, request.model);  // one that went since is told by the engine
  gtk_combo_box_set_active_id(model_, request.model.c_str());
  gtk_adjustment_set_value(count_, request.count);
  gtk_adjustment_set_value(seed_, request.seed);
  gtk_spin_button_set_value(size_, request.size);
  if (fit_) gtk_toggle_button_set_active(fit_, request.fit);
  gtk_toggle_button_set_active(all_sizes_, request.all_sizes);
  gtk_toggle_button_set_active(maps_, request.maps);
  gtk_toggle_button_set_active(strip_, request.strip);
  gtk_combo_box_set_active_id(vary_, request.vary.c_str());
  gtk_adjustment_set_value(vary_seed_, request.vary_seed);
  gtk_entry_set_text(vary_prompt_, request.vary_prompt.c_str());
  gtk_toggle_button_set_active(keep_prompt_, request.keep_prompt);
  add_choice(device_, request.device, device_title(request.device));
  gtk_combo_box_set_active_id(device_, request.device.c_str());
  tell_about_model();
  vary_changed();
  showing_ = false;
}

void GenerateSettings::read(GenerateRequest& request) const {
  if (const auto id = active_id(model_); !id.empty()) request.model = id;
  request.count = int(gtk_adjustment_get_value(count_) + 0.5);
  request.seed = int(gtk_adjustment_get_value(seed_) + 0.5);
  request.size = gtk_spin_button_get_value_as_int(size_);
  if (fit_) request.fit = gtk_toggle_button_get_active(fit_);
  request.all_sizes = gtk_toggle_button_get_active(all_sizes_);
  request.maps = gtk_toggle_button_get_active(maps_);
  request.strip = gtk_toggle_button_get_active(strip_);
  if (const auto id = active_id(vary_); !id.empty()) request.vary = id;
  request.vary_seed = int(gtk_adjustment_get_value(vary_seed_) + 0.5);
  g_autofree char* other = g_strdup(gtk_entry_get_text(vary_prompt_));
  request.vary_prompt = request.vary == "text" ? g_strstrip(other) : "";
  request.keep_prompt = gtk_toggle_button_get_active(keep_prompt_);
  if (const auto id = active_id(device_); !id.empty()) request.device = id;
}

void GenerateSettings::point_at_other_prompt() {
  gtk_entry_set_icon_from_icon_name(vary_prompt_, GTK_ENTRY_ICON_SECONDARY, "dialog-error");
  gtk_widget_grab_focus(GTK_WIDGET(vary_prompt_));
  scroll_to(GTK_WIDGET(vary_prompt_));
}

void GenerateSettings::vary_changed() {
  const std::string vary = active_id(vary_);
  show_only_if(vary_seed_row_, vary == "noise");
  show_only_if(GTK_WIDGET(vary_prompt_), vary == "text");
}

void GenerateSettings::changed() {
  if (!showing_ && on_changed) on_changed();
}

}  // namespace pinxit
