// SPDX-License-Identifier: Apache-2.0
//
// Sizes, steps and tiles of a search, worked out without computing anything.
#include "engine/optimise/search_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace pinxit {
namespace {

SearchSchedule pyramid(int coarsest, double growth, int steps, double first_share) {
  SearchSchedule schedule;
  schedule.coarsest = coarsest;
  schedule.growth = growth;
  schedule.steps = steps;
  schedule.first_share = first_share;
  return schedule;
}

std::vector<int64_t> widths(const SearchPlan& plan) {
  std::vector<int64_t> list;
  for (const auto& level : plan.levels) list.push_back(level.size.width);
  return list;
}

int steps_at(const SearchPlan& plan, size_t level) {
  int sum = 0;
  for (const auto& iteration : plan.iterations)
    for (const auto& stretch : iteration) sum += stretch.level == level ? stretch.steps : 0;
  return sum;
}

TEST(OptimisedSize, is_a_height_and_never_enlarges) {
  EXPECT_EQ(optimised_size(400, {1600, 1200}), (SearchSize{533, 400}));
  EXPECT_EQ(optimised_size(400, {600, 300}), (SearchSize{600, 300}));
  EXPECT_EQ(optimised_size(400, {600, 400}), (SearchSize{600, 400}));
  EXPECT_EQ(optimised_size(0, {6000, 4000}), (SearchSize{6000, 4000}));
  EXPECT_EQ(optimised_size(100, {3, 5000}), (SearchSize{1, 100}));
}

TEST(SearchPlan, one_level_without_a_pyramid) {
  const auto plan = plan_search(pyramid(0, 1.4142, 20, 0.3), 10, {533, 400}, {});
  ASSERT_EQ(plan.levels.size(), 1u);
  EXPECT_EQ(plan.levels[0].size, (SearchSize{533, 400}));
  ASSERT_EQ(plan.iterations.size(), 10u);
  EXPECT_EQ(plan.steps(), 200);
}

TEST(SearchPlan, crowsonkbs_levels_and_shares) {
  const auto plan = plan_search(pyramid(128, 1.41421356237309515, 300, 1. / 3), 10, {512, 384}, {});
  EXPECT_EQ(widths(plan), (std::vector<int64_t>{128, 181, 256, 362, 512}));
  EXPECT_EQ(steps_at(plan, 0), 1000);
  for (size_t level = 1; level < 5; ++level) EXPECT_EQ(steps_at(plan, level), 500);
}

TEST(SearchPlan, every_plan_keeps_its_promises) {
  for (const SearchSize full : {SearchSize{533, 400}, {100, 100}, {90, 800}, {6000, 4000}, {64, 64}, {40, 30}, {1, 1}})
    for (const int coarsest : {0, 10, 96, 128, 160, 500})
      for (const double growth : {1.2, 1.41421356237309515, 2.0})
        for (const int iterations : {1, 5, 10, 100})
          for (const double share : {0.0, 0.3, 0.9}) {
            const int steps = 7;
            const auto plan = plan_search(pyramid(coarsest, growth, steps, share), iterations, full,
                                          [](SearchSize size) { return size.width; });
            EXPECT_EQ(plan.levels.back().size, full);
            ASSERT_EQ(plan.iterations.size(), size_t(iterations));
            EXPECT_EQ(plan.steps(), steps * iterations);
            size_t level = 0;
            for (const auto& iteration : plan.iterations) {
              int sum = 0;
              for (const auto& stretch : iteration) {
                EXPECT_GE(stretch.level, level);
                EXPECT_GT(stretch.steps, 0);
                level = stretch.level;
                sum += stretch.steps;
              }
              EXPECT_EQ(sum, steps);
            }
            ASSERT_EQ(plan.iterations.back().size(), 1u);
            EXPECT_EQ(plan.iterations.back()[0].level, plan.levels.size() - 1);
            for (size_t i = 0; i + 1 < plan.levels.size(); ++i) {
              const auto &small = plan.levels[i].size, &large = plan.levels[i + 1].size;
              EXPECT_LT(std::max(small.width, small.height), std::max(large.width, large.height));
              EXPECT_GE(std::min(small.width, small.height), 32);
              EXPECT_EQ(plan.levels[i].tile_side, small.width);
            }
          }
}

TEST(StyleSize, long_sides_agree_and_nothing_is_enlarged_unasked) {
  EXPECT_EQ(style_size({2000, 1000}, {400, 500}, false, 1), (SearchSize{500, 250}));
  EXPECT_EQ(style_size({2000, 1000}, {400, 500}, false, 0.5), (SearchSize{250, 125}));
  EXPECT_EQ(style_size({200, 100}, {400, 500}, false, 1), (SearchSize{200, 100}));
  EXPECT_EQ(style_size({200, 100}, {400, 500}, false, 2), (SearchSize{400, 200}));
  EXPECT_EQ(style_size({2000, 1000}, {400, 500}, true, 1), (SearchSize{400, 500}));
}

TEST(TileLadder, halves_down_to_the_smallest) {
  EXPECT_EQ(smaller_tile_side({1000, 700}, 0), 496);
  EXPECT_EQ(smaller_tile_side({1000, 700}, 496), 240);
  EXPECT_EQ(smaller_tile_side({1000, 700}, 240), 128);
  EXPECT_EQ(smaller_tile_side({1000, 700}, 128), 0);
  EXPECT_EQ(smaller_tile_side({100, 128}, 0), 0);
  EXPECT_EQ(smaller_tile_side({200, 128}, 2048), 128);
}

TEST(SearchMemory, history_gives_way) {
  SearchSchedule schedule;
  schedule.optimizer = SearchSchedule::Optimizer::lbfgs;
  schedule.history = 100;
  const SearchSize full{1000, 1000};
  const int64_t copy = 12'000'000;
  EXPECT_EQ(search_bytes(schedule, full, 4), 207 * copy);
  EXPECT_EQ(fitting_history(schedule, full, 4, 300 * copy), 100);
  EXPECT_EQ(fitting_history(schedule, full, 4, 27 * copy), 10);
  EXPECT_EQ(fitting_history(schedule, full, 4, copy), 3);
}

}  // namespace
}  // namespace pinxit
