// SPDX-License-Identifier: Apache-2.0
//
// How a picture is cut for exact gradients: inner parts that cover it once, each with a halo of real pixels.
//
//     for (const Tile& tile : cut_picture(width, height, 512, 80)) …
//
// Origins are multiples of 16, the deepest layer's stride, so that every position of every layer belongs to exactly one
// inner part, and pooling inside a tile meets the same groups of pixels as in the whole picture.
#pragma once

#include <cstdint>
#include <vector>

namespace pinxit {

/// Half-open, pixels.
struct TileSpan {
  int64_t first = 0, last = 0;
  int64_t size() const { return last - first; }
};

struct Tile {
  TileSpan rows, columns;              ///< the inner part
  TileSpan outer_rows, outer_columns;  ///< with the halo, inside the picture
};

/// Inner sides of about `side` and at most that (rounded up to 16); 0: one tile. `reach`: pixels a tile has to see
/// beside its own.
std::vector<Tile> cut_picture(int64_t width, int64_t height, int64_t side, int64_t reach);

/// The positions of a layer with this stride that the pixels `inner` stand for, counted from the first of `outer`;
/// `size`: pixels of the whole picture along this side. The last part takes what pooling leaves, which may be nothing.
TileSpan positions_of(const TileSpan& inner, const TileSpan& outer, int64_t size, int64_t stride);

}  // namespace pinxit
