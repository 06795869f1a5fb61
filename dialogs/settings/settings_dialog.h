// SPDX-License-Identifier: Apache-2.0
//
// Filters ▸ Neural ▸ Settings…: the user's settings (engine/requests/settings.h) and the state of the engine.
#pragma once

#include "engine/base/error.h"

namespace pinxit {

/// Shows the window and returns when it is closed; OK writes the settings, Cancel leaves them as they were. The
/// window needs a running GTK. Never starts an engine: a running one is asked for its status and may be stopped.
/// Errors: no display. Unwritable settings are told in the window.
Status run_settings_dialog();

}  // namespace pinxit
