// SPDX-License-Identifier: Apache-2.0
//
// Small helpers for GTK 3 in C++: signals to callables, names for screen readers, the idioms of our windows.
// Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <string>

#include "engine/base/error.h"

namespace pinxit {

template <class Signature>
struct SignalHandler;
template <class R, class... Arguments>
struct SignalHandler<R(Arguments...)> {
  static R call(Arguments... arguments, gpointer callable) {
    return (*static_cast<std::function<R(Arguments...)>*>(callable))(arguments...);
  }
  static void release(gpointer callable, GClosure*) { delete static_cast<std::function<R(Arguments...)>*>(callable); }
};

/// Connects a callable with the C signature of the signal's handler, less the user data:
///     on<void(GtkButton*)>(button, "clicked", [this](GtkButton*) { … });
/// It lives as long as the connection.
template <class Signature>
gulong on(gpointer object, const char* signal, std::function<Signature> callable) {
  return g_signal_connect_data(object, signal, G_CALLBACK(&SignalHandler<Signature>::call),
                               new std::function<Signature>(std::move(callable)), &SignalHandler<Signature>::release,
                               GConnectFlags(0));
}

/// What a screen reader says of the widget; also how tests find it.
void name_for_readers(GtkWidget* widget, const char* name, const char* description = nullptr);

/// A label in front of `widget`, its mnemonic leading there.
GtkWidget* label_for(GtkWidget* widget, const char* mnemonic);

/// Small and pale text, for what is worth a look but not a stop.
GtkWidget* quiet_label(const char* text);

/// What a list or a picture gives way to where there is nothing to show: quiet, centred, wrapped.
GtkWidget* quiet_page(const char* text);

/// An empty line of text below what `column`, a vertical box, holds already; too long a text ends in "…". `style` is a
/// class of the style sheet, or null.
GtkLabel* add_line(GtkWidget* column, const char* style = nullptr);

/// What a search entry does: Escape empties it, and leaves where it is empty already.
struct SearchSteps {
  std::function<void()> change;  ///< another text, a moment after the last key
  std::function<void()> enter;   ///< the Enter key
  std::function<void()> leave;
};
void connect_search(GtkEntry* search, SearchSteps steps);

/// A button with nothing but an icon.
GtkWidget* icon_button(const char* icon, const char* name_and_tooltip);

/// Lets the painter choose a file (GTK_FILE_CHOOSER_ACTION_OPEN) or folder (…_SELECT_FOLDER) and returns at once;
/// `chosen` is called later, and only if one was chosen. With a `pattern` ("*.txt") other files are shown on demand.
struct FileQuestion {
  GtkWindow* parent;
  const char* title;
  GtkFileChooserAction action;
  const char* pattern_name = nullptr;
  const char* pattern = nullptr;
};
void ask_for_file(const FileQuestion& question, std::function<void(const std::string& path)> chosen);

/// Scrolls what the widget is in until it is seen, once it has its place: it may have been shown this moment.
void scroll_to(GtkWidget* widget);

/// A style sheet for this program's windows; the class names are in widgets.cpp.
void use_style_sheet(GtkWidget* window);

/// A bar for one message with a close button, hidden while there is nothing to tell.
class MessageBar {
 public:
  MessageBar();
  GtkWidget* widget() const { return GTK_WIDGET(bar_); }
  void show(const Error& error);
  /// With a button that does something about it.
  void show(const Error& error, const char* button, std::function<void()> pressed);
  void tell(const std::string& sentence, const std::string& hint = {});
  void hide();

 private:
  void show(GtkMessageType type, const std::string& sentence, const std::string& hint);
  GtkInfoBar* bar_;
  GtkLabel* label_;
  GtkButton* button_;
  std::function<void()> pressed_;
};

}  // namespace pinxit
