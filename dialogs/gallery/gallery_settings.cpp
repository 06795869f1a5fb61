// SPDX-License-Identifier: Apache-2.0
#include "dialogs/gallery/gallery_settings.h"

#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"
#include "engine/requests/json.h"

namespace pinxit {
namespace {

/// "_Content weight" without its mnemonic: keys belong to the buttons here.
std::string plain(const char* label) {
  std::string text = _(label);
  std::erase(text, '_');
  return text;
}

/// Lists have a row of their own: paths are long.
bool is_list(const Argument<NeuralStyleRequest>& argument) {
  using A = Argument<NeuralStyleRequest>;
  return std::holds_alternative<A::Styles>(argument.value) || std::holds_alternative<A::Texts>(argument.value);
}

}  // namespace

std::string argument_text(const NeuralStyleRequest& request, const Argument<NeuralStyleRequest>& argument) {
  using A = Argument<NeuralStyleRequest>;
  struct Text {
    const NeuralStyleRequest& request;
    std::string operator()(const A::Styles& a) const { return styles_to_text(request.*a.member); }
    std::string operator()(const A::Number& a) const { return format_text("%.10g", request.*a.member); }
    std::string operator()(const A::Integer& a) const { return std::to_string(request.*a.member); }
    std::string operator()(const A::Toggle& a) const { return request.*a.member ? "yes" : "no"; }
    std::string operator()(const A::Choice& a) const { return request.*a.member; }
    std::string operator()(const A::Text& a) const { return request.*a.member; }
    std::string operator()(const A::Texts& a) const { return texts_to_text(request.*a.member); }
  };
  return std::visit(Text{request}, argument.value);
}

GallerySettings::GallerySettings() : scrolled_(gtk_scrolled_window_new(nullptr, nullptr)) {
  GtkWidget* grid = gtk_grid_new();
  gtk_grid_set_row_spacing(GTK_GRID(grid), 4);
  gtk_grid_set_column_spacing(GTK_GRID(grid), 12);
  gtk_container_set_border_width(GTK_CONTAINER(grid), 8);
  int column = 0, row = 0;
  const auto next_row = [&] {
    row += column > 0;
    column = 0;
  };
  for (const auto& argument : NeuralStyleRequest::arguments()) {
    if (std::string_view(argument.name) == "name") continue;  // the list shows it, Rename changes it
    const std::string title = plain(argument.label);
    GtkWidget* entry = gtk_entry_new();
    gtk_widget_set_hexpand(entry, TRUE);
    gtk_entry_set_width_chars(GTK_ENTRY(entry), 14);
    gtk_widget_set_tooltip_text(entry, _(argument.help));
    name_for_readers(entry, title.c_str(), _(argument.help));
    GtkWidget* label = gtk_label_new(title.c_str());
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    const bool wide = is_list(argument);
    if (wide || column == 4) next_row();
    gtk_grid_attach(GTK_GRID(grid), label, column, row, 1, 1);
    gtk_grid_attach(GTK_GRID(grid), entry, column + 1, row, wide ? 3 : 1, 1);
    column += wide ? 4 : 2;
    const Field field = {&argument, GTK_ENTRY(entry)};
    fields_.push_back(field);
    on<void(GtkEntry*)>(entry, "activate", [this, field](GtkEntry*) { take(field); });
    on<gboolean(GtkWidget*, GdkEvent*)>(entry, "focus-out-event", [this, field](GtkWidget*, GdkEvent*) -> gboolean {
      take(field);
      return FALSE;
    });
  }
  gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled_), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_container_add(GTK_CONTAINER(scrolled_), grid);
}

void GallerySettings::show(const NeuralStyleRequest& request, bool changeable) {
  request_ = request;
  changeable_ = changeable;
  for (const Field& field : fields_) {
    const std::string text = argument_text(request, *field.argument);
    if (text != gtk_entry_get_text(field.entry)) gtk_entry_set_text(field.entry, text.c_str());
    gtk_editable_set_editable(GTK_EDITABLE(field.entry), changeable);
    gtk_entry_set_has_frame(field.entry, changeable);
  }
}

void GallerySettings::take(const Field& field) {
  const std::string text = gtk_entry_get_text(field.entry), before = argument_text(request_, *field.argument);
  if (!changeable_ || text == before) return;
  NeuralStyleRequest changed = request_;
  Status status = set_argument(changed, field.argument->name, text);
  if (status && on_changed) status = on_changed(changed);
  if (status) {
    request_ = changed;
    return;
  }
  gtk_entry_set_text(field.entry, before.c_str());
  if (on_error) on_error(status.error());
}

}  // namespace pinxit
