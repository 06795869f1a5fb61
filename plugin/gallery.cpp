// SPDX-License-Identifier: Apache-2.0
#include "plugin/gallery.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/gallery/gallery.h"
#include "plugin/names.h"
#include "plugin/neural_style.h"
#include "plugin/pixels.h"
#include "plugin/scaling.h"
#include "plugin/windows.h"

namespace pinxit {
namespace {

struct NamedLayer {
  std::string name;
  SrgbPicture picture;
};

/// From the lowest to the highest.
std::vector<NamedLayer> layers_of(Gallery& gallery, int64_t id, const std::vector<int>& iterations, bool result) {
  const GalleryEntry entry = gallery.entry(id).take();
  const std::vector<GalleryIteration> kept = gallery.iterations(id).take();
  std::vector<NamedLayer> layers;
  for (const int iteration : iterations) {
    const auto known = std::ranges::find(kept, iteration, &GalleryIteration::iteration);
    const bool full = known != kept.end() && known->full;
    layers.push_back({iteration_name(entry.name, iteration), gallery.picture(id, iteration, full).take()});
  }
  if (result) layers.push_back({entry.name, gallery.result(id).take()});
  return layers;
}

/// An image that is deleted again unless it was shown.
class NewImage {
 public:
  NewImage(int64_t width, int64_t height)
      : image_(gimp_image_new_with_precision(int(width), int(height), GIMP_RGB, GIMP_PRECISION_U8_NON_LINEAR)) {
    gimp_image_undo_disable(image_);
  }
  NewImage(const NewImage&) = delete;
  ~NewImage() {
    if (!shown_) gimp_image_delete(image_);
  }

  void add(const std::string& name, SrgbView picture, bool visible) {
    GimpLayer* layer = gimp_layer_new(image_, name.c_str(), int(picture.width), int(picture.height), GIMP_RGBA_IMAGE,
                                      100, gimp_image_get_default_new_layer_mode(image_));
    if (!layer || !gimp_image_insert_layer(image_, layer, nullptr, 0))
      throw Failure(ErrorCode::internal, _("GIMP refused the new layer."));
    write_pixels(GIMP_DRAWABLE(layer), picture);
    gimp_item_set_visible(GIMP_ITEM(layer), visible);
  }
  void show() {
    gimp_image_undo_enable(image_);
    shown_ = gimp_display_new(image_);
    gimp_displays_flush();
  }

 private:
  GimpImage* image_;
  bool shown_ = false;
};

/// As large as the largest picture; smaller ones, of iterations as they were shown, are made as large.
void open_as_image(int64_t id, const std::vector<int>& iterations, bool result) {
  Gallery gallery = Gallery::open().take();
  std::vector<NamedLayer> layers = layers_of(gallery, id, iterations, result);
  if (layers.empty()) throw Failure(ErrorCode::bad_argument, _("There is no picture to open."));
  const auto larger = [](const NamedLayer& a, const NamedLayer& b) { return a.picture.width < b.picture.width; };
  const SrgbPicture& largest = std::ranges::max_element(layers, larger)->picture;
  const int64_t width = largest.width, height = largest.height;
  start_gegl();
  NewImage image(width, height);
  for (const NamedLayer& layer : layers)
    image.add(layer.name, scaled(layer.picture.view(), width, height).view(), &layer == &layers.back());
  image.show();
}

void run_again(GimpImage* image, NeuralStyleRequest request) {
  if (!gimp_image_is_valid(image))
    throw Failure(ErrorCode::bad_argument, _("The image was closed in the meantime."),
                  _("Open a picture, and the gallery from its window."));
  g_autofree GimpDrawable** drawables = gimp_image_get_selected_drawables(image);
  if (!run_neural_style(GIMP_RUN_INTERACTIVE, image, drawables, request)) throw Cancelled();
  gimp_displays_flush();
}

}  // namespace

void run_gallery(GimpImage* image) {
  GalleryHost host;
  host.open_as_layers = [](int64_t id, const std::vector<int>& iterations, bool result) {
    return guarded([&] {
      open_as_image(id, iterations, result);
      return Nothing{};
    });
  };
  if (image)
    host.run_again = [image](const NeuralStyleRequest& request) {
      return guarded([&] {
        run_again(image, request);
        return Nothing{};
      });
    };
  show_gallery_window(host).take();
}

}  // namespace pinxit
