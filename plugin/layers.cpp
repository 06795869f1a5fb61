// SPDX-License-Identifier: Apache-2.0
#include "plugin/layers.h"

#include "engine/base/text.h"
#include "plugin/pixels.h"

namespace pinxit {
namespace {

/// Layers that are not in the image yet; those still here at the end are deleted.
class Prepared {
 public:
  Prepared() = default;
  Prepared(const Prepared&) = delete;
  ~Prepared() {
    for (GimpLayer* layer : layers) gimp_item_delete(GIMP_ITEM(layer));
  }
  std::vector<GimpLayer*> layers;
};

[[noreturn]] void refused() {
  const char* why = gimp_pdb_get_last_error(gimp_get_pdb());
  throw Failure(ErrorCode::internal, format_text(_("GIMP refused the new layer: %s"), why ? why : ""));
}

/// What limits the source limits the result: the selection, and the mask in use.
void add_mask(GimpImage* image, GimpLayer* layer, GimpLayer* source) {
  const bool selected = !gimp_selection_is_empty(image);
  GimpLayerMask* own = gimp_layer_get_mask(source);
  if (own && !gimp_layer_get_apply_mask(source)) own = nullptr;
  if (!selected && !own) return;
  GimpLayerMask* mask = gimp_layer_create_mask(layer, selected ? GIMP_ADD_MASK_SELECTION : GIMP_ADD_MASK_WHITE);
  if (!mask) refused();
  if (own) multiply_mask(GIMP_DRAWABLE(mask), GIMP_DRAWABLE(own), 0, 0);
  if (!gimp_layer_add_mask(layer, mask)) refused();
  gimp_layer_set_edit_mask(layer, false);  // the painter goes on with the picture
}

GimpLayer* make_layer(GimpImage* image, const Finished& finished) {
  const GimpImageType type = gimp_image_get_base_type(image) == GIMP_GRAY ? GIMP_GRAYA_IMAGE : GIMP_RGBA_IMAGE;
  GimpLayer* layer =
      gimp_layer_new(image, finished.name.c_str(), int(finished.source.width), int(finished.source.height), type, 100,
                     gimp_image_get_default_new_layer_mode(image));
  if (!layer) refused();
  return layer;
}

void fill_layer(GimpImage* image, GimpLayer* layer, Finished& finished) {
  int x, y;
  gimp_drawable_get_offsets(GIMP_DRAWABLE(finished.source.layer), &x, &y);
  if (!gimp_layer_set_offsets(layer, x, y)) refused();
  write_pixels(GIMP_DRAWABLE(layer), finished.result.view());
  add_mask(image, layer, finished.source.layer);
  finished.recipe.selection = !gimp_selection_is_empty(image);
  finished.recipe.pinxit = PINXIT_VERSION;
  finished.recipe.gimp = gimp_version();
  attach_recipe(layer, finished.recipe);
}

}  // namespace

std::vector<GimpLayer*> insert_layers(GimpImage* image, std::vector<Finished>& finished) {
  Prepared prepared;
  for (Finished& one : finished) {
    prepared.layers.push_back(make_layer(image, one));
    fill_layer(image, prepared.layers.back(), one);
  }

  gimp_image_undo_group_start(image);
  std::vector<GimpLayer*> inserted;
  for (size_t i = 0; i < finished.size(); ++i) {
    GimpItem* source = GIMP_ITEM(finished[i].source.layer);
    GimpItem* parent = gimp_item_get_parent(source);
    GimpLayer* layer = prepared.layers.front();
    if (!gimp_image_insert_layer(image, layer, parent ? GIMP_LAYER(parent) : nullptr,
                                 gimp_image_get_item_position(image, source)))
      break;
    prepared.layers.erase(prepared.layers.begin());
    inserted.push_back(layer);
  }
  const bool complete = inserted.size() == finished.size();
  if (!complete)
    for (GimpLayer* layer : inserted) gimp_image_remove_layer(image, layer);
  if (complete && inserted.size() > 1) {
    std::vector<GimpLayer*> selected(inserted);
    selected.push_back(nullptr);
    gimp_image_set_selected_layers(image, const_cast<const GimpLayer**>(selected.data()));
  }
  gimp_image_undo_group_end(image);
  if (!complete) refused();
  return inserted;
}

}  // namespace pinxit
