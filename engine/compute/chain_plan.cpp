// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/chain_plan.h"

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

int64_t plane_size(const StyleChain& chain, const StyleChain::Size& size, size_t layer) {
  const auto& convolution = chain.layers[layer].convolution;
  return size.width * size.height * convolution.outputs() * int64_t(c10::elementSize(convolution.type()));
}

/// Peak of the planes alive at once: while a stage runs, its input, its output and a pending residual term.
int64_t peak_planes(const StyleChain& chain, const std::vector<StyleChain::Size>& sizes, const ChainPlan& plan) {
  int64_t peak = 0, before = 0;
  for (const Stage& stage : plan_stages(plan)) {
    const bool last = stage.last + 1 == chain.layers.size();
    const int64_t now = last && !chain.layers.back().normalised ? 0 : plane_size(chain, sizes[stage.last], stage.last);
    int64_t pending = 0;
    for (size_t later = stage.last; later < chain.layers.size(); ++later) {
      const int from = chain.layers[later].add_from;
      if (from >= 0 && size_t(from) + 1 < stage.first) pending = plane_size(chain, sizes[size_t(from)], size_t(from));
    }
    // Our own convolutions add the last residual term when they read the sum's plane: both are there.
    const int term = stage.first && chain.own ? chain.layers[stage.first - 1].add_from : -1;
    if (term >= 0) pending = std::max(pending, plane_size(chain, sizes[size_t(term)], size_t(term)));
    peak = std::max(peak, before + now + pending);
    before = now;
  }
  return peak;
}

double recomputed_work(const StyleChain& chain, const std::vector<StyleChain::Size>& sizes, const ChainPlan& plan) {
  double work = 0;
  for (const Stage& stage : plan_stages(plan))
    for (size_t i = stage.first; i <= stage.last; ++i) {
      const double once = chain.layers[i].convolution.cost(sizes[i].width, sizes[i].height) * double(sizes[i].width) * double(sizes[i].height);
      work += once * double(stage.last - i + 1);
    }
  return work;
}

/// Our own convolutions' largest workspace at these tiles.
int64_t workspace(const StyleChain& chain, const std::vector<StyleChain::Size>& sizes, const ChainPlan& plan) {
  size_t largest = 0;
  for (size_t i = 0; i < chain.layers.size(); ++i) {
    const int64_t side = plan.tile_side(chain.layers[i].convolution.outputs());
    const auto [width, height] = sizes[i];
    if (const OwnConvolution* own = chain.layers[i].convolution.own())
      largest = std::max(largest, own->workspace_bytes({width, height}, {std::min(side, width), std::min(side, height)}));
  }
  return int64_t(largest);
}

int64_t packed_weights(const StyleChain& chain, const std::vector<StyleChain::Size>& sizes) {
  size_t bytes = 0;
  for (size_t i = 0; i < chain.layers.size(); ++i)
    if (const OwnConvolution* own = chain.layers[i].convolution.own())
      bytes += own->weight_bytes({sizes[i].width, sizes[i].height});
  return int64_t(bytes);
}

}  // namespace

int64_t ChainPlan::tile_side(int64_t channels) const {
  const double side = std::sqrt(double(tile_values) / double(std::max<int64_t>(channels, 16)));
  return std::max<int64_t>(int64_t(side) / 4 * 4, 16);
}

std::vector<Stage> plan_stages(const ChainPlan& plan) {
  std::vector<Stage> stages;
  size_t first = 0;
  for (size_t i = 0; i < plan.stored.size(); ++i)
    if (plan.stored[i] || i + 1 == plan.stored.size()) stages.push_back({first, i}), first = i + 1;
  return stages;
}

ChainPlan plan_chain(const StyleChain& chain, int64_t width, int64_t height, const PlanLimits& limits) {
  ChainPlan plan;
  plan.width = width, plan.height = height;
  const auto sizes = chain.sizes(width, height);
  const size_t count = chain.layers.size();

  // Tiles of 8 million values keep a layer's working set near 100 MB; small limits get smaller tiles.
  // LibTorch: input with halo, output, phases or split columns, in float32. Our own: no padded copies, no phases.
  const int64_t value_bytes = 4 * (chain.own ? 3 : 5);
  plan.tile_values = limits.tile_values;
  if (!plan.tile_values) {
    plan.tile_values = int64_t(8) << 20;
    while (plan.tile_values > (1 << 14) && plan.tile_values * value_bytes > limits.memory_bytes / 4)
      plan.tile_values /= 2;
  }
  int64_t largest = 0;
  for (size_t i = 0; i < count; ++i)
    largest = std::max(largest, sizes[i].width * sizes[i].height * chain.layers[i].convolution.outputs());
  plan.tile_bytes = std::min(plan.tile_values, largest) * value_bytes;
  if (plan.tile_bytes > limits.memory_bytes && !limits.tile_values)
    throw Failure(ErrorCode::out_of_memory, _("The memory limit is too small for any picture."),
                  _("Raise the memory limit in Filters ▸ Neural ▸ Settings…."));
  // A few megabytes that no plan can avoid.
  plan.tile_bytes += workspace(chain, sizes, plan);
  plan.weight_bytes = packed_weights(chain, sizes);
  const int64_t budget = limits.memory_bytes - plan.tile_bytes - plan.weight_bytes;

  // Store everything; while that does not fit, give up the largest plane per layer outside the residual trunk.
  plan.stored.assign(count, true);
  plan.plane_bytes = peak_planes(chain, sizes, plan);
  while (plan.plane_bytes > budget && !limits.tile_values) {
    size_t victim = count;
    for (size_t i = 0; i + 1 < count; ++i) {
      const bool beside_residual = chain.residual(i) || (i + 1 < count && chain.layers[i + 1].add_from >= 0);
      if (!plan.stored[i] || beside_residual) continue;
      if (victim == count || plane_size(chain, sizes[i], i) > plane_size(chain, sizes[victim], victim)) victim = i;
    }
    if (victim == count) {
      plan.scratch_file = true;
      plan.scratch_folder = limits.scratch_folder;
      break;
    }
    plan.stored[victim] = false;
    plan.plane_bytes = peak_planes(chain, sizes, plan);
  }
  plan.work = recomputed_work(chain, sizes, plan);
  return plan;
}

}  // namespace pinxit
