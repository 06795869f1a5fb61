// SPDX-License-Identifier: Apache-2.0
//
// Generated pictures as new layers.
//
//     const LayerPlace place = place_of(image, drawables);
//     GeneratedLayers made = NewPictures(image, groups, request.fit).enter(place);   // one undo step
//
// A picture alone is a layer; several of one prompt, those of a caption, and a picture with its details are a group,
// from the first picture on top to the last. Details (smaller pictures, attention maps, the strip) are a hidden group
// below their picture (generated_details.h). All lie around the middle of the selection, or else of the canvas. With
// `fit` pictures are scaled to fill that as far as their proportions allow; details never are.
//
// Every layer is made complete (pixels, recipe) before the first one enters. Main thread, after start_gegl. Throws
// Failure; the image is then as it was.
#pragma once

#include <libgimp/gimp.h>

#include <vector>

#include "engine/base/pixels.h"
#include "plugin/generate_paint.h"
#include "plugin/new_layers.h"

namespace pinxit {

/// What new layers lie above: a layer of the image, or nothing, which is the bottom of an image without any.
struct LayerPlace {
  GimpLayer* above = nullptr;
};

/// Above the first layer of `drawables` (an array that ends with null), or above all where there is none: the painter
/// may have selected a channel, or nothing. Throws bad_argument for a layer that is not in the image.
LayerPlace place_of(GimpImage* image, GimpDrawable** drawables);

/// What pictures are placed in, in the image's pixels: the selection's bounds, or the canvas.
Region picture_frame(GimpImage* image);

struct GeneratedLayers {
  std::vector<GimpLayer*> pictures;   ///< in the order given
  std::vector<GimpLayer*> outermost;  ///< all that is new, as it stands in the image: groups, or the pictures
};

class NewPictures {
 public:
  /// Complete, and not in the image yet. `groups` outlive this.
  NewPictures(GimpImage* image, const std::vector<PictureGroup>& groups, bool fit);
  /// Once. Without any picture nothing happens.
  GeneratedLayers enter(const LayerPlace& place);

 private:
  void enter(const PictureGroup& group, GimpLayer* parent, int position, GeneratedLayers& entered);

  GimpImage* image_;
  const std::vector<PictureGroup>& groups_;
  PreparedLayers prepared_;
};

}  // namespace pinxit
