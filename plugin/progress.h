// SPDX-License-Identifier: Apache-2.0
//
// Painting without a window of ours: on the main thread, with GIMP's own progress bar. Its Cancel button ends the
// plug-in by SIGKILL.
#pragma once

#include "plugin/canvas.h"

namespace pinxit {

/// Starts GIMP's progress bar; what is returned shows events in it. Main thread.
Emit start_progress_bar();

/// `painting` as for Canvas::paint; its events are shown besides. Main thread. Throws Failure.
void paint_with_progress_bar(Canvas& canvas, const AnyRequest& request, Canvas::Painting painting = {});

}  // namespace pinxit
