// SPDX-License-Identifier: Apache-2.0
//
// Layers on their way into an image.
//
//     PreparedLayers prepared;
//     prepared.add(make_layer(image, width, height, "Sea"));     // pixels, mask, recipe follow; deleted if not let go
//     const UndoGroup group(image);                              // from here on one step to be undone
//     GimpLayer* layer = enter_next(image, prepared, parent, position);
//
// Main thread only.
#pragma once

#include <libgimp/gimp.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/pixels.h"

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

/// The same layers are selected at its end, in spite of what enters meanwhile.
class SelectedLayers {
 public:
  explicit SelectedLayers(GimpImage* image) : image_(image), layers_(gimp_image_get_selected_layers(image)) {}
  SelectedLayers(const SelectedLayers&) = delete;
  ~SelectedLayers() {
    if (layers_ && layers_[0]) gimp_image_set_selected_layers(image_, const_cast<const GimpLayer**>(layers_));
    g_free(layers_);
  }

 private:
  GimpImage* image_;
  GimpLayer** layers_;
};

/// Transparent, of the image's colours and precision, in the default mode for new layers, not in the image yet. Throws
/// Failure.
GimpLayer* make_layer(GimpImage* image, int64_t width, int64_t height, const std::string& name);

/// The same with these pixels, in the middle of `frame` (of the image), among those prepared.
GimpLayer* prepare_picture(PreparedLayers& prepared, GimpImage* image, SrgbView picture, const std::string& name,
                           const Region& frame);

/// The next of those prepared enters the image, at a position in `parent` or, where that is null, in the image. Throws
/// Failure; it is not in the image then.
GimpLayer* enter_next(GimpImage* image, PreparedLayers& prepared, GimpLayer* parent, int position);
/// An empty group enters. The same.
GimpLayer* open_group(GimpImage* image, const std::string& name, GimpLayer* parent, int position);
/// What has entered is taken out again.
void remove_layers(GimpImage* image, const std::vector<GimpLayer*>& layers);

/// The group a layer is in, or null.
GimpLayer* parent_of(GimpLayer* layer);

void select_layers(GimpImage* image, std::vector<GimpLayer*> layers);

}  // namespace pinxit
