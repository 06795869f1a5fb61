// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/fast_style.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include "engine/base/text.h"
#include "engine/compute/device.h"
#include "engine/compute/memory.h"
#include "engine/compute/precision.h"
#include "engine/operations/facts.h"
#include "engine/operations/finish.h"
#include "engine/operations/picture_source.h"
#include "engine/operations/progress_meter.h"
#include "engine/pictures/resample.h"
#include "engine/requests/json.h"

namespace pinxit {
namespace {

/// Runs from its making; `start` and `stop` add up parts.
class Stopwatch {
 public:
  void start() { since_ = Clock::now(); }
  void stop() { total_ += seconds(); }
  double seconds() const { return std::chrono::duration<double>(Clock::now() - since_).count(); }
  double total() const { return total_; }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point since_ = Clock::now();
  double total_ = 0;
};

struct ChosenStyle {
  std::shared_ptr<const ShelvedNet> model;
  double share;  ///< of the sum of weights
};

class FastStyle {
 public:
  FastStyle(const FastStyleRequest& request, Task& task, ModelShelf& shelf, Learnt& learnt)
      : request_(request), task_(task), shelf_(shelf), learnt_(learnt), meter_(task.emit, task.stop) {}

  std::string run() {
    validate(request_).take();
    choose_device_and_tell();
    load_styles();
    meter_.at(0);
    const Size size = styled_size();
    if (request_.strength <= 0) {
      facts_.scaled = {};
      copy_source();
    } else if (task_.view == ViewKind::fitted) {
      run_fitted();
    } else if (size.width != task_.source.width || size.height != task_.source.height) {
      run_scaled(size);
    } else if (task_.view == ViewKind::crop) {
      run_crop();
    } else {
      run_whole();
    }
    meter_.part(1, 0), meter_.at(1);
    return facts_.to_json();
  }

 private:
  struct Size {
    int64_t width, height;
  };

  void tell(Event::Kind kind, const std::string& text) {
    if (!task_.emit) return;
    Event event;
    event.kind = kind;
    event.text = text;
    task_.emit(event);
  }

  void choose_device_and_tell() {
    const std::string& name = request_.device == "auto" ? task_.settings.device : request_.device;
    const auto choice = choose_device(name);
    device_ = choice.device;
    facts_.device = device_.str();
    if (choice.fell_back) tell(Event::Kind::note, _("No GPU that Pinxit can use: painting on the CPU."));
  }

  void load_styles() {
    std::vector<std::string> extra;
    if (!task_.settings.model_folder.empty()) extra.push_back(task_.settings.model_folder);
    const Catalogue catalogue = Catalogue::read(extra);
    double sum = 0;
    for (const auto& style : request_.styles) sum += style.weight;
    for (const auto& style : request_.styles) {
      const ModelEntry entry = resolve_model(catalogue, style.style, FastStyleRequest::operation).take();
      // float32 first: the widest layer decides whether bfloat16 pays.
      auto type = torch::kFloat32;
      if (!shelf_.has(entry, device_, type) && !shelf_.has(entry, device_, torch::kBFloat16))
        tell(Event::Kind::loading, entry.title);
      if (!request_.exact && request_.precision != "fp32") {
        const auto probe = shelf_.has(entry, device_, torch::kBFloat16)
                               ? shelf_.style_net(entry, device_, torch::kBFloat16)
                               : shelf_.style_net(entry, device_, type);
        int64_t widest = 1;
        for (const auto& layer : probe->net.chain.layers) widest = std::max(widest, layer.convolution.outputs());
        if (request_.precision == "bf16" || bf16_pays(device_, widest)) type = torch::kBFloat16;
      }
      styles_.push_back({shelf_.style_net(entry, device_, type), style.weight / sum});
      const ModelFile* weights = entry.file("weights");
      facts_.styles.push_back({entry.id, entry.title, styles_.back().model->net.kind, weights ? weights->sha256 : "",
                               style.weight / sum, type == torch::kBFloat16 ? "bf16" : "fp32",
                               styles_.back().model->net.chain.own ? "own" : "libtorch"});
    }
  }

  Size styled_size() const {
    const int64_t width = task_.source.width, height = task_.source.height, longest = std::max(width, height);
    if (request_.max_size <= 0 || longest <= request_.max_size) return {width, height};
    const double factor = double(request_.max_size) / double(longest);
    return {std::max<int64_t>(std::llround(double(width) * factor), 1),
            std::max<int64_t>(std::llround(double(height) * factor), 1)};
  }

  PlanLimits limits() const {
    PlanLimits limits;
    limits.memory_bytes = memory_budget(device_, int64_t(task_.settings.memory_limit_mib) << 20);
    return limits;
  }

  int64_t border(const ShelvedNet& model) const { return request_.exact ? 0 : model.net.border; }

  std::string key(const ShelvedNet& model, const Size& size) const {
    return task_.source_identity + "|" + std::to_string(size.width) + "x" + std::to_string(size.height) + "|" +
           model.path + "|" + std::to_string(model.modified) + "|" + device_.str() + "|" +
           std::to_string(int(model.type)) + "|" + std::to_string(border(model));
  }

  VisibleMean mean_of(SrgbView picture) {
    if (task_.source_identity.empty()) return visible_mean(picture);
    const std::string name = task_.source_identity + "|" + std::to_string(picture.width) + "x" +
                             std::to_string(picture.height);
    const auto* known = learnt_.means.find(name);
    return known ? *known : learnt_.means.keep(name, visible_mean(picture));
  }

  /// Statistics of the whole `picture` for every style, remembered while the picture keeps its identity.
  ChainStatistics statistics(const ShelvedNet& model, const PictureSource& source, SrgbView picture) {
    const std::string name = key(model, {picture.width, picture.height});
    if (!task_.source_identity.empty())
      if (const auto* known = learnt_.statistics.find(name)) return *known;
    const ChainPlan plan = plan_chain(model.net.chain, source.width(), source.height(), limits());
    auto made = run_chain(model.net.chain, plan, source, {}, [&](double done) { meter_.at(done); });
    if (!task_.source_identity.empty()) learnt_.statistics.keep(name, made);
    return made;
  }

  /// Every style over the whole picture; tiles of the weighted sum are added up in `add`.
  template <class Add>
  void paint_all(SrgbView picture, const VisibleMean& mean, Add&& add, double until) {
    for (size_t i = 0; i < styles_.size(); ++i) {
      const auto& [model, share] = styles_[i];
      const PictureSource source(picture, border(*model), mean);
      const ChainPlan plan = plan_chain(model->net.chain, source.width(), source.height(), limits());
      meter_.part(until * double(i) / double(styles_.size()), until / double(styles_.size()));
      if (plan.scratch_file)
        tell(Event::Kind::note, _("The picture is large: intermediate values go to a scratch file."));
      const Region inside{border(*model), border(*model), picture.width, picture.height};
      Stopwatch inference, finishing;
      auto made = run_chain(
          model->net.chain, plan, source,
          [&](const Region& tile, const torch::Tensor& colours) {
            finishing.start();
            add(i, crop(tile, inside), colours, tile, inside);
            finishing.stop();
          },
          [&](double done) { meter_.at(done); });
      facts_.inference_seconds += inference.seconds() - finishing.total();
      if (!task_.source_identity.empty()) learnt_.statistics.keep(key(*model, {picture.width, picture.height}), made);
      facts_.tiles = std::max<int64_t>(facts_.tiles, int64_t(tiles_over(source.width(), source.height(), plan.tile_side(32)).size()));
    }
  }

  /// The part of a tile that lies inside the picture, in the picture's own coordinates.
  static Region crop(const Region& tile, const Region& inside) {
    Region part = intersection(tile, inside);
    part.x -= inside.x, part.y -= inside.y;
    return part;
  }

  static const float* tile_row(const torch::Tensor& colours, const Region& tile, const Region& inside,
                               const Region& part, int64_t y) {
    const int64_t row = part.y + y + inside.y - tile.y, column = part.x + inside.x - tile.x;
    return colours.data_ptr<float>() + (row * tile.width + column) * 3;
  }

  Finish finish() const { return {float(request_.strength / 100), request_.keep_colors}; }

  /// One style: tiles are finished as they come. Several: colours are summed in the result first.
  void run_whole() {
    const VisibleMean mean = mean_of(task_.source);
    const bool single = styles_.size() == 1;
    paint_all(
        task_.source, mean,
        [&](size_t style, const Region& part, const torch::Tensor& colours, const Region& tile, const Region& inside) {
          const bool last = style + 1 == styles_.size();
          const float share = float(styles_[style].share);
          at::parallel_for(0, part.height, 16, [&](int64_t first, int64_t end) {
            std::vector<float> mixed(size_t(single ? 0 : part.width * 3));
            for (int64_t y = first; y < end; ++y) {
              const float* styled = tile_row(colours, tile, inside, part, y);
              float* result = task_.result.row(part.y + y) + 4 * part.x;
              const float* source = task_.source.row(part.y + y) + 4 * part.x;
              if (single) {
                finish_row(finish(), styled, source, result, part.width);
                continue;
              }
              for (int64_t i = 0; i < part.width; ++i)
                for (int c = 0; c < 3; ++c)
                  mixed[size_t(3 * i + c)] = share * std::clamp(styled[3 * i + c], 0.f, 255.f) +
                                             (style ? result[4 * i + c] : 0.f);
              if (last) {
                finish_row(finish(), mixed.data(), source, result, part.width);
              } else {
                for (int64_t i = 0; i < part.width; ++i)
                  for (int c = 0; c < 3; ++c) result[4 * i + c] = mixed[size_t(3 * i + c)];
              }
            }
          });
        },
        1.0);
  }

  /// Weighted colours [h, w, 3] of `region` with the statistics of the whole picture.
  torch::Tensor paint_region(SrgbView picture, const Region& region) {
    const VisibleMean mean = mean_of(picture);
    auto sum = torch::zeros({region.height, region.width, 3});
    for (size_t i = 0; i < styles_.size(); ++i) {
      const auto& [model, share] = styles_[i];
      const PictureSource source(picture, border(*model), mean);
      const double first = double(i) / double(styles_.size()), part = 1.0 / double(styles_.size());
      meter_.part(first, 0.9 * part);
      const ChainStatistics learnt = statistics(*model, source, picture);
      meter_.part(first + 0.9 * part, 0.1 * part);
      const Region padded{region.x + border(*model), region.y + border(*model), region.width, region.height};
      const ChainPlan plan = plan_chain(model->net.chain, source.width(), source.height(), limits());
      run_chain_region(
          model->net.chain, learnt, source, padded, plan,
          [&](const Region& tile, const torch::Tensor& colours) {
            const int64_t y = tile.y - padded.y, x = tile.x - padded.x;
            sum.slice(0, y, y + tile.height).slice(1, x, x + tile.width).add_(colours.clamp(0, 255), share);
          },
          [&](double done) { meter_.at(done); });
    }
    return sum;
  }

  std::string view_key(const std::string& view) const {
    if (task_.source_identity.empty()) return {};
    std::string name = view;
    for (const auto& [model, share] : styles_)
      name += "/" + key(*model, styled_size()) + "*" + std::to_string(share);
    return name;
  }

  void run_crop() {
    const std::string name = view_key("crop " + std::to_string(task_.region.x) + "," + std::to_string(task_.region.y) +
                                      "," + std::to_string(task_.region.width) + "," + std::to_string(task_.region.height));
    const torch::Tensor* known = name.empty() ? nullptr : learnt_.styled.find(name);
    const torch::Tensor styled = known ? *known : paint_region(task_.source, task_.region);
    if (!known && !name.empty()) learnt_.styled.keep(name, styled);
    finish_view(styled, task_.source, task_.region);
  }

  void run_fitted() {
    SrgbPicture reduced(task_.result.width, task_.result.height);
    resample(task_.source, reduced.span());
    const std::string name = view_key("fitted " + std::to_string(reduced.width) + "x" + std::to_string(reduced.height));
    const torch::Tensor* known = name.empty() ? nullptr : learnt_.styled.find(name);
    torch::Tensor styled;
    if (known) {
      styled = *known;
    } else {
      const std::string identity = std::exchange(task_.source_identity, {});  // statistics of the reduced picture
      styled = paint_region(reduced.view(), {0, 0, reduced.width, reduced.height});
      task_.source_identity = identity;
      if (!name.empty()) learnt_.styled.keep(name, styled);
    }
    finish_view(styled, reduced.view(), {0, 0, reduced.width, reduced.height});
  }

  /// max-size: the nets see a reduced picture; their colours are enlarged again and finished at full size.
  void run_scaled(const Size& size) {
    facts_.scaled = {size.width, size.height};
    tell(Event::Kind::note, format_text(_("Styled at %d × %d pixels and enlarged to the layer's size."),
                                        int(size.width), int(size.height)));
    const std::string name = view_key("scaled");
    const torch::Tensor* known = name.empty() ? nullptr : learnt_.styled.find(name);
    torch::Tensor styled;
    if (known) {
      styled = *known;
    } else {
      SrgbPicture reduced(size.width, size.height);
      resample(task_.source, reduced.span());
      const std::string identity = std::exchange(task_.source_identity, {});
      styled = paint_region(reduced.view(), {0, 0, size.width, size.height});
      task_.source_identity = identity;
      if (!name.empty()) learnt_.styled.keep(name, styled);
    }
    // As an opaque picture through the resampler; colours may leave 0..255 a little and are clamped when finished.
    SrgbPicture small(size.width, size.height), large(task_.source.width, task_.source.height);
    const float* colours = styled.data_ptr<float>();
    for (int64_t i = 0; i < size.width * size.height; ++i) {
      for (int c = 0; c < 3; ++c) small.data[size_t(4 * i + c)] = colours[3 * i + c];
      small.data[size_t(4 * i + 3)] = 1;
    }
    resample(small.view(), large.span());
    const Region region = task_.view == ViewKind::crop ? task_.region
                                                       : Region{0, 0, task_.source.width, task_.source.height};
    at::parallel_for(0, region.height, 16, [&](int64_t first, int64_t last) {
      std::vector<float> row(size_t(region.width * 3));
      for (int64_t y = first; y < last; ++y) {
        const float* from = large.view().row(region.y + y) + 4 * region.x;
        for (int64_t x = 0; x < region.width; ++x)
          for (int c = 0; c < 3; ++c) row[size_t(3 * x + c)] = from[4 * x + c];
        finish_row(finish(), row.data(), task_.source.row(region.y + y) + 4 * region.x, task_.result.row(y),
                   region.width);
      }
    });
  }

  void finish_view(const torch::Tensor& styled, SrgbView source, const Region& region) {
    const float* colours = styled.data_ptr<float>();
    at::parallel_for(0, region.height, 16, [&](int64_t first, int64_t last) {
      for (int64_t y = first; y < last; ++y)
        finish_row(finish(), colours + y * region.width * 3, source.row(region.y + y) + 4 * region.x,
                   task_.result.row(y), region.width);
    });
  }

  void copy_source() {
    if (task_.view == ViewKind::fitted) return resample(task_.source, task_.result);
    const Region region = task_.view == ViewKind::crop ? task_.region
                                                       : Region{0, 0, task_.source.width, task_.source.height};
    for (int64_t y = 0; y < region.height; ++y)
      std::memcpy(task_.result.row(y), task_.source.row(region.y + y) + 4 * region.x, size_t(region.width) * 16);
  }

  const FastStyleRequest& request_;
  Task& task_;
  ModelShelf& shelf_;
  Learnt& learnt_;
  ProgressMeter meter_;
  torch::Device device_ = torch::kCPU;
  std::vector<ChosenStyle> styles_;
  FastStyleFacts facts_;
};

/// Sizes that fit together, before anything is computed.
void check(const Task& task) {
  const auto wrong = [](const char* what) { throw Failure(ErrorCode::bad_argument, what); };
  if (task.source.width <= 0 || task.source.height <= 0) wrong(_("The picture is empty."));
  const Region all{0, 0, task.source.width, task.source.height};
  if (task.view == ViewKind::whole && (task.result.width != all.width || task.result.height != all.height))
    wrong(_("The result must be as large as the picture."));
  if (task.view == ViewKind::crop &&
      (task.region.empty() || intersection(task.region, all) != task.region ||
       task.result.width != task.region.width || task.result.height != task.region.height))
    wrong(_("The part asked for lies outside the picture."));
  if (task.view == ViewKind::fitted && (task.result.width <= 0 || task.result.height <= 0))
    wrong(_("The preview is empty."));
}

}  // namespace

std::string run_fast_style(const FastStyleRequest& request, Task& task, ModelShelf& shelf, Learnt& learnt) {
  check(task);
  return FastStyle(request, task, shelf, learnt).run();
}

}  // namespace pinxit
