// SPDX-License-Identifier: Apache-2.0
#include "plugin/references.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "engine/base/text.h"
#include "plugin/items.h"
#include "plugin/pixels.h"
#include "plugin/recipe.h"
#include "plugin/scaling.h"

namespace pinxit {
namespace {

constexpr std::string_view layer_prefix = "layer:";

/// Only one that is loaded here and shown nowhere.
struct Loaded {
  explicit Loaded(const std::string& file) {
    GFile* place = g_file_new_for_path(file.c_str());
    image = gimp_file_load(GIMP_RUN_NONINTERACTIVE, place);
    g_object_unref(place);
  }
  Loaded(const Loaded&) = delete;
  ~Loaded() {
    if (image) gimp_image_delete(image);
  }
  GimpImage* image;
};

[[noreturn]] void unreadable(const std::string& file, const std::string& why) {
  throw Failure(ErrorCode::file_unreadable,
                format_text(_("The picture \"%s\" cannot be read: %s"), file.c_str(), why.c_str()),
                _("Choose a picture that GIMP can open, or a layer of the image."));
}

SharedPicture load_file(const std::string& file) {
  if (!g_file_test(file.c_str(), G_FILE_TEST_EXISTS)) unreadable(file, _("there is no such file."));
  if (!g_file_test(file.c_str(), G_FILE_TEST_IS_REGULAR)) unreadable(file, _("it is not a file."));
  const Loaded loaded(file);
  if (!loaded.image) {
    const char* why = gimp_pdb_get_last_error(gimp_get_pdb());
    unreadable(file, why && *why ? why : _("GIMP does not know what it is."));
  }
  gimp_image_undo_disable(loaded.image);
  if (gimp_image_get_base_type(loaded.image) == GIMP_INDEXED) gimp_image_convert_rgb(loaded.image);
  GimpLayer* visible = gimp_layer_new_from_visible(loaded.image, loaded.image, "visible");
  if (!visible) unreadable(file, _("it shows nothing."));
  const int64_t width = gimp_drawable_get_width(GIMP_DRAWABLE(visible));
  const int64_t height = gimp_drawable_get_height(GIMP_DRAWABLE(visible));
  auto picture = SharedPicture::create(width, height).take();
  read_pixels(GIMP_DRAWABLE(visible), {0, 0, width, height}, picture.span());
  gimp_item_delete(GIMP_ITEM(visible));
  picture.touch();
  return picture;
}

Source read_layer(GimpLayer* layer) {
  Source source{.layer = layer,
                .width = gimp_drawable_get_width(GIMP_DRAWABLE(layer)),
                .height = gimp_drawable_get_height(GIMP_DRAWABLE(layer))};
  read_source(source);
  return source;
}

SharedPicture at_size(SharedPicture picture, int64_t width, int64_t height) {
  const SrgbView view = picture.view();
  return view.width == width && view.height == height ? picture : shared_copy(scaled(view, width, height).view());
}

float light(const float* pixel) {
  const float grey = 0.2126f * pixel[0] + 0.7152f * pixel[1] + 0.0722f * pixel[2];
  return std::clamp(grey * pixel[3], 0.0f, 1.0f);
}

void set_grey(float* pixel, float grey) {
  pixel[0] = pixel[1] = pixel[2] = grey;
  pixel[3] = 1;
}

/// Depth first, from the top of the Layers dialog to its bottom.
GimpLayer* topmost(GimpImage* image, GimpItem* parent, const std::function<bool(GimpLayer*)>& wanted) {
  for (GimpItem* child : children_of(image, parent)) {
    if (wanted(GIMP_LAYER(child))) return GIMP_LAYER(child);
    if (!gimp_item_is_group(child)) continue;
    if (GimpLayer* inside = topmost(image, child, wanted)) return inside;
  }
  return nullptr;
}

}  // namespace

GimpLayer* layer_of(GimpImage* image, const std::string& reference) {
  if (!reference.starts_with(layer_prefix)) return nullptr;
  guint tattoo = 0;
  const char* end = reference.data() + reference.size();
  const auto read = std::from_chars(reference.data() + layer_prefix.size(), end, tattoo);
  if (read.ec != std::errc() || read.ptr != end || tattoo == 0) return nullptr;
  return gimp_image_get_layer_by_tattoo(image, tattoo);
}

std::string reference_to(GimpLayer* layer) {
  return std::string(layer_prefix) + std::to_string(gimp_item_get_tattoo(GIMP_ITEM(layer)));
}

GimpLayer* References::layer(const std::string& reference) {
  GimpLayer* found = layer_of(image_, reference);
  if (!found)
    throw Failure(ErrorCode::bad_argument, format_text(_("There is no layer \"%s\" in this image."), reference.c_str()),
                  _("\"layer:\" is followed by the tattoo of a layer of the image that is painted."));
  if (gimp_item_is_group(GIMP_ITEM(found)) && children_of(image_, GIMP_ITEM(found)).empty())
    throw Failure(ErrorCode::picture_unsupported, _("An empty layer group shows no picture."),
                  _("Choose another layer."));
  return found;
}

SharedPicture References::picture(const std::string& reference) {
  if (reference.starts_with(layer_prefix)) return read_layer(layer(reference)).pixels;
  SharedPicture& known = files_[reference];
  if (!known) known = load_file(reference);
  return known;
}

SharedPicture References::layer_mask(GimpLayer* layer, const Source& source) {
  int x, y, source_x, source_y;
  gimp_drawable_get_offsets(GIMP_DRAWABLE(layer), &x, &y);
  gimp_drawable_get_offsets(GIMP_DRAWABLE(source.layer), &source_x, &source_y);
  const SharedPicture pixels = read_layer(layer).pixels;
  const SrgbView from = pixels.view();
  auto mask = SharedPicture::create(source.width, source.height).take();
  for (int64_t row = 0; row < source.height; ++row)
    for (int64_t column = 0; column < source.width; ++column) {
      const int64_t there_x = column + source_x - x, there_y = row + source_y - y;
      const bool inside = there_x >= 0 && there_y >= 0 && there_x < from.width && there_y < from.height;
      set_grey(mask.span().row(row) + 4 * column, inside ? light(from.row(there_y) + 4 * there_x) : 0);
    }
  return mask;
}

SharedPicture References::mask(const std::string& reference, const Source& source) {
  SharedPicture mask;
  if (reference.starts_with(layer_prefix)) {
    mask = layer_mask(layer(reference), source);
  } else {
    const SharedPicture file = picture(reference);
    SrgbPicture grey(file.view().width, file.view().height);
    for (size_t i = 0; i < grey.data.size(); i += 4) set_grey(&grey.data[i], light(file.view().data + i));
    mask = shared_copy(scaled(grey.view(), source.width, source.height).view());
  }
  const float* data = mask.view().data;
  bool any = false;
  for (size_t i = 0; i < size_t(source.width * source.height) && !any; ++i) any = data[4 * i] > 0;
  if (!any)
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("The mask of a style is black all over the layer \"%s\"."), source.name.c_str()),
                  _("Paint white where the style is to show, or use no mask."));
  mask.touch();
  return mask;
}

SharedPicture References::last_result(const Source& source) {
  const guint tattoo = gimp_item_get_tattoo(GIMP_ITEM(source.layer));
  GimpLayer* last = topmost(image_, nullptr, [&](GimpLayer* layer) {
    const auto recipe = recipe_of(layer);
    return recipe && *recipe && (**recipe).source.tattoo == tattoo &&
           std::holds_alternative<NeuralStyleRequest>((**recipe).request);
  });
  if (!last)
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("Neural Style has not painted the layer \"%s\" yet, so there is no last result to "
                                "start from."),
                              source.name.c_str()),
                  _("Start from the content, the style or noise."));
  return at_size(read_layer(last).pixels, source.width, source.height);
}

std::vector<NamedPicture> References::pictures_for(const NeuralStyleRequest& request, const Source& source) {
  if (request.style_masks.size() > request.styles.size())
    throw Failure(ErrorCode::bad_argument, _("style-masks must not name more masks than there are style pictures."),
                  _("Each mask belongs to the style picture in the same place of the list."));
  std::vector<NamedPicture> pictures;
  for (size_t i = 0; i < request.styles.size(); ++i) {
    pictures.push_back({"style-" + std::to_string(i), picture(request.styles[i].style)});
    if (i < request.style_masks.size() && !request.style_masks[i].empty())
      pictures.push_back({"mask-" + std::to_string(i), mask(request.style_masks[i], source)});
  }
  if (request.start == "last") pictures.push_back({"start", last_result(source)});
  return pictures;
}

}  // namespace pinxit
