// SPDX-License-Identifier: Apache-2.0
#include "plugin/generate_layers.h"

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "plugin/generate_recipe.h"
#include "plugin/generated_details.h"
#include "plugin/items.h"
#include "plugin/scaling.h"
#include "plugin/sources.h"

namespace pinxit {
namespace {

bool becomes_group(const PictureGroup& group) {
  return group.caption || group.pictures.size() > 1 || !group.pictures.front().parts.empty();
}

/// As large as the frame allows.
SrgbPicture fitted(SrgbView picture, const Region& frame) {
  const double scale =
      std::min(double(frame.width) / double(picture.width), double(frame.height) / double(picture.height));
  const auto side = [&](int64_t pixels) { return std::max<int64_t>(1, std::llround(scale * double(pixels))); };
  return scaled(picture, side(picture.width), side(picture.height));
}

/// All layers with pixels, in the order in which they enter.
void prepare(PreparedLayers& prepared, GimpImage* image, const std::vector<PictureGroup>& groups, bool fit) {
  const Region frame = picture_frame(image);
  for (const PictureGroup& group : groups)
    for (const GeneratedPicture& picture : group.pictures) {
      const SrgbView made = picture.picture->view();
      const SrgbPicture larger = fit ? fitted(made, frame) : SrgbPicture();
      GimpLayer* layer = prepare_picture(prepared, image, fit ? larger.view() : made, generated_name(picture), frame);
      Recipe recipe = generated_recipe(picture);
      recipe.pinxit = PINXIT_VERSION;
      recipe.gimp = gimp_version();
      attach_recipe(layer, recipe);
      prepare_details(prepared, image, picture, generated_id(recipe.facts), frame);
    }
}

}  // namespace

LayerPlace place_of(GimpImage* image, GimpDrawable** drawables) {
  for (GimpDrawable** drawable = drawables; drawable && *drawable; ++drawable) {
    if (!gimp_item_is_layer(GIMP_ITEM(*drawable))) continue;
    check_in(image, GIMP_ITEM(*drawable));
    return {GIMP_LAYER(*drawable)};
  }
  const std::vector<GimpItem*> layers = children_of(image, nullptr);
  return {layers.empty() ? nullptr : GIMP_LAYER(layers.front())};
}

Region picture_frame(GimpImage* image) {
  gboolean selected = false;
  int left, top, right, bottom;
  if (gimp_selection_bounds(image, &selected, &left, &top, &right, &bottom) && selected)
    return {left, top, right - left, bottom - top};
  return {0, 0, gimp_image_get_width(image), gimp_image_get_height(image)};
}

NewPictures::NewPictures(GimpImage* image, const std::vector<PictureGroup>& groups, bool fit)
    : image_(image), groups_(groups) {
  prepare(prepared_, image, groups, fit);
}

void NewPictures::enter(const PictureGroup& group, GimpLayer* parent, int position, GeneratedLayers& entered) {
  const bool grouped = becomes_group(group);
  if (grouped) {
    parent = open_group(image_, generated_group_name(group.pictures.front()), parent, position);
    entered.outermost.push_back(parent);
    position = 0;
  }
  for (const GeneratedPicture& picture : group.pictures) {
    entered.pictures.push_back(enter_next(image_, prepared_, parent, position++));
    if (!grouped) entered.outermost.push_back(entered.pictures.back());
    if (!picture.parts.empty()) enter_details(image_, prepared_, picture, parent, position++);
  }
}

GeneratedLayers NewPictures::enter(const LayerPlace& place) {
  GeneratedLayers entered;
  if (groups_.empty()) return entered;
  GimpLayer* parent = place.above ? parent_of(place.above) : nullptr;
  const int position = place.above ? gimp_image_get_item_position(image_, GIMP_ITEM(place.above)) : 0;
  const UndoGroup undo(image_);
  try {
    for (const PictureGroup& group : groups_) enter(group, parent, position + int(entered.outermost.size()), entered);
  } catch (...) {
    remove_layers(image_, entered.outermost);
    throw;
  }
  select_layers(image_, entered.outermost);
  return entered;
}

}  // namespace pinxit
