// SPDX-License-Identifier: Apache-2.0
#include "plugin/layers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/base/text.h"
#include "plugin/items.h"
#include "plugin/names.h"
#include "plugin/pixels.h"
#include "plugin/scaling.h"

namespace pinxit {
namespace {

/// No selection for a while.
class SelectionAside {
 public:
  explicit SelectionAside(GimpImage* image) : image_(image) {
    if (gimp_selection_is_empty(image)) return;
    saved_ = gimp_selection_save(image);
    if (!saved_) refused();
    gimp_selection_none(image);
  }
  SelectionAside(const SelectionAside&) = delete;
  ~SelectionAside() {
    if (!saved_) return;
    gimp_image_select_item(image_, GIMP_CHANNEL_OP_REPLACE, GIMP_ITEM(saved_));
    gimp_image_remove_channel(image_, saved_);
  }

 private:
  GimpImage* image_;
  GimpChannel* saved_ = nullptr;
};

/// All color channels of the image are switched on for a while: a shadow enters only those that are. (GIMP does not
/// count that among what is undone.)
class ChannelsOn {
 public:
  explicit ChannelsOn(GimpImage* image) : image_(image) {
    std::vector<GimpChannelType> channels{GIMP_CHANNEL_RED, GIMP_CHANNEL_GREEN, GIMP_CHANNEL_BLUE, GIMP_CHANNEL_ALPHA};
    if (gimp_image_get_base_type(image) == GIMP_GRAY) channels = {GIMP_CHANNEL_GRAY};  // GIMP tells no other of grey
    for (const GimpChannelType channel : channels)
      if (!gimp_image_get_component_active(image, channel)) off_.push_back(channel);
    for (const GimpChannelType channel : off_) gimp_image_set_component_active(image, channel, true);
  }
  ChannelsOn(const ChannelsOn&) = delete;
  ~ChannelsOn() {
    for (const GimpChannelType channel : off_) gimp_image_set_component_active(image_, channel, false);
  }

 private:
  GimpImage* image_;
  std::vector<GimpChannelType> off_;
};

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

Recipe complete_recipe(GimpImage* image, Recipe recipe) {
  recipe.selection = !gimp_selection_is_empty(image);
  recipe.pinxit = PINXIT_VERSION;
  recipe.gimp = gimp_version();
  return recipe;
}

void fill_layer(GimpImage* image, GimpLayer* layer, const Source& source, SrgbView picture, const Recipe& recipe) {
  int x, y;
  gimp_drawable_get_offsets(GIMP_DRAWABLE(source.layer), &x, &y);
  if (!gimp_layer_set_offsets(layer, x, y)) refused();
  write_pixels(GIMP_DRAWABLE(layer), picture);
  add_mask(image, layer, source.layer);
  attach_recipe(layer, complete_recipe(image, recipe));
}

/// As large as the source, and as transparent.
SrgbPicture full_size(SrgbView state, const Source& source) {
  SrgbPicture picture = scaled(state, source.width, source.height);
  const float* alpha = source.pixels.view().data + 3;
  for (size_t i = 0; i < picture.data.size(); i += 4) picture.data[i + 3] = alpha[i];
  return picture;
}

/// All that is new of a finished one, from the top down.
void prepare(PreparedLayers& prepared, GimpImage* image, const Finished& finished, bool with_result) {
  const auto add = [&](const std::string& name, SrgbView picture, const Recipe& recipe) {
    GimpLayer* layer = make_layer(image, finished.source.width, finished.source.height, name);
    prepared.add(layer);
    fill_layer(image, layer, finished.source, picture, recipe);
    return layer;
  };
  if (with_result) add(finished.name, finished.result.view(), finished.recipe);
  for (auto state = finished.states.rbegin(); state != finished.states.rend(); ++state) {
    Recipe recipe = finished.recipe;
    recipe.iteration = state->iteration;
    GimpLayer* layer = add(iteration_name(finished.name, state->iteration),
                           full_size(state->picture->view(), finished.source).view(), recipe);
    if (finished.result || state != finished.states.rbegin()) gimp_item_set_visible(GIMP_ITEM(layer), false);
  }
}

/// The next one enters directly above or below another one.
GimpLayer* enter_beside(GimpImage* image, PreparedLayers& prepared, GimpLayer* beside, bool above) {
  const int position = gimp_image_get_item_position(image, GIMP_ITEM(beside)) + (above ? 0 : 1);
  return enter_next(image, prepared, parent_of(beside), position);
}

}  // namespace

std::vector<Finished> finish(GimpImage* image, const char* procedure, const AnyRequest& request,
                             const std::vector<Source>& sources, const std::vector<Painted>& painted) {
  std::vector<Finished> finished;
  for (size_t i = 0; i < std::min(sources.size(), painted.size()); ++i) {
    const Source& source = sources[i];
    const Recipe recipe{.procedure = procedure,
                        .request = request,
                        .facts = painted[i].facts,
                        .source = {.tattoo = gimp_item_get_tattoo(GIMP_ITEM(source.layer)),
                                   .name = source.name,
                                   .checksum = source.checksum,
                                   .width = source.width,
                                   .height = source.height}};
    finished.push_back(
        {source, painted[i].result, layer_name(image, request, painted[i].facts), recipe, painted[i].states});
  }
  return finished;
}

Inserted insert_layers(GimpImage* image, std::vector<Finished>& finished) {
  PreparedLayers prepared;
  for (const Finished& one : finished) prepare(prepared, image, one, bool(one.result));

  Inserted inserted;
  const UndoGroup group(image);
  try {
    for (const Finished& one : finished) {
      const auto enter = [&] { return enter_beside(image, prepared, one.source.layer, true); };
      if (one.result) inserted.layers.push_back(enter());
      const auto before = std::ptrdiff_t(inserted.states.size());
      for (size_t i = 0; i < one.states.size(); ++i) inserted.states.push_back(enter());
      std::reverse(inserted.states.begin() + before, inserted.states.end());
    }
  } catch (...) {
    remove_layers(image, inserted.layers);
    remove_layers(image, inserted.states);
    throw;
  }
  if (inserted.layers.size() + inserted.states.size() > 1)
    select_layers(image, inserted.layers.empty() ? inserted.states : inserted.layers);
  return inserted;
}

void check_unlocked(GimpLayer* layer) {
  if (GimpItem* locked = locked_by(GIMP_ITEM(layer)))
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("The pixels of the layer \"%s\" are locked."), name_of(locked).c_str()),
                  _("Unlock them in the Layers dialog."));
}

Replacement::Replacement(GimpImage* image, GimpLayer* layer, Finished finished)
    : image_(image),
      layer_(layer),
      finished_(std::move(finished)),
      width_(gimp_drawable_get_width(GIMP_DRAWABLE(layer))),
      height_(gimp_drawable_get_height(GIMP_DRAWABLE(layer))) {
  check_unlocked(layer);
  finished_.name = name_of(GIMP_ITEM(layer));
  Recipe recipe = complete_recipe(image, finished_.recipe);
  if (const auto old = recipe_of(layer); old && *old) recipe.selection = (**old).selection;
  recipe_ = recipe_to_json(recipe);
  prepare(states_, image, finished_, false);
  if (!finished_.result) return;
  const SrgbView result = finished_.result.view();
  const bool fits = result.width == width_ && result.height == height_;
  const SrgbPicture resized = fits ? SrgbPicture() : scaled(result, width_, height_);
  write_shadow(GIMP_DRAWABLE(layer), fits ? result : resized.view());
}

void Replacement::check_size() const {
  if (gimp_drawable_get_width(GIMP_DRAWABLE(layer_)) != width_ ||
      gimp_drawable_get_height(GIMP_DRAWABLE(layer_)) != height_)
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("The layer \"%s\" was scaled while it was being painted."), finished_.name.c_str()),
                  _("Paint again."));
}

/// Recipe and pixels, or neither.
void Replacement::fill() {
  const SelectionAside no_selection(image_);
  const ChannelsOn all_channels(image_);
  GimpItem* item = GIMP_ITEM(layer_);
  const std::optional<std::string> before = attached_text(item, Recipe::parasite);
  attach_text(item, Recipe::parasite, recipe_);
  try {
    merge_shadow(GIMP_DRAWABLE(layer_));
  } catch (...) {
    if (before)
      attach_text(item, Recipe::parasite, *before);
    else
      gimp_item_detach_parasite(item, Recipe::parasite);
    throw;
  }
}

Inserted Replacement::enter() {
  check_size();
  Inserted inserted;
  inserted.layers.reserve(1);
  inserted.states.reserve(finished_.states.size());
  const UndoGroup group(image_);
  const SelectedLayers selected(image_);
  try {
    for (GimpLayer* above = layer_; states_.next(); inserted.states.push_back(above))
      above = enter_beside(image_, states_, above, false);
    if (finished_.result) fill();
  } catch (...) {
    remove_layers(image_, inserted.states);
    throw;
  }
  std::ranges::reverse(inserted.states);
  if (finished_.result) inserted.layers.push_back(layer_);
  return inserted;
}

}  // namespace pinxit
