// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/neural_memory.h"

#include <torch/types.h>

#include <algorithm>

#include "engine/base/text.h"
#include "engine/optimise/objective.h"

namespace pinxit {

NeuralMemory plan_neural_memory(const Vgg19& net, const NeuralPreset& preset, SearchSize full,
                                const MemoryAtHand& at_hand) {
  const int64_t value = net.type() == torch::kFloat64 ? 8 : 4;
  const bool cpu = net.device().is_cpu();
  const auto objective = [&](int64_t side) { return objective_bytes(net, preset, full.width, full.height, side); };
  const int64_t smallest = objective(smallest_tile_side);
  SearchSchedule schedule = preset.schedule;
  NeuralMemory memory;
  memory.history = schedule.history;
  if (schedule.optimizer == SearchSchedule::Optimizer::lbfgs) {
    const int64_t room = std::min(at_hand.free * 3 / 4, cpu ? 2 * most_run_bytes : at_hand.free) - smallest;
    memory.history = schedule.history = fitting_history(schedule, full, value, room);
  }
  const int64_t copies = search_bytes(schedule, full, value);
  const int64_t limit = at_hand.limit > 0 ? std::min(at_hand.limit, at_hand.free) : at_hand.free;
  if (copies + smallest > limit) {
    const auto mib = [](int64_t bytes) { return int((std::max<int64_t>(bytes, 0) + (1 << 20) - 1) >> 20); };
    throw Failure(ErrorCode::out_of_memory,
                  format_text(_("Painting at %d × %d pixels needs %d MiB of memory, and there are %d."), int(full.width),
                              int(full.height), mib(copies + smallest), mib(limit)),
                  _("Choose a smaller size, or close other programs."));
  }
  const int64_t left = limit - copies;
  memory.budget = cpu ? std::min(left * 3 / 4, most_run_bytes - copies - at_hand.elsewhere) : left;
  memory.budget = std::max(memory.budget, smallest);
  return memory;
}

}  // namespace pinxit
