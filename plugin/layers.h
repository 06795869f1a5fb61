// SPDX-License-Identifier: Apache-2.0
//
// Finished pictures as new layers, each directly above its source.
//
// Every layer is made complete (pixels, mask, recipe) before it enters the image, so that it enters in one step: a
// plug-in killed at any moment leaves no half-made layer behind. All of them enter in one undo step.
// Main thread only. Throws Failure; the image is then as it was.
#pragma once

#include <libgimp/gimp.h>

#include <string>
#include <vector>

#include "plugin/recipe.h"
#include "plugin/sources.h"

namespace pinxit {

struct Finished {
  Source source;
  SharedPicture result;  ///< as large as the source
  std::string name;      ///< of the new layer; GIMP makes it unique
  Recipe recipe;         ///< `selection` and the versions are filled in here
};

/// The new layers, in the order given. Their masks are the selection, if there is one, times the source's own mask,
/// if it has one that is in use.
std::vector<GimpLayer*> insert_layers(GimpImage* image, std::vector<Finished>& finished);

}  // namespace pinxit
