// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/neural_style.h"

#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/base/text.h"
#include "engine/compute/memory.h"
#include "engine/operations/neural_desk.h"
#include "engine/operations/neural_facts.h"
#include "engine/operations/neural_memory.h"
#include "engine/operations/picture_tensors.h"
#include "engine/operations/progress_meter.h"
#include "engine/optimise/level_objective.h"
#include "engine/optimise/resize.h"
#include "engine/optimise/search.h"
#include "engine/pictures/resample.h"

namespace pinxit {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto between_glimpses = std::chrono::milliseconds(250);

class NeuralStyle {
 public:
  NeuralStyle(const NeuralStyleRequest& request, Task& task, ModelShelf& shelf)
      : request_(request), task_(task), shelf_(shelf), meter_(task.emit, task.stop) {}

  std::string run() {
    const auto began = Clock::now();
    for (size_t i = 0; i < request_.styles.size(); ++i) needed_picture(task_, "style-" + std::to_string(i));
    if (request_.start == "last") needed_picture(task_, "start");
    desk_ = prepare_desk(request_, task_, shelf_);
    full_ = optimised_size(request_.size, {task_.source.width, task_.source.height});
    if (desk_.preset.border < std::min(full_.width, full_.height)) border_ = desk_.preset.border;
    make_preview_source();
    SearchEnd end;
    try {
      end = paint();
    } catch (const std::exception& problem) {
      if (!desk_.device.is_cuda() || !is_out_of_memory(problem)) throw;
      end.tile_side = -1;
    }
    if (end.tile_side < 0) {
      move_to_cpu(desk_, task_, shelf_);
      end = paint();
    }
    finish_picture(inside(end.picture), task_.source, keeps_luminance(), task_.result);
    meter_.at(1);
    return facts_of(end, std::chrono::duration<double>(Clock::now() - began).count());
  }

 private:
  bool keeps_luminance() const { return request_.keep_colors == "luminance"; }

  // ---- the border: reflected picture around, in which the encoder's zero padding may leave its frame

  SearchSize with_border() const { return {full_.width + 2 * border_, full_.height + 2 * border_}; }

  torch::Tensor bordered(const torch::Tensor& picture) const {
    return border_ > 0 ? torch::reflection_pad2d(picture, {border_, border_, border_, border_}) : picture;
  }

  /// A picture of any level without the border, at the optimised size.
  torch::Tensor inside(const torch::Tensor& picture) const {
    if (border_ == 0) return picture;
    return resized(picture, with_border()).slice(2, border_, border_ + full_.height).slice(3, border_, border_ + full_.width);
  }

  SearchEnd paint() {
    NeuralPreset preset = desk_.preset;
    // A picture that goes on from the last one keeps its fine strokes: no coarse levels.
    if (request_.start == "last") preset.schedule.coarsest = 0;
    const NeuralMemory memory = plan_memory(preset);
    preset.schedule.history = memory.history;
    const Vgg19& net = *desk_.encoder->net;
    SearchPlan plan = plan_search(preset.schedule, request_.iterations, with_border(), [&](SearchSize size) {
      return choose_tile_side(net, preset, size.width, size.height, memory.budget);
    });
    if (plan.levels.back().tile_side > 0)
      tell(task_, Event::Kind::note,
           format_text(_("The picture is large: its gradient is computed in tiles of %d pixels."),
                       int(plan.levels.back().tile_side)));
    levels_ = int64_t(plan.levels.size());
    return search(inputs(preset), std::move(plan), events());
  }

  NeuralMemory plan_memory(const NeuralPreset& preset) const {
    MemoryAtHand at_hand;
    at_hand.free = free_memory(desk_.device);
    if (desk_.device.is_cpu()) {
      at_hand.limit = int64_t(task_.settings.memory_limit_mib) << 20;
      const int64_t layer = int64_t(task_.source.bytes());
      at_hand.elsewhere = 2 * layer + (request_.keep_every > 0 ? layer : 0);
      if (request_.keep_every > 0) at_hand.free -= layer;
    }
    const NeuralMemory memory = plan_neural_memory(*desk_.encoder->net, preset, with_border(), at_hand);
    if (memory.history < preset.schedule.history)
      tell(task_, Event::Kind::note,
           format_text(_("There is memory for %d of L-BFGS's %d past steps."), memory.history, preset.schedule.history));
    return memory;
  }

  SearchInputs inputs(const NeuralPreset& preset) const {
    SearchInputs inputs;
    inputs.net = desk_.encoder->net;
    inputs.preset = preset;
    inputs.content = bordered(tensor_of(task_.source, full_));
    for (size_t i = 0; i < request_.styles.size(); ++i) inputs.styles.push_back(style(i, preset, inputs.content));
    if (request_.start == "last") {
      inputs.start = bordered(tensor_of(needed_picture(task_, "start"), full_));
    } else {
      const bool noise = request_.start == "blank" || request_.start == "random";
      inputs.start_from = noise ? "noise" : request_.start;
    }
    inputs.seed = request_.seed;
    const double gain = desk_.encoder->net->caffe() ? 1 : preset.feature_gain;
    inputs.content_factor = request_.content_weight * std::pow(gain, 2);
    inputs.style_factor = request_.style_weight / 100 * std::pow(gain, 4);
    inputs.variation_factor = request_.variation_weight / 0.001;
    inputs.style_scale = request_.style_scale;
    return inputs;
  }

  /// Reduced to the largest size any level asks for.
  SearchStyle style(size_t index, const NeuralPreset& preset, const torch::Tensor& content) const {
    const std::string number = std::to_string(index);
    const SrgbView picture = needed_picture(task_, "style-" + number);
    const SearchSize own{picture.width, picture.height};
    const SearchSize fit = style_size(own, full_, preset.stretch_style, request_.style_scale);
    SearchStyle style{tensor_of(picture, fit.width < own.width && fit.height < own.height ? fit : own),
                      request_.styles[index].weight, {}};
    if (request_.keep_colors == "matched") style.pixels = recoloured(style.pixels, content);
    const bool masked = index < request_.style_masks.size() && !request_.style_masks[index].empty();
    if (masked) style.mask = bordered(resized(mask_of(needed_picture(task_, "mask-" + number)), full_));
    return style;
  }

  SearchEvents events() {
    SearchEvents events;
    events.stop = task_.stop;
    events.finish = task_.finish;
    events.progress = [this](double done) { meter_.at(done); };
    events.note = [this](const std::string& sentence) { tell(task_, Event::Kind::note, sentence); };
    events.state = [this](const SearchState& state) { emit_state(state); };
    if (task_.preview_side > 0) events.glimpse = [this](const torch::Tensor& picture) { emit_glimpse(picture); };
    return events;
  }

  /// The source as small as the pictures in events.
  void make_preview_source() {
    if (task_.preview_side <= 0) return;
    const int64_t longest = std::max(full_.width, full_.height);
    const double factor = std::min(1.0, double(task_.preview_side) / double(longest));
    const auto side = [&](int64_t whole) { return std::max<int64_t>(std::llround(double(whole) * factor), 1); };
    preview_source_ = SrgbPicture(side(full_.width), side(full_.height));
    resample(task_.source, preview_source_.span());
  }

  std::shared_ptr<const SrgbPicture> finished(const torch::Tensor& picture, SrgbView source) const {
    auto shown = std::make_shared<SrgbPicture>(source.width, source.height);
    finish_picture(inside(picture), source, keeps_luminance(), shown->span());
    return shown;
  }

  void emit_state(const SearchState& state) {
    if (!task_.emit || state.iteration <= told_) return;  // told already, before the search moved to the CPU
    told_ = state.iteration;
    Event event;
    event.kind = Event::Kind::state;
    event.step = state.iteration, event.of = state.of;
    event.losses = state.losses;
    if (task_.preview_side > 0) {
      event.picture = finished(state.picture, preview_source_.view());
      event.width = preview_source_.width, event.height = preview_source_.height;
    }
    task_.emit(event);
    last_glimpse_ = Clock::now();
    if (request_.keep_every <= 0 || state.iteration == 0 || state.iteration % request_.keep_every != 0) return;
    event.full = true;
    event.picture = finished(state.picture, task_.source);
    event.width = task_.source.width, event.height = task_.source.height;
    task_.emit(event);
  }

  void emit_glimpse(const torch::Tensor& picture) {
    if (!task_.emit || Clock::now() - last_glimpse_ < between_glimpses) return;
    Event event;
    event.kind = Event::Kind::preview;
    event.picture = finished(picture, preview_source_.view());
    event.width = preview_source_.width, event.height = preview_source_.height;
    task_.emit(event);
    last_glimpse_ = Clock::now();
  }

  std::string facts_of(const SearchEnd& end, double seconds) const {
    NeuralFacts facts;
    facts.device = desk_.device.str();
    facts.precision = desk_.precision();
    facts.encoder_id = desk_.encoder->entry.id;
    facts.encoder_title = desk_.encoder->entry.title;
    if (const ModelFile* weights = desk_.encoder->entry.file("weights")) facts.encoder_sha256 = weights->sha256;
    facts.preset = desk_.preset.id;
    const Vgg19& net = *desk_.encoder->net;
    facts.content_layer = net.has(desk_.preset.content.layer) ? desk_.preset.content.layer : net.layers().back();
    facts.iterations = int(end.losses.size()) - 1;
    facts.finished_early = end.finished_early;
    facts.width = full_.width, facts.height = full_.height;
    facts.levels = levels_;
    if (end.tile_side > 0)
      facts.tiles = ((full_.width + end.tile_side - 1) / end.tile_side) * ((full_.height + end.tile_side - 1) / end.tile_side);
    facts.seconds = seconds;
    facts.losses = end.losses.back();
    return facts.to_json();
  }

  const NeuralStyleRequest& request_;
  Task& task_;
  ModelShelf& shelf_;
  ProgressMeter meter_;
  NeuralDesk desk_;
  SearchSize full_;
  SrgbPicture preview_source_;
  int64_t border_ = 0, levels_ = 1;
  int told_ = -1;
  Clock::time_point last_glimpse_{};
};

}  // namespace

std::string run_neural_style(const NeuralStyleRequest& request, Task& task, ModelShelf& shelf) {
  const auto wrong = [](const char* what) { throw Failure(ErrorCode::bad_argument, what); };
  if (task.source.width <= 0 || task.source.height <= 0) wrong(_("The picture is empty."));
  if (task.view != ViewKind::whole) wrong(_("Neural Style paints whole pictures only."));
  if (task.result.width != task.source.width || task.result.height != task.source.height)
    wrong(_("The result must be as large as the picture."));
  return NeuralStyle(request, task, shelf).run();
}

}  // namespace pinxit
