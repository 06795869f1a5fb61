// SPDX-License-Identifier: Apache-2.0
#include "plugin/generate_layers.h"

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "plugin/generate_recipe.h"
#include "plugin/new_layers.h"
#include "plugin/pixels.h"
#include "plugin/scaling.h"
#include "plugin/sources.h"

namespace pinxit {
namespace {

bool becomes_group(const PictureGroup& group) {
  return group.caption || group.pictures.size() > 1 || !group.pictures.front().parts.empty();
}

/// Whole pixels left of and above a picture in the middle of the frame.
int before(int64_t frame, int64_t size) {
  return int(std::floor(double(frame - size) / 2));
}

GimpLayer* add_picture_layer(PreparedLayers& prepared, GimpImage* image, SrgbView picture, const std::string& name,
                             const Region& frame) {
  GimpLayer* layer = make_layer(image, picture.width, picture.height, name);
  prepared.add(layer);
  write_pixels(GIMP_DRAWABLE(layer), picture);
  if (!gimp_layer_set_offsets(layer, int(frame.x) + before(frame.width, picture.width),
                              int(frame.y) + before(frame.height, picture.height)))
    refused();
  return layer;
}

/// As large as the frame allows.
SrgbPicture fitted(SrgbView picture, const Region& frame) {
  const double scale =
      std::min(double(frame.width) / double(picture.width), double(frame.height) / double(picture.height));
  const auto side = [&](int64_t pixels) { return std::max<int64_t>(1, std::llround(scale * double(pixels))); };
  return scaled(picture, side(picture.width), side(picture.height));
}

/// All layers with pixels, in the order in which `Entering` takes them.
void prepare(PreparedLayers& prepared, GimpImage* image, const std::vector<PictureGroup>& groups, bool fit) {
  const Region frame = picture_frame(image);
  for (const PictureGroup& group : groups)
    for (const GeneratedPicture& picture : group.pictures) {
      const SrgbView made = picture.picture->view();
      const SrgbPicture larger = fit ? fitted(made, frame) : SrgbPicture();
      GimpLayer* layer = add_picture_layer(prepared, image, fit ? larger.view() : made, generated_name(picture), frame);
      Recipe recipe = generated_recipe(picture);
      recipe.pinxit = PINXIT_VERSION;
      recipe.gimp = gimp_version();
      attach_recipe(layer, recipe);
      for (size_t i = 0; i < picture.parts.size(); ++i)
        add_picture_layer(prepared, image, picture.parts[i].picture->view(), generated_part_name(picture, i), frame);
    }
}

/// The prepared layers on their way into the image, in groups made here.
class Entering {
 public:
  Entering(GimpImage* image, const LayerPlace& place, PreparedLayers& prepared) : image_(image), prepared_(prepared) {
    if (!place.above) return;
    GimpItem* parent = gimp_item_get_parent(GIMP_ITEM(place.above));
    parent_ = parent ? GIMP_LAYER(parent) : nullptr;
    position_ = gimp_image_get_item_position(image, GIMP_ITEM(place.above));
  }

  void enter(const PictureGroup& group) {
    GimpLayer* parent = parent_;
    int position = position_ + int(outermost_.size());
    if (becomes_group(group)) {
      parent = open_group(generated_group_name(group.pictures.front()), parent, position);
      outermost_.push_back(parent);
      position = 0;
    }
    for (const GeneratedPicture& picture : group.pictures) {
      GimpLayer* layer = take(parent, position++);
      pictures_.push_back(layer);
      if (parent == parent_) outermost_.push_back(layer);
      if (!picture.parts.empty()) enter_details(picture, parent, position++);
    }
  }

  /// Whatever has entered.
  void leave() {
    for (GimpLayer* layer : outermost_) gimp_image_remove_layer(image_, layer);
  }
  const std::vector<GimpLayer*>& outermost() const { return outermost_; }
  const std::vector<GimpLayer*>& pictures() const { return pictures_; }

 private:
  GimpLayer* open_group(const std::string& name, GimpLayer* parent, int position) {
    auto* group = GIMP_LAYER(gimp_group_layer_new(image_, name.c_str()));
    if (group && gimp_image_insert_layer(image_, group, parent, position)) return group;
    if (group) gimp_item_delete(GIMP_ITEM(group));
    refused();
  }
  GimpLayer* take(GimpLayer* parent, int position) {
    GimpLayer* layer = prepared_.next();
    if (!gimp_image_insert_layer(image_, layer, parent, position)) refused();
    prepared_.let_go();
    return layer;
  }
  void enter_details(const GeneratedPicture& picture, GimpLayer* parent, int position) {
    GimpLayer* details = open_group(generated_details_name(picture), parent, position);
    gimp_item_set_visible(GIMP_ITEM(details), false);
    for (int i = 0; i < int(picture.parts.size()); ++i) take(details, i);
  }

  GimpImage* image_;
  PreparedLayers& prepared_;
  GimpLayer* parent_ = nullptr;
  int position_ = 0;
  std::vector<GimpLayer*> outermost_, pictures_;
};

}  // namespace

LayerPlace place_of(GimpImage* image, GimpDrawable** drawables) {
  for (GimpDrawable** drawable = drawables; drawable && *drawable; ++drawable) {
    if (!gimp_item_is_layer(GIMP_ITEM(*drawable))) continue;
    check_in(image, GIMP_ITEM(*drawable));
    return {GIMP_LAYER(*drawable)};
  }
  g_autofree GimpLayer** layers = gimp_image_get_layers(image);
  return {layers ? layers[0] : nullptr};
}

Region picture_frame(GimpImage* image) {
  gboolean selected = false;
  int left, top, right, bottom;
  if (gimp_selection_bounds(image, &selected, &left, &top, &right, &bottom) && selected)
    return {left, top, right - left, bottom - top};
  return {0, 0, gimp_image_get_width(image), gimp_image_get_height(image)};
}

GeneratedLayers insert_generated(GimpImage* image, const LayerPlace& place, const std::vector<PictureGroup>& groups,
                                 bool fit) {
  PreparedLayers prepared;
  prepare(prepared, image, groups, fit);
  const UndoGroup undo(image);
  Entering entering(image, place, prepared);
  try {
    for (const PictureGroup& group : groups) entering.enter(group);
  } catch (const Failure&) {
    entering.leave();
    throw;
  }
  select_layers(image, entering.outermost());
  return {entering.pictures(), entering.outermost()};
}

}  // namespace pinxit
