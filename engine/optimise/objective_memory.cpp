// SPDX-License-Identifier: Apache-2.0
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "engine/optimise/objective_state.h"

namespace pinxit {

int64_t objective_bytes(const Vgg19& net, const NeuralPreset& preset, int64_t width, int64_t height,
                        int64_t tile_side) {
  const int64_t side = std::max<int64_t>(std::min(width, height), 1);
  const UsedLayers used = used_layers(net, preset, side, side);
  if (used.all.empty()) return 0;
  const std::string& last = deepest(used.all);
  const auto element = double(torch::elementSize(net.type()));
  const auto tiles = cut_picture(width, height, tile_side, Vgg19::reach(last));
  double outer = 0;
  const Tile* largest = &tiles.front();
  for (const Tile& tile : tiles) {
    const auto pixels = double(tile.outer_rows.size() * tile.outer_columns.size());
    if (pixels > outer) outer = pixels, largest = &tile;
  }

  double bytes = double(net.parameters()) * element;
  bytes += double(net.bytes_beside(last, largest->outer_columns.size(), largest->outer_rows.size(), true));
  bytes += outer * net.bytes_per_pixel(last, preset.features, true);
  // Style terms: a derivative of every tapped feature; half-precision features are copied to float32. Our own way back
  // asks for one after the other, and has room for it where the picture is not cut.
  const double sum_element = std::max(element, 4.0);
  double tapped = 0, widest = 0;
  for (const auto& layer : used.all) {
    const auto stride = double(Vgg19::stride(layer)), channels = double(net.channels(layer));
    const double values = channels / (stride * stride);
    tapped += values * (sum_element + (sum_element > element ? element + sum_element : 0));
    widest = std::max(widest, values * sum_element);
    bytes += channels * channels * (8 * 6 + 4 * 8);
  }
  const bool cut = tiles.size() > 1;
  bytes += outer * (net.own() ? (cut ? tapped + widest : 0) : tapped * (cut ? 2 : 1));
  // Content features, the gradient, the picture's variation in bands.
  const auto stride = double(Vgg19::stride(used.content));
  const double pixels = double(width) * double(height);
  bytes += pixels / (stride * stride) * double(net.channels(used.content)) * element;
  bytes += pixels * 3 * sum_element + std::min(pixels * 3, double(1 << 21)) * sum_element * 8;
  // Buffers of the convolutions and gaps of the allocator: the measured peaks are at most 12 % above the sum.
  return int64_t(std::ceil(1.15 * bytes));
}

int64_t choose_tile_side(const Vgg19& net, const NeuralPreset& preset, int64_t width, int64_t height, int64_t budget) {
  if (objective_bytes(net, preset, width, height, 0) <= budget) return 0;
  constexpr int64_t smallest = 128, step = 64;
  for (int64_t side = std::max(width, height) / step * step; side > smallest; side -= step)
    if (objective_bytes(net, preset, width, height, side) <= budget) return side;
  return smallest;
}

}  // namespace pinxit
