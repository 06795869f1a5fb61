// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/objective.h"

#include <torch/types.h>

#include <algorithm>

#include "engine/optimise/objective_state.h"

namespace pinxit {

Objective::Objective(ObjectiveParts parts, const ObjectiveLimits& limits, const std::stop_token& stop,
                     const std::function<void(double)>& progress)
    : state_(std::make_unique<State>(std::move(parts), limits, stop, progress)) {}

Objective::~Objective() = default;
Objective::Objective(Objective&&) noexcept = default;

torch::Tensor Objective::evaluate_values(const torch::Tensor& x, torch::Tensor* gradient,
                                         const std::stop_token& stop) const {
  return state_->evaluate(x, gradient, stop);
}

Losses Objective::losses_of(const torch::Tensor& values) const {
  const auto numbers = values.to(torch::kCPU, torch::kFloat64).contiguous();
  const double* value = numbers.const_data_ptr<double>();
  Losses losses;
  losses.content = value[0];
  losses.variation = value[1];
  for (size_t i = 0; i < state_->tap_losses.size(); ++i) {
    const auto& of = state_->tap_losses[i];
    losses.taps.push_back({state_->taps[of.tap].layer, of.weight, value[2 + i]});
    losses.style += of.weight * value[2 + i];
  }
  losses.total = state_->content_weight * losses.content + losses.style + state_->variation_weight * losses.variation;
  return losses;
}

Losses Objective::evaluate(const torch::Tensor& x, torch::Tensor* gradient, const std::stop_token& stop) const {
  return losses_of(evaluate_values(x, gradient, stop));
}

const std::string& Objective::content_layer() const {
  return state_->taps[state_->content_tap].layer;
}

int64_t Objective::tiles() const {
  return int64_t(state_->tiles.size());
}

}  // namespace pinxit
