// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/chain_plan.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <numeric>

#include "engine/base/error.h"
#include "engine/compute/chain_run.h"

namespace pinxit {
namespace {

/// A chain of TransformerNet's shape; the weights do not matter for plans.
StyleChain chain_of(int64_t width) {
  StyleChain chain;
  int64_t channels = 3;
  const auto add = [&](int64_t out, int kernel, int stride, bool upsampled, bool normalised, int from) {
    ChainLayer layer;
    const auto weight = torch::zeros({out, channels, kernel, kernel});
    layer.convolution = upsampled ? Convolution::upsampled(weight, {})
                                  : Convolution::plain(weight, {}, stride, Padding::reflect);
    layer.normalised = normalised, layer.add_from = from;
    chain.layers.push_back(std::move(layer));
    channels = out;
  };
  add(width, 9, 1, false, true, -1), add(2 * width, 3, 2, false, true, -1), add(4 * width, 3, 2, false, true, -1);
  for (int block = 0; block < 5; ++block) {
    const int before = int(chain.layers.size()) - 1;
    add(4 * width, 3, 1, false, true, -1), add(4 * width, 3, 1, false, true, before);
  }
  add(2 * width, 3, 1, true, true, -1), add(width, 3, 1, true, true, -1), add(3, 9, 1, false, false, -1);
  chain.prepare(torch::kCPU, torch::kFloat32);
  return chain;
}

int64_t stored_layers(const ChainPlan& plan) { return std::count(plan.stored.begin(), plan.stored.end(), true); }

TEST(Plan, small_pictures_are_stored_whole) {
  const auto plan = plan_chain(chain_of(32), 512, 512, {});
  EXPECT_EQ(stored_layers(plan), 16);
  EXPECT_FALSE(plan.scratch_file);
}

TEST(Plan, large_pictures_recompute_instead_of_storing) {
  const auto plan = plan_chain(chain_of(32), 4000, 3000, {});
  EXPECT_LT(stored_layers(plan), 16);
  EXPECT_FALSE(plan.scratch_file);
  EXPECT_LE(plan.plane_bytes + plan.tile_bytes, int64_t(2) << 30);
}

TEST(Plan, a_hundred_megapixels_go_to_a_scratch_file_in_bounded_memory) {
  const auto plan = plan_chain(chain_of(32), 10000, 10000, {});
  EXPECT_TRUE(plan.scratch_file);
  EXPECT_LE(plan.tile_bytes, int64_t(512) << 20);
}

TEST(Plan, residual_terms_are_always_stored) {
  const auto chain = chain_of(32);
  const auto plan = plan_chain(chain, 10000, 10000, {});
  for (size_t i = 0; i < chain.layers.size(); ++i)
    if (chain.residual(i)) EXPECT_TRUE(plan.stored[i]) << i;
}

TEST(Plan, less_memory_never_means_less_work) {
  const auto chain = chain_of(32);
  double before = 0;
  for (int64_t mib : {8192, 2048, 1024, 512, 256}) {
    const auto plan = plan_chain(chain, 3000, 2000, {mib << 20, "/tmp", 0});
    EXPECT_GE(plan.work, before);
    before = plan.work;
  }
}

TEST(Plan, stages_cover_every_layer_once) {
  for (const int64_t side : {300, 4000, 9000}) {
    const auto plan = plan_chain(chain_of(16), side, side, {});
    size_t next = 0;
    for (const Stage& stage : plan_stages(plan)) {
      EXPECT_EQ(stage.first, next);
      EXPECT_GE(stage.last, stage.first);
      next = stage.last + 1;
    }
    EXPECT_EQ(next, plan.stored.size());
  }
}

TEST(Tiles, cover_an_area_once) {
  for (const auto& [width, height, side] : {std::tuple{10, 10, 4}, {1, 1, 64}, {129, 64, 64}, {5000, 40, 512}}) {
    int64_t area = 0;
    for (const Region& tile : tiles_over(width, height, side)) {
      EXPECT_TRUE(tile.x >= 0 && tile.y >= 0 && tile.right() <= width && tile.bottom() <= height && !tile.empty());
      area += tile.area();
    }
    EXPECT_EQ(area, int64_t(width) * height);
  }
}

}  // namespace
}  // namespace pinxit
