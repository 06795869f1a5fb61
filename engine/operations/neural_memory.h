// SPDX-License-Identifier: Apache-2.0
//
// The memory plan of a Neural Style run, made before anything starts.
//
//     NeuralMemory memory = plan_neural_memory(*net, preset, {533, 400}, {free, budget, fixed});
//     memory.budget       // for choose_tile_side, at every level
#pragma once

#include <cstdint>

#include "engine/nets/vgg19.h"
#include "engine/optimise/search_plan.h"

namespace pinxit {

struct MemoryAtHand {
  int64_t free = 0;     ///< bytes that could be had now
  int64_t limit = 0;    ///< of the objective, where somebody set one; 0: none
  int64_t elsewhere = 0;  ///< bytes the run has already, or takes for full-size states
};

struct NeuralMemory {
  int64_t budget = 0;  ///< bytes for the objective of a level
  int history = 0;     ///< L-BFGS pairs that fit
};

/// A run stays within this, pictures included, however much is free: other programs live here too.
constexpr int64_t most_run_bytes = int64_t(5) << 30;

/// Throws Failure(out_of_memory), with what is needed and what there is, when even the smallest tiles do not fit.
NeuralMemory plan_neural_memory(const Vgg19& net, const NeuralPreset& preset, SearchSize full, const MemoryAtHand& at_hand);

}  // namespace pinxit
