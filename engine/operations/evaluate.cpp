// SPDX-License-Identifier: Apache-2.0
#include <ATen/Parallel.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "engine/base/text.h"
#include "engine/compute/memory.h"
#include "engine/operations/neural_desk.h"
#include "engine/operations/neural_facts.h"
#include "engine/operations/neural_memory.h"
#include "engine/operations/neural_style.h"
#include "engine/operations/picture_tensors.h"
#include "engine/optimise/level_objective.h"
#include "engine/optimise/resize.h"

namespace pinxit {
namespace {

/// [1,3,H,W] into R, G, B; A becomes 0.
void write_gradient(const torch::Tensor& gradient, SrgbSpan result) {
  const auto values = gradient.to(torch::kCPU, torch::kFloat32).contiguous();
  const float* planes = values.const_data_ptr<float>();
  const int64_t plane = result.width * result.height;
  at::parallel_for(0, plane, 1 << 16, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      for (int c = 0; c < 3; ++c) result.data[4 * i + c] = planes[c * plane + i];
      result.data[4 * i + 3] = 0;
    }
  });
}

}  // namespace

std::string run_evaluation(const NeuralStyleRequest& request, Task& task, ModelShelf& shelf) {
  const torch::NoGradGuard no_grad;
  const SrgbView at = needed_picture(task, "at");
  if (at.width != task.source.width || at.height != task.source.height || at.width != task.result.width ||
      at.height != task.result.height)
    throw Failure(ErrorCode::bad_argument, _("The picture to look at must be as large as the content."),
                  _("Scale one of them first."));
  const NeuralDesk desk = prepare_desk(request, task, shelf);
  const Vgg19& net = *desk.encoder->net;
  const auto type = desk.type == torch::kFloat64 ? torch::kFloat64 : torch::kFloat32;
  const SearchSize size{at.width, at.height};
  const auto on_device = [&](const torch::Tensor& picture) { return picture.to(desk.device, type); };

  const auto content = tensor_of(task.source);
  ObjectiveParts parts{desk.encoder->net, desk.preset, on_device(content), {}};
  parts.content_factor = request.content_weight;
  parts.style_factor = request.style_weight / 100;
  parts.variation_factor = request.variation_weight / 0.001;
  for (size_t i = 0; i < request.styles.size(); ++i) {
    const std::string number = std::to_string(i);
    auto style = tensor_of(needed_picture(task, "style-" + number));
    if (request.keep_colors == "matched") style = recoloured(style, content);
    torch::Tensor mask;
    if (i < request.style_masks.size() && !request.style_masks[i].empty())
      mask = resized(on_device(mask_of(needed_picture(task, "mask-" + number))), size);
    parts.styles.push_back({on_device(style), request.styles[i].weight, mask});
  }
  NeuralPreset preset = desk.preset;
  preset.schedule.history = 0;
  const NeuralMemory memory = plan_neural_memory(net, preset, size,
                                                 {free_memory(desk.device), int64_t(task.settings.memory_limit_mib) << 20,
                                                  int64_t(2 * task.source.bytes())});
  const int64_t side = choose_tile_side(net, preset, size.width, size.height, memory.budget);
  LevelObjective objective([&](int64_t tile_side) { return Objective(parts, {tile_side}, task.stop); }, size, side,
                           [&](const std::string& sentence) { tell(task, Event::Kind::note, sentence); });
  torch::Tensor gradient;
  NeuralFacts facts;
  facts.losses = objective.evaluate(on_device(tensor_of(at)), &gradient, task.stop);
  write_gradient(gradient, task.result);
  facts.device = desk.device.str();
  facts.precision = desk.precision();
  facts.encoder_id = desk.encoder->entry.id;
  facts.encoder_title = desk.encoder->entry.title;
  if (const ModelFile* weights = desk.encoder->entry.file("weights")) facts.encoder_sha256 = weights->sha256;
  facts.preset = desk.preset.id;
  facts.content_layer = objective.objective().content_layer();
  return evaluation_to_json(facts);
}

}  // namespace pinxit
