// SPDX-License-Identifier: Apache-2.0
#include "plugin/new_layers.h"

#include <cmath>

#include "plugin/items.h"
#include "plugin/pixels.h"

namespace pinxit {

GimpLayer* make_layer(GimpImage* image, int64_t width, int64_t height, const std::string& name) {
  const GimpImageType type = gimp_image_get_base_type(image) == GIMP_GRAY ? GIMP_GRAYA_IMAGE : GIMP_RGBA_IMAGE;
  GimpLayer* layer = gimp_layer_new(image, name.c_str(), int(width), int(height), type, 100,
                                    gimp_image_get_default_new_layer_mode(image));
  if (!layer) refused();
  return layer;
}

GimpLayer* prepare_picture(PreparedLayers& prepared, GimpImage* image, SrgbView picture, const std::string& name,
                           const Region& frame) {
  const auto before = [](int64_t length, int64_t own) { return int(std::floor(double(length - own) / 2)); };
  GimpLayer* layer = make_layer(image, picture.width, picture.height, name);
  prepared.add(layer);
  write_pixels(GIMP_DRAWABLE(layer), picture);
  if (!gimp_layer_set_offsets(layer, int(frame.x) + before(frame.width, picture.width),
                              int(frame.y) + before(frame.height, picture.height)))
    refused();
  return layer;
}

GimpLayer* enter_next(GimpImage* image, PreparedLayers& prepared, GimpLayer* parent, int position) {
  GimpLayer* layer = prepared.next();
  if (!gimp_image_insert_layer(image, layer, parent, position)) refused();
  prepared.let_go();
  return layer;
}

GimpLayer* open_group(GimpImage* image, const std::string& name, GimpLayer* parent, int position) {
  auto* group = GIMP_LAYER(gimp_group_layer_new(image, name.c_str()));
  if (group && gimp_image_insert_layer(image, group, parent, position)) return group;
  if (group) gimp_item_delete(GIMP_ITEM(group));
  refused();
}

void remove_layers(GimpImage* image, const std::vector<GimpLayer*>& layers) {
  for (GimpLayer* layer : layers) gimp_image_remove_layer(image, layer);
}

GimpLayer* parent_of(GimpLayer* layer) {
  GimpItem* parent = gimp_item_get_parent(GIMP_ITEM(layer));
  return parent ? GIMP_LAYER(parent) : nullptr;
}

void select_layers(GimpImage* image, std::vector<GimpLayer*> layers) {
  layers.push_back(nullptr);
  gimp_image_set_selected_layers(image, const_cast<const GimpLayer**>(layers.data()));
}

}  // namespace pinxit
