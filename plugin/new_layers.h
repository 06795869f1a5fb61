// SPDX-License-Identifier: Apache-2.0
//
// Layers on their way into an image.
//
//     PreparedLayers prepared;
//     prepared.add(make_layer(image, width, height, "Sea"));     // pixels, mask, recipe follow; deleted if not let go
//     const UndoGroup group(image);                              // from here on one step to be undone
//     if (!gimp_image_insert_layer(image, prepared.next(), parent, position)) refused();
//     prepared.let_go();
//
// Main thread only.
#pragma once

#include <libgimp/gimp.h>

#include <cstdint>
#include <string>
#include <vector>

namespace pinxit {

/// Layers that are not in the image yet; those still here at the end are deleted.
class PreparedLayers {
 public:
  PreparedLayers() = default;
  PreparedLayers(const PreparedLayers&) = delete;
  ~PreparedLayers() {
    for (GimpLayer* layer : layers_)
      if (layer) gimp_item_delete(GIMP_ITEM(layer));
  }
  void add(GimpLayer* layer) { layers_.push_back(layer); }
  /// The next one, in the order they were added; null when there are no more.
  GimpLayer* next() const { return at_ < layers_.size() ? layers_[at_] : nullptr; }
  void let_go() { layers_[at_++] = nullptr; }

 private:
  std::vector<GimpLayer*> layers_;
  size_t at_ = 0;
};

/// Everything until its end is one step to be undone. May be inside another one, and is then a part of that.
class UndoGroup {
 public:
  explicit UndoGroup(GimpImage* image) : image_(image) { gimp_image_undo_group_start(image); }
  UndoGroup(const UndoGroup&) = delete;
  ~UndoGroup() { gimp_image_undo_group_end(image_); }

 private:
  GimpImage* image_;
};

/// Throws what GIMP said last.
[[noreturn]] void refused();

/// Transparent, of the image's colours and precision, in the default mode for new layers, not in the image yet. Throws
/// Failure.
GimpLayer* make_layer(GimpImage* image, int64_t width, int64_t height, const std::string& name);

void select_layers(GimpImage* image, std::vector<GimpLayer*> layers);

}  // namespace pinxit
