// SPDX-License-Identifier: Apache-2.0
//
// The user's presets of one operation in a row: choose, save under a name, delete. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <string>

#include "dialogs/painting/preset_store.h"

namespace pinxit {

class PresetBar {
 public:
  explicit PresetBar(const std::string& operation);
  PresetBar(const PresetBar&) = delete;
  GtkWidget* widget() const { return row_; }

  std::function<AnyRequest()> current;                ///< what Save writes
  std::function<void(const AnyRequest&)> on_chosen;   ///< always a request of the bar's operation
  std::function<void(const Error&)> on_error;

  /// Told after each change in the window: a preset that no longer describes it is not shown as chosen.
  void compare(const AnyRequest& request);

 private:
  void fill(const std::string& chosen);
  void choose();
  void save(const std::string& name);
  void remove();
  void name_changed();

  PresetStore store_;
  GtkWidget* row_;
  GtkComboBoxText* combo_;
  GtkWidget* delete_;
  GtkWidget* popover_;
  GtkEntry* name_;
  GtkWidget* confirm_;
  std::string chosen_text_;  ///< to_json of the chosen preset
  bool filling_ = false;
};

}  // namespace pinxit
