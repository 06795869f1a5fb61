// SPDX-License-Identifier: Apache-2.0
//
// The layers a painter selected, as pictures to be styled.
//
//     std::vector<Source> sources = sources_of(image, drawables);   // checked, nothing read yet
//     read_source(sources[0]);                                      // pixels as the painter sees them
//
// What the painter sees is what is styled: a group as it looks, text as it is drawn, non-destructive filters applied.
// The layer's own mask, opacity and mode are not part of its colours: the mask is carried over to the new layer
// (layers.h), opacity and mode stay the source's. Nothing here changes the image. Main thread only. Throws Failure.
#pragma once

#include <libgimp/gimp.h>

#include <string>
#include <vector>

#include "engine/client/engine_client.h"

namespace pinxit {

struct Source {
  GimpLayer* layer = nullptr;  ///< libgimp's own object, valid as long as gimp_item_is_valid says so
  std::string name;
  int64_t width = 0, height = 0;
  SharedPicture pixels;  ///< empty until read
  std::string checksum;  ///< of the pixels, see pixels.h
};

/// Throws bad_argument where there is none, and picture_unsupported for one that takes no painting: indexed, or with a
/// floating selection.
void check_image(GimpImage* image);

/// Throws bad_argument for an item that is not in the image's tree of layers; a layer that was made or copied but not
/// inserted is not.
void check_in(GimpImage* image, GimpItem* layer);

/// Whether the selection has to touch the layers.
enum class Selecting { counts, ignored };

/// One source for each layer, in the order given, the same layer once. Errors, each naming what is in the way:
/// bad_argument (no layer, a layer of another image), picture_unsupported (a channel, a mask, an indexed image, an
/// empty group, a floating selection, a selection that misses the layer).
std::vector<Source> sources_of(GimpImage* image, GimpDrawable** drawables, Selecting selecting = Selecting::counts);

/// Fills `pixels` and `checksum`.
void read_source(Source& source);

/// Any thread.
SharedPicture shared_copy(SrgbView picture);

/// Time may have passed: throws bad_argument if the image or a layer is gone, and what `sources_of` throws. There may
/// be no source.
void check_still_there(GimpImage* image, const std::vector<Source>& sources, Selecting selecting = Selecting::counts);

}  // namespace pinxit
