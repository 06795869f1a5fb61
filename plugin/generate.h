// SPDX-License-Identifier: Apache-2.0
//
// Generate from Text in GIMP, into an open image or as a new one:
//
//     generate_paint.h    the engine paints all pictures                       (no image touched)
//     generate_layers.h   complete layers enter the image in one undo step
//     generate_recipe.h   what the layers are called and remember
//
// With GIMP_RUN_INTERACTIVE the window changes `request`, and nothing is returned when the painter closes it. With
// GIMP_RUN_WITH_LAST_VALS the prompt, which GIMP is not given to remember, is the newest of the painter's private
// history. Main thread. Throws Failure.
#pragma once

#include <libgimp/gimp.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/requests/generate.h"
#include "plugin/edit_style.h"
#include "plugin/generate_layers.h"
#include "plugin/recipe.h"
#include "plugin/sources.h"

namespace pinxit {

inline constexpr const char* generate_procedure = "plug-in-pinxit-generate";
inline constexpr const char* generate_image_procedure = "plug-in-pinxit-generate-image";

/// Arguments that are private: GIMP must not write them into its settings or into images.
const std::vector<std::string>& private_arguments();

/// `drawables` tell what the new layers lie above, and may be none.
std::optional<GeneratedLayers> run_generate(GimpRunMode mode, GimpImage* image, GimpDrawable** drawables,
                                            GenerateRequest& request);

struct GeneratedImage {
  GimpImage* image = nullptr;  ///< as large as the largest picture; has a window unless `mode` is noninteractive
  GeneratedLayers made;
};
std::optional<GeneratedImage> run_generate_image(GimpRunMode mode, GenerateRequest& request);

/// Edit Style of a layer with such a recipe: the same picture again, or what the painter makes of it in the window, is
/// made to fit and takes the layer's place, and its details those of the old one (generated_details.h; without a window
/// only where those still are). More pictures that are kept become layers above it. One undo step. A layer whose prompt
/// is not to be kept any more is called anew, with its group and its details. Throws bad_argument where the prompt was
/// not kept and there is no painter to give it.
std::optional<Edited> edit_generated(GimpRunMode mode, GimpImage* image, const Source& edited, const Recipe& recipe);

}  // namespace pinxit
