// SPDX-License-Identifier: Apache-2.0
//
// Where the painter types a prompt of several lines: with the private history beside it, and below it what the model
// would not read. Main thread only.
//
//     PromptBox prompt;
//     prompt.on_changed = [&] { read_again_soon(prompt.text()); };
//     prompt.mark(prompt_facts(…));                    // underlines unknown words, and tells them
//     prompt.refuse(_("Type a prompt."));              // shown at the box until it changes
//     prompt.remember({prompt.text(), {}, keep});      // a run begins: into the history
//     prompt.set_keep({prompt.text(), {}, keep});      // the box for keeping it was changed since
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <string>

#include "dialogs/generate/prompt_facts.h"
#include "dialogs/generate/prompt_history.h"

namespace pinxit {

class PromptBox {
 public:
  PromptBox();
  PromptBox(const PromptBox&) = delete;
  GtkWidget* widget() const { return column_; }

  std::function<void()> on_changed;                      ///< the text; also from the history
  std::function<void()> on_entered;                      ///< Ctrl+Return
  std::function<void(const KeptPrompt&)> on_recalled;    ///< chosen from the history, before on_changed
  std::function<void(const Error&)> on_error;            ///< the history cannot be changed

  std::string text() const;
  bool blank() const;
  /// Calls on_changed where it is another text.
  void set_text(const std::string& text);
  /// Whether the model takes a prompt at all; the text stays.
  void set_taken(bool taken);
  void take_focus();

  void mark(const PromptFacts& facts);
  /// Instead of what `mark` tells.
  void tell(const std::string& sentence);
  void refuse(const std::string& sentence);
  void remember(const KeptPrompt& prompt);
  void set_keep(const KeptPrompt& prompt);

 private:
  GtkWidget* head();
  void changed();
  void fill_history();
  void ask_to_clear();
  void recall(const KeptPrompt& prompt);
  void say(const std::string& sentence, bool problem);

  PromptHistory history_;
  GtkWidget* column_;
  GtkWidget* view_;
  GtkTextBuffer* buffer_;
  GtkTextTag* unknown_;
  GtkWidget* history_button_;
  GtkLabel* line_;
};

}  // namespace pinxit
