// SPDX-License-Identifier: Apache-2.0
#include "dialogs/generate/prompt_box.h"

#include <algorithm>
#include <set>

#include "dialogs/shared/question.h"
#include "dialogs/shared/widgets.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr size_t most_shown = 20;  // of the history
constexpr int box_height = 86;     // four lines

bool of_a_word(gunichar c) { return g_unichar_isalnum(c) || c == '_' || g_unichar_ismark(c); }

/// On one line, for a menu.
std::string one_line(const std::string& text) {
  std::string line = text;
  std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return line;
}

}  // namespace

PromptBox::PromptBox() : column_(gtk_box_new(GTK_ORIENTATION_VERTICAL, 4)), view_(gtk_text_view_new()) {
  GtkTextView* view = GTK_TEXT_VIEW(view_);
  buffer_ = gtk_text_view_get_buffer(view);
  unknown_ = gtk_text_buffer_create_tag(buffer_, nullptr, "underline", PANGO_UNDERLINE_ERROR, nullptr);
  gtk_text_view_set_wrap_mode(view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab(view, FALSE);
  gtk_text_view_set_left_margin(view, 6);
  gtk_text_view_set_right_margin(view, 6);
  gtk_text_view_set_top_margin(view, 5);
  gtk_text_view_set_bottom_margin(view, 5);
  const char* help = _("What the pictures show, in words. Ctrl+Return generates.");
  gtk_widget_set_tooltip_text(view_, help);
  name_for_readers(view_, _("Prompt"), help);

  GtkWidget* scrolled = gtk_scrolled_window_new(nullptr, nullptr);
  gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scrolled), GTK_SHADOW_IN);
  gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_size_request(scrolled, -1, box_height);
  gtk_container_add(GTK_CONTAINER(scrolled), view_);

  line_ = GTK_LABEL(quiet_label(nullptr));
  gtk_label_set_xalign(line_, 0);
  gtk_label_set_line_wrap(line_, TRUE);
  gtk_label_set_line_wrap_mode(line_, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars(line_, 40);
  gtk_label_set_selectable(line_, TRUE);
  gtk_widget_set_can_focus(GTK_WIDGET(line_), FALSE);

  gtk_box_pack_start(GTK_BOX(column_), head(), FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column_), scrolled, FALSE, FALSE, 0);
  gtk_box_pack_start(GTK_BOX(column_), GTK_WIDGET(line_), FALSE, FALSE, 0);

  on<void(GtkTextBuffer*)>(buffer_, "changed", [this](GtkTextBuffer*) { changed(); });
  on<gboolean(GtkWidget*, GdkEventKey*)>(view_, "key-press-event", [this](GtkWidget*, GdkEventKey* event) -> gboolean {
    const bool enter = event->keyval == GDK_KEY_Return || event->keyval == GDK_KEY_KP_Enter;
    if (!enter || !(event->state & GDK_CONTROL_MASK)) return FALSE;
    if (on_entered) on_entered();
    return TRUE;
  });
  fill_history();
}

GtkWidget* PromptBox::head() {
  history_button_ = gtk_menu_button_new();
  gtk_button_set_label(GTK_BUTTON(history_button_), _("Histor_y"));
  gtk_button_set_use_underline(GTK_BUTTON(history_button_), TRUE);
  gtk_style_context_add_class(gtk_widget_get_style_context(history_button_), "pinxit-small-button");
  const char* help = _("Prompts you have generated from. They are kept on this machine, for you alone.");
  gtk_widget_set_tooltip_text(history_button_, help);
  name_for_readers(history_button_, _("History"), help);
  GtkWidget* row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_pack_start(GTK_BOX(row), label_for(view_, _("Pro_mpt")), TRUE, TRUE, 0);
  gtk_box_pack_start(GTK_BOX(row), history_button_, FALSE, FALSE, 0);
  return row;
}

std::string PromptBox::text() const {
  GtkTextIter start, end;
  gtk_text_buffer_get_bounds(buffer_, &start, &end);
  g_autofree char* text = gtk_text_buffer_get_text(buffer_, &start, &end, FALSE);
  return g_strstrip(text);
}

bool PromptBox::blank() const { return text().empty(); }

void PromptBox::set_text(const std::string& text) {
  if (text == this->text()) return;
  gtk_text_buffer_set_text(buffer_, text.data(), int(text.size()));
}

void PromptBox::set_taken(bool taken) {
  gtk_widget_set_sensitive(view_, taken);
  if (!taken) tell(_("This model paints without a prompt."));
}

void PromptBox::take_focus() { gtk_widget_grab_focus(view_); }

void PromptBox::changed() {
  GtkTextIter start, end;
  gtk_text_buffer_get_bounds(buffer_, &start, &end);
  gtk_text_buffer_remove_tag(buffer_, unknown_, &start, &end);
  tell({});
  if (on_changed) on_changed();
}

/// Words are as the tokenizers of word lists have them: runs of letters and digits, without regard to case.
void PromptBox::mark(const PromptFacts& facts) {
  const std::set<std::string> unknown(facts.unknown_words.begin(), facts.unknown_words.end());
  GtkTextIter start, end;
  gtk_text_buffer_get_bounds(buffer_, &start, &end);
  gtk_text_buffer_remove_tag(buffer_, unknown_, &start, &end);
  for (GtkTextIter at = start; !unknown.empty() && !gtk_text_iter_is_end(&at);) {
    if (!of_a_word(gtk_text_iter_get_char(&at))) {
      gtk_text_iter_forward_char(&at);
      continue;
    }
    const GtkTextIter begin = at;
    while (!gtk_text_iter_is_end(&at) && of_a_word(gtk_text_iter_get_char(&at))) gtk_text_iter_forward_char(&at);
    g_autofree char* word = gtk_text_buffer_get_text(buffer_, &begin, &at, FALSE);
    g_autofree char* lower = g_utf8_strdown(word, -1);
    if (unknown.contains(lower) || unknown.contains(word)) gtk_text_buffer_apply_tag(buffer_, unknown_, &begin, &at);
  }
  say(unread_sentence(facts), !facts.unknown_words.empty());
}

void PromptBox::tell(const std::string& sentence) { say(sentence, false); }

void PromptBox::refuse(const std::string& sentence) {
  say(sentence, true);
  take_focus();
  scroll_to(GTK_WIDGET(line_));
}

void PromptBox::say(const std::string& sentence, bool problem) {
  GtkStyleContext* style = gtk_widget_get_style_context(GTK_WIDGET(line_));
  if (problem) gtk_style_context_add_class(style, "pinxit-problem");
  else gtk_style_context_remove_class(style, "pinxit-problem");
  gtk_label_set_text(line_, sentence.c_str());
}

void PromptBox::remember(const KeptPrompt& prompt) {
  if (const auto added = history_.add(prompt); !added && on_error) on_error(added.error());
  fill_history();
}

void PromptBox::set_keep(const KeptPrompt& prompt) {
  if (const auto set = history_.set_keep(prompt); !set && on_error) on_error(set.error());
}

void PromptBox::recall(const KeptPrompt& prompt) {
  if (on_recalled) on_recalled(prompt);
  set_text(prompt.prompt);
  take_focus();
}

void PromptBox::fill_history() {
  const std::vector<KeptPrompt> prompts = history_.prompts();
  GtkWidget* menu = gtk_menu_new();
  for (size_t i = 0; i < std::min(prompts.size(), most_shown); i++) {
    const KeptPrompt& one = prompts[i];
    const std::string title =
        one.vary_prompt.empty() ? one_line(one.prompt) : one_line(one.prompt) + " → " + one_line(one.vary_prompt);
    GtkWidget* item = gtk_menu_item_new_with_label(title.c_str());
    GtkLabel* label = GTK_LABEL(gtk_bin_get_child(GTK_BIN(item)));
    gtk_label_set_ellipsize(label, PANGO_ELLIPSIZE_END);
    gtk_label_set_max_width_chars(label, 50);
    on<void(GtkMenuItem*)>(item, "activate", [this, one](GtkMenuItem*) { recall(one); });
    gtk_menu_shell_append(GTK_MENU_SHELL(menu), item);
  }
  gtk_menu_shell_append(GTK_MENU_SHELL(menu), gtk_separator_menu_item_new());
  GtkWidget* clear = gtk_menu_item_new_with_label(_("Clear the history…"));
  on<void(GtkMenuItem*)>(clear, "activate", [this](GtkMenuItem*) { ask_to_clear(); });
  gtk_menu_shell_append(GTK_MENU_SHELL(menu), clear);
  gtk_widget_show_all(menu);
  gtk_menu_button_set_popup(GTK_MENU_BUTTON(history_button_), menu);  // which makes it sensitive
  gtk_widget_set_sensitive(history_button_, !prompts.empty());
}

void PromptBox::ask_to_clear() {
  ask({.from = column_,
       .title = _("Clear history"),
       .question = _("Clear the history of prompts?"),
       .consequence = _("The prompts are removed from the disk for good. Prompts that layers keep stay there."),
       .yes = _("C_lear")},
      [this] {
        if (const auto cleared = history_.clear(); !cleared && on_error) on_error(cleared.error());
        fill_history();
      });
}

}  // namespace pinxit
