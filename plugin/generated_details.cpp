// SPDX-License-Identifier: Apache-2.0
#include "plugin/generated_details.h"

#include <string>
#include <utility>

#include "engine/requests/json_reading.h"
#include "plugin/generate_recipe.h"
#include "plugin/items.h"
#include "plugin/pixels.h"

namespace pinxit {
namespace {

constexpr const char* mark_name = "pinxit-detail";
constexpr int mark_version = 1;

std::string checksum_of(GimpLayer* layer) {
  GimpDrawable* drawable = GIMP_DRAWABLE(layer);
  return read_pixels(drawable, {0, 0, gimp_drawable_get_width(drawable), gimp_drawable_get_height(drawable)}, {});
}

/// No word of the prompt is in here: whatever the layer is called later, this stays.
JsonObjectOwner new_mark(const std::string& id) {
  JsonObjectOwner mark(json_object_new());
  json_object_set_int_member(mark.get(), "detail", mark_version);
  json_object_set_string_member(mark.get(), "picture", id.c_str());
  return mark;
}

void mark_as_made(GimpLayer* layer, const std::string& id, const PartLabel& part) {
  const JsonObjectOwner mark = new_mark(id);
  json_object_set_string_member(mark.get(), "role", part.role.c_str());
  if (part.word > 0) json_object_set_int_member(mark.get(), "word", part.word);
  json_object_set_string_member(mark.get(), "checksum", checksum_of(layer).c_str());
  attach_text(GIMP_ITEM(layer), mark_name, text_of(mark.get()));
}

/// Somebody's own from now on, beside the details of that picture.
void mark_as_kept(GimpLayer* layer, const std::string& id) {
  const JsonObjectOwner mark = new_mark(id);
  json_object_set_boolean_member(mark.get(), "kept", true);
  attach_text(GIMP_ITEM(layer), mark_name, text_of(mark.get()));
}

/// An empty object where there is none.
JsonObjectOwner mark_of(GimpItem* item) {
  return json_object_of(attached_text(item, mark_name).value_or(""));
}

bool belongs_to(JsonObject* mark, const std::string& id) {
  return !id.empty() && integer_in(mark, "detail") == mark_version && string_in(mark, "picture") == id;
}

bool is_as_made(GimpImage* image, GimpLayer* layer, JsonObject* mark, const std::string& facts) {
  GimpDrawable* drawable = GIMP_DRAWABLE(layer);
  const PartLabel part{.role = string_in(mark, "role"),
                       .word = int(integer_in(mark, "word")),
                       .width = gimp_drawable_get_width(drawable),
                       .height = gimp_drawable_get_height(drawable)};
  return !gimp_layer_get_mask(layer) && !has_filters(drawable) && !locked_by(GIMP_ITEM(layer)) &&
         gimp_layer_get_opacity(layer) == 100 &&
         gimp_layer_get_mode(layer) == gimp_image_get_default_new_layer_mode(image) &&
         is_generated_part_name(name_of(GIMP_ITEM(layer)), part, facts) &&
         checksum_of(layer) == string_in(mark, "checksum");
}

Region bounds_of(GimpLayer* layer) {
  int x, y;
  gimp_drawable_get_offsets(GIMP_DRAWABLE(layer), &x, &y);
  return {x, y, gimp_drawable_get_width(GIMP_DRAWABLE(layer)), gimp_drawable_get_height(GIMP_DRAWABLE(layer))};
}

}  // namespace

void prepare_details(PreparedLayers& prepared, GimpImage* image, const GeneratedPicture& picture, const std::string& id,
                     const Region& frame) {
  for (size_t i = 0; i < picture.parts.size(); ++i) {
    GimpLayer* layer =
        prepare_picture(prepared, image, picture.parts[i].picture->view(), generated_part_name(picture, i), frame);
    mark_as_made(layer, id, generated_part_label(picture, i));
  }
}

GimpLayer* enter_details(GimpImage* image, PreparedLayers& prepared, const GeneratedPicture& picture, GimpLayer* parent,
                         int position) {
  GimpLayer* group = open_group(image, generated_details_name(picture), parent, position);
  try {
    gimp_item_set_visible(GIMP_ITEM(group), false);
    for (int i = 0; i < int(picture.parts.size()); ++i) enter_next(image, prepared, group, i);
  } catch (...) {
    gimp_image_remove_layer(image, group);
    throw;
  }
  return group;
}

DetailsBelow details_below(GimpImage* image, GimpLayer* layer, const GeneratedPicture& picture) {
  const std::vector<GimpItem*> siblings = children_of(image, gimp_item_get_parent(GIMP_ITEM(layer)));
  const auto below = size_t(gimp_image_get_item_position(image, GIMP_ITEM(layer))) + 1;
  if (below >= siblings.size()) return {};
  const std::string id = generated_id(picture.facts);
  DetailsBelow found;
  for (GimpItem* item : children_of(image, siblings[below])) {
    const JsonObjectOwner mark = mark_of(item);
    if (gimp_item_is_group(item) || !belongs_to(mark.get(), id)) continue;
    found.group = GIMP_LAYER(siblings[below]);
    if (boolean_in(mark.get(), "kept"))
      found.kept.push_back(GIMP_LAYER(item));
    else if (is_as_made(image, GIMP_LAYER(item), mark.get(), picture.facts))
      found.as_made.push_back(GIMP_LAYER(item));
    else
      found.changed.push_back(GIMP_LAYER(item));
  }
  return found;
}

NewDetails::NewDetails(GimpImage* image, GimpLayer* layer, const GeneratedPicture& old, const GeneratedPicture& now,
                       std::string id)
    : image_(image), layer_(layer), old_(old), now_(now), id_(std::move(id)), below_(details_below(image, layer, old)) {
  prepare_details(prepared_, image, now, id_, bounds_of(layer));
  entered_.reserve(now.parts.size());
}

void NewDetails::enter(std::vector<GimpLayer*>& entered) {
  if (now_.parts.empty()) return;
  entered.reserve(entered.size() + now_.parts.size());
  if (below_.group) {
    for (int i = 0; i < int(now_.parts.size()); ++i) {
      entered_.push_back(enter_next(image_, prepared_, below_.group, i));
      entered.push_back(entered_.back());
    }
    return;
  }
  const int position = gimp_image_get_item_position(image_, GIMP_ITEM(layer_)) + 1;
  entered.push_back(enter_details(image_, prepared_, now_, parent_of(layer_), position));
}

bool NewDetails::replace_old() {
  if (!below_.group) return false;
  remove_layers(image_, below_.as_made);
  for (const auto& stay : {below_.changed, below_.kept})
    for (GimpLayer* layer : stay) mark_as_kept(layer, id_);
  for (size_t i = 0; i < entered_.size(); ++i)  // the names are free now
    gimp_item_set_name(GIMP_ITEM(entered_[i]), generated_part_name(now_, i).c_str());
  GimpItem* group = GIMP_ITEM(below_.group);
  if (children_of(image_, group).empty() && !gimp_layer_get_mask(below_.group))
    gimp_image_remove_layer(image_, below_.group);
  else if (!now_.parts.empty() && is_called(group, generated_details_name(old_)))
    gimp_item_set_name(group, generated_details_name(now_).c_str());
  return !below_.changed.empty();
}

}  // namespace pinxit
