// SPDX-License-Identifier: Apache-2.0
//
// The Models window: which models there are; installed, imported, verified, removed. From the menu:
//
//     if (auto end = run_models_window(); !end) return fail(end.error());
//
// and from a window that lacks one, above it and modal for it:
//
//     std::optional<ModelsWindow> models;                      // member
//     models.emplace(GTK_WINDOW(window), ModelsAim{.kind = "vgg19"});
//     models->on_closed = [this] { const auto added = models->added(); models.reset(); read_catalogue_again(); };
//
// It runs no main loop of its own; `on_closed` is called from the caller's, and may destroy it. Jobs that still run
// when it is to be closed are asked about, stopped, and waited for at most `patience_ms`; downloads go on another time
// where they stopped. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace pinxit {

/// What is looked for: the first model of the kind or for the operation that is not installed is chosen at first.
struct ModelsAim {
  std::string kind = {}, operation = {};
};

class ModelsWindow {
 public:
  static constexpr int patience_ms = 5000;

  /// Shows the window. `parent` may be null.
  explicit ModelsWindow(GtkWindow* parent, ModelsAim aim = {});
  ~ModelsWindow();
  ModelsWindow(const ModelsWindow&) = delete;

  std::function<void()> on_closed;

  /// Ids of models that were installed or imported here and are still there, the latest last.
  const std::vector<std::string>& added() const;

 private:
  class Body;
  std::unique_ptr<Body> body_;
};

/// Returns when the window is closed. Fails only where there is no display.
Status run_models_window();

}  // namespace pinxit
