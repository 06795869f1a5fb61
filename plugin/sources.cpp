// SPDX-License-Identifier: Apache-2.0
#include "plugin/sources.h"

#include <algorithm>
#include <memory>

#include "engine/base/text.h"
#include "plugin/items.h"
#include "plugin/pixels.h"

namespace pinxit {
namespace {

[[noreturn]] void unsupported(std::string sentence, std::string hint) {
  throw Failure(ErrorCode::picture_unsupported, std::move(sentence), std::move(hint));
}

bool is_in(GimpImage* image, GimpItem* item) {
  if (gimp_item_get_image(item) != image) return false;
  return std::ranges::count(children_of(image, gimp_item_get_parent(item)), item) > 0;
}

void check_item(GimpImage* image, GimpItem* item, Selecting selecting) {
  const std::string name = name_of(item);
  if (gimp_item_is_layer_mask(item))
    unsupported(format_text(_("\"%s\" is a layer mask, and only layers can be painted."), name.c_str()),
                _("Click the layer's picture instead of its mask in the Layers dialog."));
  if (!gimp_item_is_layer(item))
    unsupported(format_text(_("\"%s\" is a channel, and only layers can be painted."), name.c_str()),
                _("Select a layer in the Layers dialog."));
  check_in(image, item);
  if (gimp_item_is_group(item) && children_of(image, item).empty())
    unsupported(format_text(_("The layer group \"%s\" is empty."), name.c_str()),
                _("Put a layer into it, or select another one."));
  int x, y, width, height;
  if (selecting == Selecting::counts && !gimp_drawable_mask_intersect(GIMP_DRAWABLE(item), &x, &y, &width, &height))
    unsupported(format_text(_("The selection does not touch the layer \"%s\"."), name.c_str()),
                _("Select a part of the layer, or nothing (Select ▸ None)."));
}

/// A private image, never shown, with nothing to undo.
struct Scratch {
  explicit Scratch(GimpImage* like, int width, int height)
      : image(gimp_image_new_with_precision(width, height, gimp_image_get_base_type(like),
                                            gimp_image_get_precision(like))) {
    gimp_image_undo_disable(image);
    if (GimpColorProfile* profile = gimp_image_get_color_profile(like)) {
      gimp_image_set_color_profile(image, profile);
      g_object_unref(profile);
    }
  }
  Scratch(const Scratch&) = delete;
  ~Scratch() { gimp_image_delete(image); }
  GimpImage* image;
};

/// GIMP hands out a layer's pixels without its filters. So a copy goes into a group of its own in a scratch image:
/// the group's pixels are what the layer looks like.
void read_filtered(Source& source, SrgbSpan target) {
  Scratch scratch(gimp_item_get_image(GIMP_ITEM(source.layer)), int(source.width), int(source.height));
  GimpLayer* frame = GIMP_LAYER(gimp_group_layer_new(scratch.image, "frame"));
  gimp_image_insert_layer(scratch.image, frame, nullptr, 0);
  GimpLayer* copy = gimp_layer_new_from_drawable(GIMP_DRAWABLE(source.layer), scratch.image);
  if (!copy) throw Failure(ErrorCode::internal, _("GIMP could not copy the layer."));
  gimp_image_insert_layer(scratch.image, copy, frame, 0);
  if (gimp_layer_get_mask(copy)) gimp_layer_remove_mask(copy, GIMP_MASK_DISCARD);
  gimp_layer_set_opacity(copy, 100);
  gimp_layer_set_mode(copy, GIMP_LAYER_MODE_NORMAL);
  gimp_item_set_visible(GIMP_ITEM(copy), true);

  // Some filters paint outside the layer; the new layer has the size of the source.
  int x, y, frame_x, frame_y;
  gimp_drawable_get_offsets(GIMP_DRAWABLE(copy), &x, &y);
  gimp_drawable_get_offsets(GIMP_DRAWABLE(frame), &frame_x, &frame_y);
  source.checksum = read_pixels(GIMP_DRAWABLE(frame), {x - frame_x, y - frame_y, source.width, source.height}, target);
}

}  // namespace

void check_image(GimpImage* image) {
  if (!image) throw Failure(ErrorCode::bad_argument, _("There is no image to paint."), _("Open an image first."));
  if (gimp_image_get_base_type(image) == GIMP_INDEXED)
    unsupported(_("An indexed image cannot be painted: its palette has no colors for it."),
                _("Choose Image ▸ Mode ▸ RGB first."));
  if (gimp_image_get_floating_sel(image))
    unsupported(_("There is a floating selection in the way."),
                _("Anchor it or make it a layer first (Layer ▸ To New Layer)."));
}

void check_in(GimpImage* image, GimpItem* layer) {
  if (!is_in(image, layer))
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("The layer \"%s\" is not in this image."), name_of(layer).c_str()),
                  _("Give layers of the image that is given."));
}

std::vector<Source> sources_of(GimpImage* image, GimpDrawable** drawables, Selecting selecting) {
  check_image(image);
  std::vector<Source> sources;
  for (GimpDrawable** drawable = drawables; drawable && *drawable; ++drawable) {
    check_item(image, GIMP_ITEM(*drawable), selecting);
    GimpLayer* layer = GIMP_LAYER(*drawable);
    if (std::ranges::any_of(sources, [&](const Source& known) { return known.layer == layer; })) continue;
    sources.push_back({.layer = layer,
                       .name = name_of(GIMP_ITEM(layer)),
                       .width = gimp_drawable_get_width(*drawable),
                       .height = gimp_drawable_get_height(*drawable)});
  }
  if (sources.empty())
    throw Failure(ErrorCode::bad_argument, _("No layer is selected."), _("Select a layer in the Layers dialog."));
  return sources;
}

void read_source(Source& source) {
  source.pixels = SharedPicture::create(source.width, source.height).take();
  if (has_filters(GIMP_DRAWABLE(source.layer)))
    read_filtered(source, source.pixels.span());
  else
    source.checksum =
        read_pixels(GIMP_DRAWABLE(source.layer), {0, 0, source.width, source.height}, source.pixels.span());
  source.pixels.touch();
}

SharedPicture shared_copy(SrgbView picture) {
  SharedPicture copy = SharedPicture::create(picture.width, picture.height).take();
  std::copy_n(picture.data, size_t(4 * picture.width * picture.height), copy.span().data);
  copy.touch();
  return copy;
}

void check_still_there(GimpImage* image, const std::vector<Source>& sources, Selecting selecting) {
  // GIMP keeps a closed image for as long as a procedure works on it; the window tells.
  GimpDisplay* window = gimp_default_display();
  if (!gimp_image_is_valid(image) || (window && !gimp_display_is_valid(window)))
    throw Failure(ErrorCode::bad_argument, _("The image was closed while it was being painted."),
                  _("Open it and paint again."));
  for (const Source& source : sources)
    if (!gimp_item_is_valid(GIMP_ITEM(source.layer)) || !is_in(image, GIMP_ITEM(source.layer)))
      throw Failure(ErrorCode::bad_argument,
                    format_text(_("The layer \"%s\" was removed while it was being painted."), source.name.c_str()),
                    _("Undo that, or select another layer, and paint again."));
  check_image(image);
  for (const Source& source : sources) check_item(image, GIMP_ITEM(source.layer), selecting);
}

}  // namespace pinxit
