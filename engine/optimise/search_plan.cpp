// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/search_plan.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace pinxit {
namespace {

constexpr int64_t smallest_long_side = 64, smallest_short_side = 32;

/// `full` with its long side made `longest`.
SearchSize fitted(SearchSize full, double longest) {
  const double factor = longest / double(std::max(full.width, full.height));
  return {std::max<int64_t>(std::llround(double(full.width) * factor), 1),
          std::max<int64_t>(std::llround(double(full.height) * factor), 1)};
}

std::vector<SearchSize> level_sizes(const SearchSchedule& schedule, SearchSize full) {
  std::vector<SearchSize> sizes;
  const auto longest = double(std::max(full.width, full.height));
  const double growth = std::max(schedule.growth, 1.05), nearest = std::cbrt(growth);
  if (schedule.coarsest > 0)
    for (double side = std::max<double>(schedule.coarsest, smallest_long_side); side * nearest < longest; side *= growth) {
      const SearchSize size = fitted(full, side);
      if (std::min(size.width, size.height) >= smallest_short_side) sizes.push_back(size);
    }
  sizes.push_back(full);
  return sizes;
}

/// Steps of each level: the last one has at least one iteration's; together `total`.
std::vector<int> shared_steps(size_t levels, int total, int last_at_least, double first_share) {
  std::vector<double> shares(levels, levels > 1 ? (1 - first_share) / double(levels - 1) : 1.0);
  if (levels > 1) shares[0] = first_share;
  std::vector<int> steps(levels, 0);
  steps.back() = std::max(last_at_least, int(std::lround(total * shares.back())));
  double wanted = 0, given = 1 - shares.back();
  for (size_t i = 0, taken = 0; i + 1 < levels; ++i) {
    wanted += given > 0 ? shares[i] / given * (total - steps.back()) : 0;
    steps[i] = int(std::lround(wanted)) - int(taken);
    taken += size_t(steps[i]);
  }
  return steps;
}

}  // namespace

int SearchPlan::steps() const {
  int sum = 0;
  for (const auto& iteration : iterations)
    for (const auto& stretch : iteration) sum += stretch.steps;
  return sum;
}

SearchSize optimised_size(int size, SearchSize picture) {
  if (size <= 0 || size >= picture.height) return picture;
  const double factor = double(size) / double(picture.height);
  return {std::max<int64_t>(std::llround(double(picture.width) * factor), 1), size};
}

SearchPlan plan_search(const SearchSchedule& schedule, int iterations, SearchSize full,
                       const std::function<int64_t(SearchSize)>& tile_side) {
  SearchPlan plan;
  const int each = std::max(schedule.steps, 1), total = each * std::max(iterations, 1);
  const auto sizes = level_sizes(schedule, full);
  const auto steps = shared_steps(sizes.size(), total, each, std::clamp(schedule.first_share, 0.0, 0.95));
  std::vector<int> left;
  for (size_t i = 0; i < sizes.size(); ++i)
    if (steps[i] > 0) {
      plan.levels.push_back({sizes[i], tile_side ? tile_side(sizes[i]) : 0});
      left.push_back(steps[i]);
    }
  size_t level = 0;
  for (int i = 0; i < std::max(iterations, 1); ++i) {
    auto& iteration = plan.iterations.emplace_back();
    for (int open = each; open > 0;) {
      const int taken = std::min(open, left[level]);
      iteration.push_back({level, taken});
      open -= taken;
      left[level] -= taken;
      if (left[level] == 0 && level + 1 < left.size()) ++level;
    }
  }
  return plan;
}

int64_t smaller_tile_side(SearchSize size, int64_t tile_side) {
  const int64_t longest = std::max(size.width, size.height);
  const int64_t now = tile_side > 0 ? std::min(tile_side, longest) : longest;
  if (now <= smallest_tile_side) return 0;
  return std::max(smallest_tile_side, now / 2 / 16 * 16);
}

SearchSize style_size(SearchSize style, SearchSize picture, bool stretch, double scale) {
  const auto scaled = [&](int64_t side) { return std::max<int64_t>(std::llround(double(side) * scale), 1); };
  if (stretch) return {scaled(picture.width), scaled(picture.height)};
  const double own = double(std::max(style.width, style.height));
  const double wanted = double(std::max(picture.width, picture.height)) * scale;
  return fitted(style, std::min(wanted, own * std::max(1.0, scale)));
}

int64_t search_bytes(const SearchSchedule& schedule, SearchSize full, int64_t value_bytes) {
  // The content, the picture, its gradient and the one shown.
  int64_t copies = 4;
  if (schedule.optimizer == SearchSchedule::Optimizer::adam) {
    copies += 2 + (schedule.average > 0 ? 1 : 0);
  } else {
    copies += 2 * int64_t(schedule.history) + 3;
  }
  return copies * 3 * full.width * full.height * value_bytes;
}

int fitting_history(SearchSchedule schedule, SearchSize full, int64_t value_bytes, int64_t budget) {
  const int64_t pair = 2 * 3 * full.width * full.height * value_bytes;
  const int wanted = schedule.history;
  schedule.history = 0;
  const int64_t room = (budget - search_bytes(schedule, full, value_bytes)) / pair;
  return int(std::clamp<int64_t>(room, std::min(wanted, 3), wanted));
}

}  // namespace pinxit
