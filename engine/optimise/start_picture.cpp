// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/start_picture.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "engine/base/text.h"
#include "engine/optimise/resize.h"

namespace pinxit {
namespace {

torch::Tensor noise(const StartNoise& recipe, const torch::Tensor& content, int seed) {
  auto generator = at::detail::createCPUGenerator(uint64_t(seed));
  const auto numbers = torch::dtype(torch::kFloat32);
  auto n = recipe.normal ? at::randn(content.sizes(), generator, numbers)
                         : at::rand(content.sizes(), generator, numbers).mul_(2).sub_(1);
  const auto& [r, g, b] = recipe.base;
  const auto base = torch::tensor({r, g, b}, content.options()).view({1, 3, 1, 1});
  return base + recipe.content_share * (content - base) + n.to(content.options()).mul_(recipe.amplitude);
}

}  // namespace

torch::Tensor start_picture(const SearchInputs& inputs, SearchSize size) {
  const torch::NoGradGuard no_grad;
  const auto type = inputs.net->type() == torch::kFloat64 ? torch::kFloat64 : torch::kFloat32;
  const auto sized = [&](const torch::Tensor& picture) { return resized(picture.to(inputs.net->device(), type), size); };
  torch::Tensor start;
  if (inputs.start.defined()) {
    start = sized(inputs.start);
  } else if (inputs.start_from == "content") {
    start = sized(inputs.content);
  } else if (inputs.start_from == "style" && !inputs.styles.empty()) {
    start = sized(inputs.styles.front().pixels);
  } else if (inputs.start_from == "noise") {
    start = noise(inputs.preset.noise, sized(inputs.content), inputs.seed);
  } else {
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("A painting cannot start from “%s”."), inputs.start_from.c_str()),
                  _("Choose content, style or noise."));
  }
  // A picture of its own: it is searched in place.
  start = start.clone(at::MemoryFormat::Contiguous);
  return inputs.preset.schedule.clamp == SearchSchedule::Clamp::never ? start : start.clamp_(0, 1);
}

}  // namespace pinxit
