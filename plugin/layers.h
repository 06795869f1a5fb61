// SPDX-License-Identifier: Apache-2.0
//
// Finished pictures as new layers, each above its source, or in the place of an older one.
//
//     auto finished = finish(image, procedure, request, sources, painted);
//     Inserted made = insert_layers(image, finished);       // one undo step
//     Replacement(image, layer, finished[0]).enter();       // one undo step
//
// Every new layer is made complete (pixels, mask, recipe) before it enters the image, so that it enters in one step: a
// plug-in killed at any moment leaves no half-made layer behind. Main thread only. Throws Failure; the image is then
// as it was.
#pragma once

#include <libgimp/gimp.h>

#include <cstdint>
#include <string>
#include <vector>

#include "plugin/canvas.h"
#include "plugin/new_layers.h"
#include "plugin/recipe.h"
#include "plugin/sources.h"

namespace pinxit {

struct Finished {
  Source source;
  SharedPicture result;                   ///< as large as the source; empty: only the states are wanted
  std::string name;                       ///< of the new layer; GIMP makes it unique
  Recipe recipe;                          ///< `selection` and the versions are filled in here
  std::vector<StatePicture> states = {};  ///< ascending; of any size, made as large as the source
};

/// What was painted, with names and recipes; sources beyond `painted` are left out.
std::vector<Finished> finish(GimpImage* image, const char* procedure, const AnyRequest& request,
                             const std::vector<Source>& sources, const std::vector<Painted>& painted);

struct Inserted {
  std::vector<GimpLayer*> layers;  ///< the results, in the order given
  std::vector<GimpLayer*> states;  ///< hidden, between their sources and results; those of a source ascending
};

/// The masks of all new layers are the selection, if there is one, times the source's own mask, if it has one that is
/// in use.
Inserted insert_layers(GimpImage* image, std::vector<Finished>& finished);

/// Throws bad_argument for a layer whose pixels are locked, or those of a group it is in.
void check_unlocked(GimpLayer* layer);

/// Other pixels and the finished recipe for a layer that is in the image, and nothing else: a result of another size is
/// made to fit; a selection does not count, nor do channels that are switched off. A locked alpha channel stays. States
/// are inserted below it.
class Replacement {
 public:
  /// Makes all of it ready beside the image, of which nothing changes. Throws Failure, also what check_unlocked does.
  Replacement(GimpImage* image, GimpLayer* layer, Finished finished);
  /// Once; one undo step. Throws Failure where GIMP refuses.
  Inserted enter();

 private:
  void check_size() const;
  void fill();

  GimpImage* image_;
  GimpLayer* layer_;
  Finished finished_;
  int64_t width_, height_;  ///< of the layer
  std::string recipe_;      ///< as JSON
  PreparedLayers states_;
};

}  // namespace pinxit
