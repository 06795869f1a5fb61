// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/widgets.h"

#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr const char* style_sheet = R"(
.pinxit-gallery { background: transparent; }
.pinxit-gallery flowboxchild { padding: 6px; border-radius: 6px; }
.pinxit-title { font-size: smaller; }
.pinxit-quiet { font-size: smaller; opacity: 0.75; }
.pinxit-pictures row box, .pinxit-pictures row label { background: none; }
.pinxit-small-button { font-size: smaller; min-height: 18px; padding: 0 8px; }
.pinxit-heading { font-weight: bold; opacity: 0.75; padding: 10px 6px 4px 6px; }
.pinxit-picked { background: #2e7d46; color: white; border-radius: 11px; padding: 1px 7px; margin: 5px; }
.pinxit-problem { color: @error_color; opacity: 1; }
.pinxit-osd { background: rgba(20, 20, 20, 0.78); color: white; border-radius: 14px; padding: 5px 12px; }
.pinxit-osd label { color: white; }
.pinxit-message > revealer > box { background-image: none; background-color: #2f5d8c; border: none; padding: 4px; }
.pinxit-message.error > revealer > box { background-color: #9c2f2f; }
.pinxit-message label { color: white; text-shadow: none; }
.pinxit-message button { color: white; background: transparent; border: none; box-shadow: none; text-shadow: none; }
.pinxit-message button.text-button { border: 1px solid rgba(255, 255, 255, 0.6); padding: 2px 12px; }
)";

}  // namespace

void name_for_readers(GtkWidget* widget, const char* name, const char* description) {
  AtkObject* accessible = gtk_widget_get_accessible(widget);
  atk_object_set_name(accessible, name);
  if (description) atk_object_set_description(accessible, description);
}

GtkWidget* label_for(GtkWidget* widget, const char* mnemonic) {
  GtkWidget* label = gtk_label_new_with_mnemonic(mnemonic);
  gtk_label_set_mnemonic_widget(GTK_LABEL(label), widget);
  gtk_label_set_xalign(GTK_LABEL(label), 0);
  return label;
}

GtkWidget* quiet_label(const char* text) {
  GtkWidget* label = gtk_label_new(text);
  gtk_style_context_add_class(gtk_widget_get_style_context(label), "pinxit-quiet");
  return label;
}

GtkWidget* quiet_page(const char* text) {
  GtkWidget* label = quiet_label(text);
  gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
  gtk_label_set_justify(GTK_LABEL(label), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars(GTK_LABEL(label), 34);
  gtk_widget_show(label);
  return label;
}

GtkLabel* add_line(GtkWidget* column, const char* style) {
  GtkWidget* label = gtk_label_new(nullptr);
  gtk_label_set_xalign(GTK_LABEL(label), 0);
  gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
  if (style) gtk_style_context_add_class(gtk_widget_get_style_context(label), style);
  gtk_box_pack_start(GTK_BOX(column), label, FALSE, FALSE, 0);
  return GTK_LABEL(label);
}

void connect_search(GtkEntry* search, SearchSteps steps) {
  on<void(GtkSearchEntry*)>(search, "search-changed", [change = steps.change](GtkSearchEntry*) { change(); });
  on<void(GtkEntry*)>(search, "activate", [enter = steps.enter](GtkEntry*) { enter(); });
  on<void(GtkSearchEntry*)>(search, "stop-search", [leave = steps.leave](GtkSearchEntry* entry) {
    if (*gtk_entry_get_text(GTK_ENTRY(entry))) return gtk_entry_set_text(GTK_ENTRY(entry), "");
    leave();
  });
}

GtkWidget* icon_button(const char* icon, const char* name_and_tooltip) {
  GtkWidget* button = gtk_button_new_from_icon_name(icon, GTK_ICON_SIZE_BUTTON);
  gtk_widget_set_tooltip_text(button, name_and_tooltip);
  name_for_readers(button, name_and_tooltip);
  return button;
}

void ask_for_file(const FileQuestion& question, std::function<void(const std::string& path)> chosen) {
  GtkFileChooserNative* chooser =
      gtk_file_chooser_native_new(question.title, question.parent, question.action, nullptr, nullptr);
  gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(chooser), TRUE);
  const auto add_filter = [&](const char* name, const char* pattern) {
    GtkFileFilter* filter = gtk_file_filter_new();
    gtk_file_filter_set_name(filter, name);
    gtk_file_filter_add_pattern(filter, pattern);
    gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(chooser), filter);
  };
  if (question.pattern) {
    add_filter(question.pattern_name, question.pattern);
    add_filter(_("All files"), "*");
  }
  // Shown, not run: a nested main loop would leave screen readers without an answer.
  on<void(GtkNativeDialog*, int)>(chooser, "response", [chosen](GtkNativeDialog* dialog, int response) {
    g_autofree char* path = gtk_file_chooser_get_filename(GTK_FILE_CHOOSER(dialog));
    if (response == GTK_RESPONSE_ACCEPT && path) chosen(path);
    g_object_unref(dialog);
  });
  gtk_native_dialog_show(GTK_NATIVE_DIALOG(chooser));
}

void scroll_to(GtkWidget* widget) {
  // What has just been shown is laid out with the next frame, and a message sliding in moves it for a while.
  constexpr gint64 moving = 600 * 1000;  // microseconds
  const auto scroll = [](GtkWidget* widget, GdkFrameClock* clock, gpointer data) -> gboolean {
    auto& began = *static_cast<gint64*>(data);
    GtkWidget* scrolled = gtk_widget_get_ancestor(widget, GTK_TYPE_SCROLLED_WINDOW);
    GtkWidget* viewport = scrolled ? gtk_bin_get_child(GTK_BIN(scrolled)) : nullptr;
    int y = 0;
    if (gtk_widget_get_mapped(widget) && GTK_IS_VIEWPORT(viewport) &&
        gtk_widget_translate_coordinates(widget, gtk_bin_get_child(GTK_BIN(viewport)), 0, 0, nullptr, &y))
      gtk_adjustment_clamp_page(gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scrolled)), y,
                                y + gtk_widget_get_allocated_height(widget));
    const gint64 now = gdk_frame_clock_get_frame_time(clock);
    if (began == 0) began = now;
    return now - began < moving ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
  };
  gtk_widget_add_tick_callback(widget, scroll, g_new0(gint64, 1), g_free);
}

void use_style_sheet(GtkWidget* window) {
  static GtkCssProvider* const provider = [] {
    GtkCssProvider* made = gtk_css_provider_new();
    gtk_css_provider_load_from_data(made, style_sheet, -1, nullptr);
    return made;
  }();
  gtk_style_context_add_provider_for_screen(gtk_widget_get_screen(window), GTK_STYLE_PROVIDER(provider),
                                            GTK_STYLE_PROVIDER_PRIORITY_APPLICATION + 1);  // GIMP's theme is at that
}

MessageBar::MessageBar()
    : bar_(GTK_INFO_BAR(gtk_info_bar_new())),
      label_(GTK_LABEL(gtk_label_new(nullptr))),
      button_(GTK_BUTTON(gtk_button_new_with_label(""))) {
  gtk_label_set_line_wrap(label_, TRUE);
  gtk_label_set_xalign(label_, 0);
  gtk_label_set_selectable(label_, TRUE);
  gtk_label_set_max_width_chars(label_, 100);
  gtk_widget_set_hexpand(GTK_WIDGET(label_), TRUE);
  gtk_widget_set_can_focus(GTK_WIDGET(label_), FALSE);
  gtk_container_add(GTK_CONTAINER(gtk_info_bar_get_content_area(bar_)), GTK_WIDGET(label_));
  gtk_widget_set_valign(GTK_WIDGET(button_), GTK_ALIGN_CENTER);
  gtk_widget_set_no_show_all(GTK_WIDGET(button_), TRUE);
  gtk_container_add(GTK_CONTAINER(gtk_info_bar_get_content_area(bar_)), GTK_WIDGET(button_));
  on<void(GtkButton*)>(button_, "clicked", [this](GtkButton*) {
    if (const auto pressed = pressed_) pressed();
  });
  gtk_info_bar_set_show_close_button(bar_, TRUE);
  gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(bar_)), "pinxit-message");
  on<void(GtkInfoBar*, int)>(bar_, "response", [this](GtkInfoBar*, int) { hide(); });
  gtk_widget_show(GTK_WIDGET(label_));
  gtk_widget_set_no_show_all(GTK_WIDGET(bar_), TRUE);
}

void MessageBar::show(const Error& error) { show(GTK_MESSAGE_ERROR, error.sentence, error.hint); }

void MessageBar::show(const Error& error, const char* button, std::function<void()> pressed) {
  show(error);
  pressed_ = std::move(pressed);
  gtk_button_set_label(button_, button);
  gtk_widget_show(GTK_WIDGET(button_));
}

void MessageBar::tell(const std::string& sentence, const std::string& hint) {
  show(GTK_MESSAGE_INFO, sentence, hint);
}

void MessageBar::show(GtkMessageType type, const std::string& sentence, const std::string& hint) {
  g_autofree char* markup = hint.empty()
                                ? g_markup_printf_escaped("<b>%s</b>", sentence.c_str())
                                : g_markup_printf_escaped("<b>%s</b>\n%s", sentence.c_str(), hint.c_str());
  gtk_label_set_markup(label_, markup);
  gtk_info_bar_set_message_type(bar_, type);
  gtk_widget_hide(GTK_WIDGET(button_));
  name_for_readers(GTK_WIDGET(bar_), sentence.c_str(), hint.c_str());
  gtk_widget_show(GTK_WIDGET(bar_));
}

void MessageBar::hide() { gtk_widget_hide(GTK_WIDGET(bar_)); }

}  // namespace pinxit
