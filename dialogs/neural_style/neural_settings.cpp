// SPDX-License-Identifier: Apache-2.0
#include "dialogs/neural_style/neural_settings.h"

#include <libgimp/gimp.h>
#include <libgimp/gimpui.h>

#include <utility>

#include "dialogs/painting/argument_widgets.h"
#include "dialogs/shared/device_names.h"
#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"
#include "engine/requests/neural_presets.h"

namespace pinxit {
namespace {

using A = Argument<NeuralStyleRequest>;
constexpr int default_size = 400;

GtkWidget* explained(GtkWidget* widget, const char* argument, const char* name) {
  return pinxit::explained<NeuralStyleRequest>(widget, argument, name);
}

GtkWidget* scale_of(GtkAdjustment* adjustment, const char* mnemonic, int digits) {
  GtkWidget* scale = gimp_spin_scale_new(adjustment, mnemonic, guint(digits));
  gtk_entry_set_activates_default(GTK_ENTRY(scale), TRUE);
  gtk_widget_set_hexpand(scale, TRUE);
  return scale;
}

double minimum_of(const char* name) { return std::get<A::Number>(declared<NeuralStyleRequest>(name).value).minimum; }
double maximum_of(const char* name) { return std::get<A::Number>(declared<NeuralStyleRequest>(name).value).maximum; }

}  // namespace

NeuralSettings::NeuralSettings(std::vector<Encoder> encoders, bool has_last_result)
    : encoders_(std::move(encoders)),
      column_(gtk_box_new(GTK_ORIENTATION_VERTICAL, 6)),
      content_weight_(_("C_ontent weight"), minimum_of("content-weight"), maximum_of("content-weight")),
      style_weight_(_("Style _weight"), minimum_of("style-weight"), maximum_of("style-weight")),
      variation_weight_(_("_Variation weight"), minimum_of("variation-weight"), maximum_of("variation-weight")) {
  build_method();
  build_main();
  if (has_last_result) add_choice(start_, "last", _("The last result"));
  gtk_box_pack_start(GTK_BOX(column_), more_settings(), FALSE, FALSE, 0);
}

void NeuralSettings::build_method() {
  method_ = choice<NeuralStyleRequest>("preset", _("Method"));
  for (const NeuralPreset& preset : neural_presets()) add_choice(method_, preset.id, _(preset.title.c_str()));
  about_method_ = quiet_paragraph();
  about_encoder_ = quiet_paragraph();
  GtkGrid* grid = argument_grid();
  attach_labelled(grid, 0, _("_Method"), GTK_WIDGET(method_));
  gtk_grid_attach(grid, GTK_WIDGET(about_method_), 0, 1, 2, 1);
  get_encoder_ = gtk_button_new_with_label(_("Install…"));
  name_for_readers(get_encoder_, _("Install VGG19…"));
  gtk_widget_set_tooltip_text(get_encoder_, _("Opens the Models window, where encoders can be installed and imported"));
  gtk_style_context_add_class(gtk_widget_get_style_context(get_encoder_), "pinxit-small-button");
  gtk_widget_set_valign(get_encoder_, GTK_ALIGN_CENTER);
  gtk_widget_set_no_show_all(get_encoder_, TRUE);
  on<void(GtkButton*)>(get_encoder_, "clicked", [this](GtkButton*) {
    if (on_models) on_models();
  });
  GtkWidget* encoder = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_label_set_max_width_chars(about_encoder_, -1);
  gtk_box_pack_start(GTK_BOX(encoder), GTK_WIDGET(about_encoder_), TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(encoder), get_encoder_, FALSE, FALSE, 0);
  gtk_grid_attach(grid, encoder, 0, 2, 2, 1);
  gtk_box_pack_start(GTK_BOX(column_), GTK_WIDGET(grid), FALSE, FALSE, 0);
  on<void(GtkComboBox*)>(method_, "changed", [this](GtkComboBox*) {
    tell_about_method();
    changed();
  });
}

void NeuralSettings::build_main() {
  GtkGrid* grid = argument_grid();
  int row = 0;
  const auto whole = [&](GtkWidget* widget) { gtk_grid_attach(grid, widget, 0, row++, 2, 1); };

  const auto& range = std::get<A::Integer>(declared<NeuralStyleRequest>("iterations").value);
  iterations_ = gtk_adjustment_new(10, range.minimum, range.maximum, 5, 10, 0);
  whole(explained(scale_of(iterations_, _("_Iterations"), 0), "iterations", _("Iterations")));
  whole(explained(content_weight_.widget(), "content-weight", _("Content weight")));
  whole(explained(style_weight_.widget(), "style-weight", _("Style weight")));
  whole(explained(variation_weight_.widget(), "variation-weight", _("Variation weight")));
  for (WeightScale* weight : {&content_weight_, &style_weight_, &variation_weight_})
    weight->on_changed = [this] { changed(); };

  size_ = gtk_adjustment_new(default_size, NeuralStyleRequest::smallest_size, NeuralStyleRequest::largest_size, 50, 100,
                             0);
  size_scale_ = explained(scale_of(size_, _("_Height of the painted picture"), 0), "size", _("Height"));
  whole(size_scale_);
  GtkWidget* own = gtk_check_button_new_with_mnemonic(_("Layer's own si_ze"));
  own_size_ = GTK_TOGGLE_BUTTON(own);
  const char* own_help = _("Paints every pixel of the layer; takes longer and needs more memory");
  gtk_widget_set_tooltip_text(own, own_help);
  name_for_readers(own, _("Layer's own size"), own_help);
  whole(own);

  start_ = choice<NeuralStyleRequest>("start", _("Start from"));
  add_choice(start_, "content", _("The layer"));
  add_choice(start_, "style", _("The style picture"));
  add_choice(start_, "noise", _("Noise"));
  attach_labelled(grid, row++, _("Start _from"), GTK_WIDGET(start_));
  gtk_box_pack_start(GTK_BOX(column_), GTK_WIDGET(grid), FALSE, FALSE, 0);

  for (GtkAdjustment* adjustment : {iterations_, size_})
    on<void(GtkAdjustment*)>(adjustment, "value-changed", [this](GtkAdjustment*) { changed(); });
  on<void(GtkToggleButton*)>(own, "toggled", [this](GtkToggleButton*) {
    size_toggled();
    changed();
  });
  on<void(GtkComboBox*)>(start_, "changed", [this](GtkComboBox*) { changed(); });
}

GtkWidget* NeuralSettings::more_settings() {
  GtkGrid* grid = argument_grid();
  gtk_widget_set_margin_top(GTK_WIDGET(grid), 6);
  int row = 0;

  const auto& scale = std::get<A::Number>(declared<NeuralStyleRequest>("style-scale").value);
  style_scale_ = gtk_adjustment_new(1, scale.minimum, scale.maximum, 0.1, 0.5, 0);
  gtk_grid_attach(grid, explained(scale_of(style_scale_, _("Style sca_le"), 2), "style-scale", _("Style scale")), 0,
                  row++, 2, 1);
  keep_colors_ = choice<NeuralStyleRequest>("keep-colors", _("Colors"));
  add_choice(keep_colors_, "no", _("Those of the style"));
  add_choice(keep_colors_, "luminance", _("Those of the layer"));
  add_choice(keep_colors_, "matched", _("The style's, recolored first"));
  attach_labelled(grid, row++, _("Colors"), GTK_WIDGET(keep_colors_));
  attach_labelled(grid, row++, _("_Seed"), dice());

  encoder_ = choice<NeuralStyleRequest>("encoder", _("Encoder"));
  add_choice(encoder_, "auto", _("Automatic"));
  for (const Encoder& encoder : encoders_) add_choice(encoder_, encoder.id, encoder.title);
  attach_labelled(grid, row++, _("_Encoder"), GTK_WIDGET(encoder_));
  device_ = choice<NeuralStyleRequest>("device", _("Device"));
  for (const char* id : {"auto", "cpu"}) add_choice(device_, id, device_title(id));
  attach_labelled(grid, row++, _("_Device"), GTK_WIDGET(device_));

  const auto& every = std::get<A::Integer>(declared<NeuralStyleRequest>("keep-every").value);
  keep_every_ = gtk_adjustment_new(0, every.minimum, every.maximum, 1, 5, 0);
  GtkWidget* every_spin = explained(gtk_spin_button_new(keep_every_, 1, 0), "keep-every", _("Full size every"));
  GtkWidget* every_row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(every_row), every_spin, TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(every_row), quiet_label(_("(0: none)")), FALSE, FALSE, 0);
  attach_labelled(grid, row++, _("F_ull size every"), every_row);

  name_ = GTK_ENTRY(explained(gtk_entry_new(), "name", _("Name in the gallery")));
  gtk_entry_set_placeholder_text(name_, _("made from layer and style"));
  gtk_entry_set_activates_default(name_, TRUE);
  attach_labelled(grid, row++, _("Name in the galler_y"), GTK_WIDGET(name_));
  name_problem_ = quiet_paragraph();
  gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(name_problem_)), "pinxit-problem");
  gtk_widget_set_no_show_all(GTK_WIDGET(name_problem_), TRUE);
  gtk_grid_attach(grid, GTK_WIDGET(name_problem_), 0, row++, 2, 1);

  for (GtkAdjustment* adjustment : {style_scale_, keep_every_})
    on<void(GtkAdjustment*)>(adjustment, "value-changed", [this](GtkAdjustment*) { changed(); });
  for (GtkComboBox* combo : {keep_colors_, device_})
    on<void(GtkComboBox*)>(combo, "changed", [this](GtkComboBox*) { changed(); });
  on<void(GtkComboBox*)>(encoder_, "changed", [this](GtkComboBox*) {
    tell_about_encoder();
    changed();
  });
  on<void(GtkEditable*)>(name_, "changed", [this](GtkEditable*) {
    refuse_name({});
    changed();
  });

  GtkWidget* expander = gtk_expander_new(_("More settings"));
  gtk_container_add(GTK_CONTAINER(expander), GTK_WIDGET(grid));
  return expander;
}

GtkWidget* NeuralSettings::dice() {
  const auto& range = std::get<A::Integer>(declared<NeuralStyleRequest>("seed").value);
  seed_ = gtk_adjustment_new(0, range.minimum, range.maximum, 1, 10, 0);
  GtkWidget* spin = explained(gtk_spin_button_new(seed_, 1, 0), "seed", _("Seed"));
  on<void(GtkAdjustment*)>(seed_, "value-changed", [this](GtkAdjustment*) { changed(); });
  return with_dice(spin, seed_, _("Another seed"));
}

void NeuralSettings::set_encoders(std::vector<Encoder> encoders) {
  const bool showing = std::exchange(showing_, true);
  const std::string chosen = active_id(encoder_);
  encoders_ = std::move(encoders);
  gtk_combo_box_text_remove_all(GTK_COMBO_BOX_TEXT(encoder_));
  add_choice(encoder_, "auto", _("Automatic"));
  for (const Encoder& encoder : encoders_) add_choice(encoder_, encoder.id, encoder.title);
  if (!chosen.empty()) add_choice(encoder_, chosen, chosen);
  gtk_combo_box_set_active_id(encoder_, chosen.c_str());
  tell_about_encoder();
  showing_ = showing;
}

void NeuralSettings::offer_devices(const std::vector<std::string>& devices) {
  for (const std::string& device : devices) add_choice(device_, device, device_title(device));
}

void NeuralSettings::show(const NeuralStyleRequest& request) {
  showing_ = true;
  if (const auto preset = neural_preset(request.preset)) {
    const std::string title = preset->title.empty() ? _("Own method") : _(preset->title.c_str());
    add_choice(method_, request.preset, title);
    gtk_combo_box_set_active_id(method_, request.preset.c_str());
  }
  gtk_adjustment_set_value(iterations_, request.iterations);
  content_weight_.set_value(request.content_weight);
  style_weight_.set_value(request.style_weight);
  variation_weight_.set_value(request.variation_weight);
  gtk_toggle_button_set_active(own_size_, request.size == 0);
  if (request.size > 0) gtk_adjustment_set_value(size_, request.size);
  size_toggled();
  const bool noise = request.start == "blank" || request.start == "random";
  if (!gtk_combo_box_set_active_id(start_, noise ? "noise" : request.start.c_str()))
    gtk_combo_box_set_active_id(start_, "content");  // "last" where there is no last result
  gtk_adjustment_set_value(seed_, request.seed);
  gtk_adjustment_set_value(style_scale_, request.style_scale);
  gtk_combo_box_set_active_id(keep_colors_, request.keep_colors.c_str());
  add_choice(encoder_, request.encoder, request.encoder);
  gtk_combo_box_set_active_id(encoder_, request.encoder.c_str());
  add_choice(device_, request.device, device_title(request.device));
  gtk_combo_box_set_active_id(device_, request.device.c_str());
  gtk_adjustment_set_value(keep_every_, request.keep_every);
  gtk_entry_set_text(name_, request.name.c_str());
  tell_about_method();
  tell_about_encoder();
  showing_ = false;
}

void NeuralSettings::read(NeuralStyleRequest& request) const {
  if (const auto id = active_id(method_); !id.empty()) request.preset = id;
  request.iterations = int(gtk_adjustment_get_value(iterations_) + 0.5);
  request.content_weight = content_weight_.value();
  request.style_weight = style_weight_.value();
  request.variation_weight = variation_weight_.value();
  request.size = gtk_toggle_button_get_active(own_size_) ? 0 : int(gtk_adjustment_get_value(size_) + 0.5);
  request.start = active_id(start_);
  request.seed = int(gtk_adjustment_get_value(seed_) + 0.5);
  request.style_scale = gtk_adjustment_get_value(style_scale_);
  request.keep_colors = active_id(keep_colors_);
  request.encoder = active_id(encoder_);
  request.device = active_id(device_);
  request.keep_every = int(gtk_adjustment_get_value(keep_every_) + 0.5);
  g_autofree char* name = g_strdup(gtk_entry_get_text(name_));
  request.name = g_strstrip(name);
}

void NeuralSettings::set_name(const std::string& name) { gtk_entry_set_text(name_, name.c_str()); }

void NeuralSettings::refuse_name(const std::string& sentence) {
  gtk_label_set_text(name_problem_, sentence.c_str());
  gtk_widget_set_visible(GTK_WIDGET(name_problem_), !sentence.empty());
  gtk_entry_set_icon_from_icon_name(name_, GTK_ENTRY_ICON_SECONDARY, sentence.empty() ? nullptr : "dialog-error");
  if (sentence.empty()) return;
  GtkWidget* expander = gtk_widget_get_ancestor(GTK_WIDGET(name_), GTK_TYPE_EXPANDER);
  gtk_expander_set_expanded(GTK_EXPANDER(expander), TRUE);
  gtk_widget_grab_focus(GTK_WIDGET(name_));
  scroll_to(GTK_WIDGET(name_problem_));
}

void NeuralSettings::tell_about_method() {
  const auto preset = neural_preset(active_id(method_));
  gtk_label_set_text(about_method_, preset && !preset->description.empty() ? _(preset->description.c_str()) : "");
}

void NeuralSettings::tell_about_encoder() {
  gtk_label_set_text(about_encoder_, encoder_sentence(encoders_, active_id(encoder_)).c_str());
  gtk_widget_set_visible(get_encoder_, lacks_encoders(encoders_));
}

void NeuralSettings::size_toggled() {
  gtk_widget_set_sensitive(size_scale_, !gtk_toggle_button_get_active(own_size_));
}

void NeuralSettings::changed() {
  if (!showing_ && on_changed) on_changed();
}

}  // namespace pinxit
