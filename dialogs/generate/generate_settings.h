// SPDX-License-Identifier: Apache-2.0
//
// The settings of a Generate request other than its prompt: model, how many and how large, what comes with each
// picture, where they lead. Help and ranges come from the request's declaration. Main thread only.
//
//     GenerateSettings settings(host);
//     settings.set_models(Catalogue::read());
//     settings.show(request);
//     settings.offer(prompt_facts(…));       // what the model has besides its picture
//     settings.read(request);
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <string>
#include <vector>

#include "dialogs/generate/generate_dialog.h"
#include "dialogs/generate/prompt_facts.h"
#include "engine/store/catalogue.h"

namespace pinxit {

class GenerateSettings {
 public:
  explicit GenerateSettings(const GenerateDialogHost& host);
  GenerateSettings(const GenerateSettings&) = delete;
  GtkWidget* widget() const { return column_; }

  std::function<void()> on_changed;
  std::function<void()> on_model;   ///< another model is chosen, after on_changed
  std::function<void()> on_models;  ///< the painter wants to install one

  /// Shows the request's values; does not call on_changed.
  void show(const GenerateRequest& request);
  /// Writes the values shown into the request and leaves its other members alone.
  void read(GenerateRequest& request) const;
  /// The catalogue's generators; what was chosen stays chosen if it is still there. Does not call on_changed.
  void set_models(const Catalogue& catalogue);
  bool has_models() const { return !models_.empty(); }
  /// Parts that the model does not have are hidden; engines leave them out where they are asked for all the same.
  void offer(const PromptFacts& facts);
  void offer_devices(const std::vector<std::string>& devices);
  /// The other prompt is missing: its entry says so and gets the keyboard.
  void point_at_other_prompt();

 private:
  GtkWidget* model_row();
  GtkWidget* size_row();
  GtkWidget* seed_row(GtkAdjustment*& seed, const char* argument, const char* name);
  GtkWidget* parts();
  void build_grid();
  GtkToggleButton* toggle(const char* mnemonic, const char* argument, const char* name);
  void tell_about_model();
  void vary_changed();
  void changed();

  const GenerateDialogHost::Fits fits_;
  const int64_t fit_width_, fit_height_;
  std::vector<ModelEntry> models_;
  std::string painting_title_;  ///< of the model that "auto" stands for
  GtkWidget* column_;
  GtkGrid* grid_;
  GtkComboBox* model_;
  GtkLabel* about_model_;
  GtkAdjustment* count_;
  GtkAdjustment* seed_;
  GtkSpinButton* size_;
  GtkLabel* about_size_;
  GtkToggleButton* fit_ = nullptr;
  GtkToggleButton* all_sizes_;
  GtkToggleButton* maps_;
  GtkToggleButton* strip_;
  GtkComboBox* vary_;
  GtkAdjustment* vary_seed_;
  GtkWidget* vary_seed_row_;
  GtkEntry* vary_prompt_;
  GtkToggleButton* keep_prompt_;
  GtkComboBox* device_;
  bool showing_ = false;
};

}  // namespace pinxit
