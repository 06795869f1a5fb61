// SPDX-License-Identifier: Apache-2.0
#include "plugin/new_layers.h"

#include "engine/base/error.h"
#include "engine/base/text.h"

namespace pinxit {

void refused() {
  const char* why = gimp_pdb_get_last_error(gimp_get_pdb());
  throw Failure(ErrorCode::internal, format_text(_("GIMP refused the new layer: %s"), why ? why : ""));
}

GimpLayer* make_layer(GimpImage* image, int64_t width, int64_t height, const std::string& name) {
  const GimpImageType type = gimp_image_get_base_type(image) == GIMP_GRAY ? GIMP_GRAYA_IMAGE : GIMP_RGBA_IMAGE;
  GimpLayer* layer = gimp_layer_new(image, name.c_str(), int(width), int(height), type, 100,
                                    gimp_image_get_default_new_layer_mode(image));
  if (!layer) refused();
  return layer;
}

void select_layers(GimpImage* image, std::vector<GimpLayer*> layers) {
  layers.push_back(nullptr);
  gimp_image_set_selected_layers(image, const_cast<const GimpLayer**>(layers.data()));
}

}  // namespace pinxit
