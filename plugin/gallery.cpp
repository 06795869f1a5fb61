// SPDX-License-Identifier: Apache-2.0
#include "plugin/gallery.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/gallery/gallery.h"
#include "plugin/names.h"
#include "plugin/neural_style.h"
#include "plugin/new_image.h"
#include "plugin/new_layers.h"
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

void add_layer(GimpImage* image, const std::string& name, SrgbView picture, bool visible) {
  PreparedLayers prepared;
  prepare_picture(prepared, image, picture, name, {0, 0, picture.width, picture.height});
  gimp_item_set_visible(GIMP_ITEM(enter_next(image, prepared, nullptr, 0)), visible);
}

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
    add_layer(image.get(), layer.name, scaled(layer.picture.view(), width, height).view(), &layer == &layers.back());
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
