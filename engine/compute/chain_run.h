// SPDX-License-Identifier: Apache-2.0
//
// Running a style chain on a picture of any size.
//
//     ChainPlan plan = plan_chain(chain, source.width(), source.height(), limits);
//     ChainStatistics learnt = run_chain(chain, plan, source, write, watch);        // the whole picture
//     run_chain_region(chain, learnt, source, region, plan, write, watch);          // a part of it, later
//
// Both give the same pixels, because normalisation always uses the statistics of the whole picture.
#pragma once

#include <functional>

#include "engine/compute/chain_plan.h"
#include "engine/compute/style_chain.h"

namespace pinxit {

/// The picture that enters a chain: [height, width, 3] colours 0..255, asked for by index tables.
class ChainSource {
 public:
  virtual ~ChainSource() = default;
  virtual int64_t width() const = 0;
  virtual int64_t height() const = 0;
  /// float32 [rows, columns, 3] on the CPU; zeros where an index is -1.
  virtual torch::Tensor gather(const std::vector<int32_t>& rows, const std::vector<int32_t>& columns) const = 0;
};

/// Receives finished tiles, float32 [h, w, 3] on the CPU, 0..255 (not clamped); regions do not overlap.
using WriteTile = std::function<void(const Region& region, const torch::Tensor& colours)>;

/// Called after every tile of every layer with the share of the work done, 0..1; throws to stop (Cancelled).
using Watch = std::function<void(double done)>;

/// `write` may be empty: then only the statistics are made.
ChainStatistics run_chain(const StyleChain& chain, const ChainPlan& plan, const ChainSource& source,
                          const WriteTile& write, const Watch& watch);

void run_chain_region(const StyleChain& chain, const ChainStatistics& statistics, const ChainSource& source,
                      const Region& region, const ChainPlan& plan, const WriteTile& write, const Watch& watch);

/// Tiles of at most side × side covering an area, in reading order; the last of a row or column may be smaller.
std::vector<Region> tiles_over(int64_t width, int64_t height, int64_t side);

}  // namespace pinxit
