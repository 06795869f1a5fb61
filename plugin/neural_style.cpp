// SPDX-License-Identifier: Apache-2.0
#include "plugin/neural_style.h"

#include <map>
#include <mutex>
#include <utility>

#include "engine/base/text.h"
#include "engine/requests/neural_presets.h"
#include "plugin/gallery_record.h"
#include "plugin/items.h"
#include "plugin/progress.h"
#include "plugin/references.h"
#include "plugin/style_layers.h"
#include "plugin/windows.h"

namespace pinxit {
namespace {

std::vector<Painted> paint_in_script(GimpImage* image, const std::vector<Source>& sources, Canvas& canvas,
                                     const NeuralStyleRequest& request) {
  References references(image);
  Canvas::Painting painting;
  for (const Source& source : sources) painting.pictures.push_back(references.pictures_for(request, source));
  GalleryRecord record(request, sources);
  if (record.wanted()) painting.preview_side = GalleryRecord::shown_side;
  painting.on_state = [&](size_t source, const Event& event) { record.state(source, event); };
  record.begin();
  const Status done = guarded([&] {
    paint_with_progress_bar(canvas, request, painting);
    return Nothing{};
  });
  if (!done) {
    record.fail(done.error());
    throw Failure(done.error());
  }
  record.complete(canvas.painted);
  return canvas.painted;
}

/// What a window's run needs of the sources beyond the first, which the window does not know. Filled on the main
/// thread and read by the window's worker.
class OtherSources {
 public:
  /// One picture for each source.
  void set_masks(const std::string& reference, std::vector<SharedPicture> masks) {
    const std::lock_guard lock(mutex_);
    masks_[reference] = std::move(masks);
  }
  void set_starts(std::vector<SharedPicture> starts) {
    const std::lock_guard lock(mutex_);
    starts_ = std::move(starts);
  }

  /// The run's pictures, with the masks and the start of source `number`.
  std::vector<NamedPicture> pictures(const NeuralStyleRun& run, size_t number) const {
    const std::lock_guard lock(mutex_);
    std::vector<NamedPicture> pictures = run.pictures;
    for (NamedPicture& picture : pictures) {
      const std::vector<SharedPicture>* own = nullptr;
      if (picture.name == "start") own = &starts_;
      for (size_t i = 0; i < run.request.style_masks.size(); ++i) {
        const auto known = masks_.find(run.request.style_masks[i]);
        if (picture.name == "mask-" + std::to_string(i) && known != masks_.end()) own = &known->second;
      }
      if (own && number < own->size()) picture.pixels = (*own)[number];
    }
    return pictures;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<SharedPicture>> masks_;
  std::vector<SharedPicture> starts_;
};

void add_open_pictures(GimpImage* image, GimpItem* parent, std::vector<OpenPicture>& pictures) {
  for (GimpItem* child : children_of(image, parent)) {
    pictures.push_back({reference_to(GIMP_LAYER(child)), name_of(child)});
    if (gimp_item_is_group(child)) add_open_pictures(image, child, pictures);
  }
}

Result<NeuralStylePainting> paint_for_window(Canvas& canvas, const OtherSources& others, const NeuralStyleRun& run,
                                             const Emit& on_event, std::stop_token stop, std::stop_token finish) {
  Canvas::Painting painting{.on_event = on_event, .stop = stop, .finish = finish, .preview_side = neural_preview_side};
  for (size_t i = 0; i < canvas.sources.size(); ++i) painting.pictures.push_back(others.pictures(run, i));
  if (const Status done = canvas.paint(run.request, painting); !done) return done.error();
  return NeuralStylePainting{canvas.painted.front().result, canvas.painted.front().facts};
}

std::optional<std::vector<Painted>> paint_in_window(GimpImage* image, const std::vector<Source>& sources,
                                                    const std::shared_ptr<Canvas>& canvas, NeuralStyleRequest& request,
                                                    Placing placing) {
  References references(image);
  const auto others = std::make_shared<OtherSources>();
  const auto for_each_source = [&](auto&& read) {
    std::vector<SharedPicture> pictures;
    for (const Source& source : sources) pictures.push_back(read(source));
    return pictures;
  };

  NeuralStyleDialogHost host;
  host.source = [canvas]() -> Result<SharedPicture> { return canvas->sources.front(); };
  host.layer_name = sources.front().name;
  host.replaces = placing == Placing::replaces;
  add_open_pictures(image, nullptr, host.pictures);
  host.masks = host.pictures;
  host.load_picture = [&](const std::string& reference) {
    return guarded([&] { return references.picture(reference); });
  };
  host.load_mask = [&](const std::string& reference) {
    return guarded([&] {
      auto masks = for_each_source([&](const Source& source) { return references.mask(reference, source); });
      others->set_masks(reference, masks);
      return masks.front();
    });
  };
  host.last_result = [&] {
    return guarded([&] {
      auto starts = for_each_source([&](const Source& source) { return references.last_result(source); });
      others->set_starts(starts);
      return starts.front();
    });
  };
  host.paint = [canvas, others](const NeuralStyleRun& run, std::function<void(const Event&)> on_event,
                                std::stop_token stop, std::stop_token finish) {
    return paint_for_window(*canvas, *others, run, on_event, stop, finish);
  };

  NeuralStyleResult result = show_neural_style_window(host, request).take();
  if (result.end == DialogEnd::closed) return {};
  std::vector<Painted> painted = result.painting ? canvas->painted : std::vector<Painted>(1);
  for (Painted& one : painted) one.states.clear();
  for (KeptIteration& kept : result.kept)
    painted.front().states.push_back({kept.iteration, std::make_shared<const SrgbPicture>(std::move(kept.picture))});
  return painted;
}

}  // namespace

std::optional<std::vector<Painted>> paint_neural_style(GimpRunMode mode, GimpImage* image,
                                                       const std::vector<Source>& sources,
                                                       const std::shared_ptr<Canvas>& canvas,
                                                       NeuralStyleRequest& request, Placing placing) {
  if (mode == GIMP_RUN_INTERACTIVE) return paint_in_window(image, sources, canvas, request, placing);
  return paint_in_script(image, sources, *canvas, request);
}

std::optional<Inserted> run_neural_style(GimpRunMode mode, GimpImage* image, GimpDrawable** drawables,
                                         NeuralStyleRequest& request) {
  if (mode != GIMP_RUN_INTERACTIVE) {
    validate(request).take();
    neural_preset(request.preset).take();
  }
  return style_layers(image, drawables, neural_style_procedure, request, [&](const auto& sources, const auto& canvas) {
    return paint_neural_style(mode, image, sources, canvas, request);
  });
}

}  // namespace pinxit
