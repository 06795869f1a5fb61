// SPDX-License-Identifier: Apache-2.0
//
// The settings of a Neural Style request other than its style pictures: method, the six of the first page, and what
// is under "More settings". Help and ranges come from the request's declaration. Main thread only.
//
//     NeuralSettings settings(installed_encoders(catalogue), bool(host.last_result));
//     settings.show(request);
//     settings.read(request);
//     settings.refuse_name(error.sentence);              // shown at the field until it changes
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <string>
#include <vector>

#include "dialogs/neural_style/encoder_choice.h"
#include "dialogs/neural_style/weight_scale.h"
#include "engine/requests/neural_style.h"

namespace pinxit {

class NeuralSettings {
 public:
  NeuralSettings(std::vector<Encoder> encoders, bool has_last_result);
  NeuralSettings(const NeuralSettings&) = delete;
  GtkWidget* widget() const { return column_; }

  std::function<void()> on_changed;
  std::function<void()> on_models;  ///< the painter wants to install an encoder

  /// Shows the request's values; does not call on_changed.
  void show(const NeuralStyleRequest& request);
  /// Writes the values shown into the request and leaves its other members alone.
  void read(NeuralStyleRequest& request) const;
  /// Others than before; what was chosen stays chosen. Does not call on_changed.
  void set_encoders(std::vector<Encoder> encoders);
  void offer_devices(const std::vector<std::string>& devices);

  void set_name(const std::string& name);
  void refuse_name(const std::string& sentence);

 private:
  void build_method();
  void build_main();
  GtkWidget* more_settings();
  GtkWidget* dice();
  void tell_about_method();
  void tell_about_encoder();
  void size_toggled();
  void changed();

  std::vector<Encoder> encoders_;
  GtkWidget* column_;
  GtkComboBox* method_;
  GtkLabel* about_method_;
  GtkLabel* about_encoder_;
  GtkWidget* get_encoder_;
  GtkAdjustment* iterations_;
  WeightScale content_weight_, style_weight_, variation_weight_;
  GtkComboBox* start_;
  GtkAdjustment* size_;
  GtkWidget* size_scale_;
  GtkToggleButton* own_size_;
  GtkAdjustment* seed_;
  GtkAdjustment* style_scale_;
  GtkComboBox* keep_colors_;
  GtkComboBox* encoder_;
  GtkComboBox* device_;
  GtkAdjustment* keep_every_;
  GtkEntry* name_;
  GtkLabel* name_problem_;
  bool showing_ = false;
};

}  // namespace pinxit
