// SPDX-License-Identifier: Apache-2.0
//
// Index arithmetic of one convolution along one axis: sizes, which inputs an output span needs, and the index table
// that makes padding free (the gather that feeds the convolution looks border pixels up instead of storing them).
// Pure integers.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/convolve/border.h"

namespace pinxit {

using convolve::reflected;

/// Half-open: first … last-1.
struct Span {
  int64_t first = 0, last = 0;
  int64_t size() const { return last - first; }
  bool operator==(const Span&) const = default;
};

enum class Padding {
  zero_same,  ///< TensorFlow SAME: zeros, floor(total/2) before, the rest after
  reflect,    ///< k/2 on both sides, mirrored without repeating the border
  replicate,  ///< the border repeated
};

/// One convolution along one axis.
struct AxisGeometry {
  int kernel = 1;
  int stride = 1;
  Padding padding = Padding::zero_same;
  bool doubling = false;  ///< output is 2n: four 2×2 phases over the input padded by one (see convolution.h)

  int64_t output_size(int64_t n) const;
  /// Inputs before index 0 that output 0 looks at.
  int64_t before(int64_t n) const;
  /// Input positions, padding included (may be negative or ≥ n), that the outputs in `out` read.
  Span reach(Span out, int64_t n) const;
  /// The existing inputs among them, mirrored ones included: what has to be computed beforehand.
  Span needs(Span out, int64_t n) const;
  /// For each position of reach(out): the input index, or -1 for a zero.
  std::vector<int32_t> table(Span out, int64_t n) const;
};

}  // namespace pinxit
