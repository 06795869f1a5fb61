// SPDX-License-Identifier: Apache-2.0
//
// What a search will do, worked out beforehand: sizes of the pyramid, which steps fall into which recorded iteration,
// tiles of each level. Pure values, nothing is computed.
//
//     SearchPlan plan = plan_search(preset.schedule, 10, {533, 400}, size_of_tiles);
//     plan.levels.front().size, plan.iterations[3].size()
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/base/neural_preset.h"

namespace pinxit {

struct SearchSize {
  int64_t width = 0, height = 0;
  bool operator==(const SearchSize&) const = default;
};

struct SearchLevel {
  SearchSize size;
  int64_t tile_side = 0;  ///< see ObjectiveLimits
};

/// `steps` optimiser steps at one level.
struct SearchStretch {
  size_t level = 0;
  int steps = 0;
};

struct SearchPlan {
  std::vector<SearchLevel> levels;                     ///< coarse to fine; the last one is the full size
  std::vector<std::vector<SearchStretch>> iterations;  ///< of each recorded iteration, in order
  int steps() const;
};

/// The height asked for, never above the picture's own; 0: the picture's own. Proportions are kept, sides at least 1.
SearchSize optimised_size(int size, SearchSize picture);

/// The levels' sizes: the long side grows from `coarsest` by `growth` to the full one (none below 64 pixels, 32 on the
/// short side, and no level nearer to the full size than the cube root of `growth`). Every iteration has
/// schedule.steps steps; the last iteration is always at full size.
SearchPlan plan_search(const SearchSchedule& schedule, int iterations, SearchSize full,
                       const std::function<int64_t(SearchSize)>& tile_side);

/// What is tried next when memory runs out: about half the tile, a multiple of 16, down to `smallest_tile_side`; 0: there
/// is nothing smaller.
constexpr int64_t smallest_tile_side = 128;
int64_t smaller_tile_side(SearchSize size, int64_t tile_side);

/// The size a painting is compared at beside a picture: the long sides are equal, times `scale`; no painting is enlarged
/// more than `scale` says. With `stretch` it has the picture's proportions, whatever its own.
SearchSize style_size(SearchSize style, SearchSize picture, bool stretch, double scale);

/// Bytes of the search's copies of the picture at full size (the objective's are objective_bytes).
int64_t search_bytes(const SearchSchedule& schedule, SearchSize full, int64_t value_bytes);

/// The history, up to schedule.history and at least 3, with which L-BFGS's search_bytes stay within `budget`.
int fitting_history(SearchSchedule schedule, SearchSize full, int64_t value_bytes, int64_t budget);

}  // namespace pinxit
