// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/tiles.h"

#include <algorithm>

namespace pinxit {
namespace {

constexpr int64_t grain = 16;

int64_t rounded_up(int64_t n) {
  return (n + grain - 1) / grain * grain;
}

std::vector<TileSpan> cut(int64_t size, int64_t side) {
  if (side <= 0 || side >= size) return {{0, size}};
  const int64_t most = rounded_up(side), count = (size + most - 1) / most,
                each = rounded_up((size + count - 1) / count);
  std::vector<TileSpan> spans;
  for (int64_t first = 0; first < size; first += each) spans.push_back({first, std::min(first + each, size)});
  return spans;
}

TileSpan with_halo(const TileSpan& inner, int64_t size, int64_t halo) {
  return {std::max<int64_t>(inner.first - halo, 0), std::min(inner.last + halo, size)};
}

}  // namespace

std::vector<Tile> cut_picture(int64_t width, int64_t height, int64_t side, int64_t reach) {
  const int64_t halo = rounded_up(reach);
  std::vector<Tile> tiles;
  for (const TileSpan& rows : cut(height, side))
    for (const TileSpan& columns : cut(width, side))
      tiles.push_back({rows, columns, with_halo(rows, height, halo), with_halo(columns, width, halo)});
  return tiles;
}

TileSpan positions_of(const TileSpan& inner, const TileSpan& outer, int64_t size, int64_t stride) {
  const int64_t all = size / stride, before = outer.first / stride;
  const int64_t last = inner.last == size ? all : inner.last / stride;
  return {std::min(inner.first / stride, last) - before, last - before};
}

}  // namespace pinxit
