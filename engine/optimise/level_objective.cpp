// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/level_objective.h"

#include <torch/types.h>

#include <new>

#include "engine/base/text.h"

namespace pinxit {

bool is_out_of_memory(const std::exception& problem) {
  if (dynamic_cast<const std::bad_alloc*>(&problem) || dynamic_cast<const c10::OutOfMemoryError*>(&problem)) return true;
  const auto* torch_problem = dynamic_cast<const c10::Error*>(&problem);
  if (!torch_problem) return false;
  // The CPU's allocator has no exception of its own.
  const std::string text = torch_problem->what_without_backtrace();
  return text.find("alloc") != std::string::npos && text.find("memory") != std::string::npos;
}

LevelObjective::LevelObjective(Make make, SearchSize size, int64_t tile_side,
                               std::function<void(const std::string&)> note)
    : make_(std::move(make)), size_(size), tile_side_(tile_side), note_(std::move(note)) {
  with_ladder([] {});
}

template <class Work>
auto LevelObjective::with_ladder(Work&& work) -> decltype(work()) {
  for (;;) {
    int64_t next = 0;
    try {
      if (!objective_) objective_ = std::make_unique<Objective>(make_(tile_side_));
      return work();
    } catch (const std::exception& problem) {
      if (is_out_of_memory(problem)) next = smaller_tile_side(size_, tile_side_);
      if (next == 0) throw;
    }
    // Outside the handler, which may hold what was computed so far.
    objective_.reset();
    tile_side_ = next;
    if (note_) note_(format_text(_("Memory ran out: trying again in tiles of %d pixels."), int(next)));
  }
}

Losses LevelObjective::evaluate(const torch::Tensor& x, torch::Tensor* gradient, const std::stop_token& stop) {
  return with_ladder([&] { return objective_->evaluate(x, gradient, stop); });
}

torch::Tensor LevelObjective::evaluate_values(const torch::Tensor& x, torch::Tensor* gradient,
                                              const std::stop_token& stop) {
  return with_ladder([&] { return objective_->evaluate_values(x, gradient, stop); });
}

}  // namespace pinxit
