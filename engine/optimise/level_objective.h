// SPDX-License-Identifier: Apache-2.0
//
// An objective that helps itself when memory runs out: what is being done is tried again with smaller tiles.
//
//     LevelObjective level(make, {4000, 3000}, 0, note);          // make: tile side -> Objective
//     Losses losses = level.evaluate(x, &gradient, stop);
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "engine/optimise/objective.h"
#include "engine/optimise/search_plan.h"

namespace pinxit {

/// True for what LibTorch and the standard library throw when memory, the GPU's or the computer's, is used up.
bool is_out_of_memory(const std::exception& problem);

class LevelObjective {
 public:
  using Make = std::function<Objective(int64_t tile_side)>;
  /// Makes the objective. Each step to smaller tiles is told through `note`; when there are none, the exception passes.
  LevelObjective(Make make, SearchSize size, int64_t tile_side, std::function<void(const std::string&)> note);

  Losses evaluate(const torch::Tensor& x, torch::Tensor* gradient, const std::stop_token& stop);
  /// As Objective::evaluate_values.
  torch::Tensor evaluate_values(const torch::Tensor& x, torch::Tensor* gradient, const std::stop_token& stop);
  const Objective& objective() const { return *objective_; }
  SearchSize size() const { return size_; }
  int64_t tile_side() const { return tile_side_; }

 private:
  template <class Work>
  auto with_ladder(Work&& work) -> decltype(work());

  Make make_;
  SearchSize size_;
  int64_t tile_side_;
  std::function<void(const std::string&)> note_;
  std::unique_ptr<Objective> objective_;
};

}  // namespace pinxit
