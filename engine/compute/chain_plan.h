// SPDX-License-Identifier: Apache-2.0
//
// Deciding, before a run, how a chain fits into memory. Instance normalisation needs statistics of the whole picture
// after every layer, so a layer is finished everywhere before the next one starts; what may vary is
//
//   tiles     how much of a layer is computed at once
//   stored    which layers' outputs are kept for the whole picture. A layer that is not stored is computed again,
//             tile by tile with a halo, inside every later layer up to the next stored one
//   scratch   whether the stored ones lie in memory or in a scratch file
//
// The result is the same in every case (up to the last bits of floating point).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/compute/style_chain.h"

namespace pinxit {

struct ChainPlan {
  int64_t width = 0, height = 0;      ///< of the (padded) picture that enters the chain
  int64_t tile_values = 0;            ///< values (pixels × channels) of one output tile, about
  std::vector<bool> stored;           ///< per layer
  bool scratch_file = false;
  std::string scratch_folder;
  int64_t plane_bytes = 0;            ///< peak of the stored planes
  int64_t tile_bytes = 0;             ///< peak of a tile's working set, about; our own convolutions' workspace too
  int64_t weight_bytes = 0;           ///< our own convolutions' packed weights: several times the checkpoint
  double work = 0;                    ///< multiplications, recomputation included

  /// Side of the square tiles of a layer with so many output channels, a multiple of 4.
  int64_t tile_side(int64_t channels) const;
};

struct PlanLimits {
  int64_t memory_bytes = int64_t(2) << 30;  ///< for planes, tiles and packed weights together
  std::string scratch_folder = "/var/tmp";
  int64_t tile_values = 0;                  ///< 0: chosen; otherwise forced (tests: huge = untiled)
};

/// Errors (thrown): out_of_memory when not even the smallest tiles fit.
ChainPlan plan_chain(const StyleChain& chain, int64_t width, int64_t height, const PlanLimits& limits);

/// The runs of layers between stored outputs: layers first … last, computed tile by tile from what `first - 1` stored.
struct Stage {
  size_t first, last;
};
std::vector<Stage> plan_stages(const ChainPlan& plan);

}  // namespace pinxit
