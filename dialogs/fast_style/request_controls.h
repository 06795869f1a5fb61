// SPDX-License-Identifier: Apache-2.0
//
// The controls of a Fast Style request other than its style: strength, keep colours, maximum size, device. Labels,
// help and ranges come from the request's declaration. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/requests/fast_style.h"

namespace pinxit {

class RequestControls {
 public:
  RequestControls();
  RequestControls(const RequestControls&) = delete;
  GtkWidget* widget() const { return grid_; }

  std::function<void()> on_changed;

  /// Shows the request's values; does not call on_changed.
  void show(const FastStyleRequest& request);
  /// Writes the values shown into the request and leaves its other members alone.
  void read(FastStyleRequest& request) const;
  /// Devices this machine has, as the engine names them ("cpu", "cuda:0", …), to choose from besides Automatic.
  void offer_devices(const std::vector<std::string>& devices);

 private:
  void add_device(const std::string& id);
  void changed();

  GtkWidget* grid_;
  GtkAdjustment* strength_;
  GtkToggleButton* keep_colors_;
  GtkSpinButton* max_size_;
  GtkComboBox* device_;
  bool showing_ = false;
};

}  // namespace pinxit
