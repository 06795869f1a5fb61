// SPDX-License-Identifier: Apache-2.0
//
// The settings of one run, a field for each argument its request declares. They can be changed until the run begins,
// and only be read from then on.
//
//     GallerySettings settings;
//     settings.on_changed = [&](const NeuralStyleRequest& request) { return gallery.change(id, request); };
//     settings.show(entry.request, entry.state < RunState::in_progress);
//
// A value that is refused is told by `on_error` and taken back. Main thread only.
#pragma once

#include <gtk/gtk.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/requests/neural_style.h"

namespace pinxit {

class GallerySettings {
 public:
  GallerySettings();
  GallerySettings(const GallerySettings&) = delete;
  GtkWidget* widget() const { return scrolled_; }

  std::function<Status(const NeuralStyleRequest&)> on_changed;
  std::function<void(const Error&)> on_error;

  void show(const NeuralStyleRequest& request, bool changeable);

 private:
  struct Field {
    const Argument<NeuralStyleRequest>* argument;
    GtkEntry* entry;
  };
  void take(const Field& field);

  NeuralStyleRequest request_;
  bool changeable_ = false;
  GtkWidget* scrolled_;
  std::vector<Field> fields_;
};

/// An argument's value as text; what set_argument (requests/json.h) reads.
std::string argument_text(const NeuralStyleRequest& request, const Argument<NeuralStyleRequest>& argument);

}  // namespace pinxit
