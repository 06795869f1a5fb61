// SPDX-License-Identifier: Apache-2.0
//
// A question before something that cannot be taken back. Main thread.
//
//     ask({.from = delete_, .title = _("Delete run"), .question = format_text(_("Delete “%s”?"), name),
//          .consequence = _("Its result is removed from the disk for good."), .yes = _("_Delete")},
//         [this] { remove(); });
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <string>

namespace pinxit {

struct Question {
  GtkWidget* from;  ///< any widget of the window that the question belongs to
  std::string title, question, consequence;
  const char* yes;              ///< on the button that does it, with a mnemonic
  const char* no = nullptr;     ///< on the other; null: Cancel
  bool destroys = true;         ///< the yes warns
};

/// Returns at once; `agreed` is called later, and only after a yes. Enter and Escape are a no.
void ask(const Question& question, std::function<void()> agreed);

}  // namespace pinxit
