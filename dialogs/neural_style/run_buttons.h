// SPDX-License-Identifier: Apache-2.0
//
// The buttons at the bottom of the Neural Style window, which are others in each phase of a run. Main thread only.
//
//     choosing    Reset   Cancel   Paint
//     painting    Cancel  Stop
//     finishing   Cancel  Stop (pressed already)
//     ended       Run again with changed settings   Cancel   Insert (or: Replace the painting; Keep the last
//                 iteration as shown)
#pragma once

#include <gtk/gtk.h>

namespace pinxit {

enum class RunPhase {
  choosing,   ///< settings can be changed
  painting,
  finishing,  ///< the painter has asked for an early end
  ended,      ///< something can be inserted
};

/// Responses of the dialog besides GTK_RESPONSE_REJECT (Reset), _CANCEL and _OK (Insert).
enum RunAnswer { answer_paint = 1, answer_stop, answer_again };

void add_run_buttons(GtkDialog* dialog);
/// What the button says that takes the result (GTK_RESPONSE_OK).
enum class RunResult { inserted, replaces, only_shown };
void offer_run_buttons(GtkDialog* dialog, RunPhase phase, RunResult result);

}  // namespace pinxit
