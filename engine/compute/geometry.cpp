// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/geometry.h"

#include <algorithm>

namespace pinxit {

namespace {

convolve::Border border_of(Padding padding) {
  if (padding == Padding::reflect) return convolve::Border::reflect;
  return padding == Padding::replicate ? convolve::Border::replicate : convolve::Border::zero;
}

}  // namespace

int64_t AxisGeometry::output_size(int64_t n) const {
  if (doubling) return 2 * n;
  if (padding == Padding::zero_same) return (n + stride - 1) / stride;
  return (n + 2 * (kernel / 2) - kernel) / stride + 1;
}

int64_t AxisGeometry::before(int64_t n) const {
  if (doubling) return 1;
  if (padding == Padding::zero_same) return std::max<int64_t>((output_size(n) - 1) * stride + kernel - n, 0) / 2;
  return kernel / 2;
}

Span AxisGeometry::reach(Span out, int64_t n) const {
  if (doubling) return {out.first / 2 - 1, (out.last - 1) / 2 + 2};
  const int64_t first = out.first * stride - before(n);
  return {first, (out.last - 1) * stride - before(n) + kernel};
}

Span AxisGeometry::needs(Span out, int64_t n) const {
  int64_t first = n, last = 0;
  for (const int32_t index : table(out, n))
    if (index >= 0) first = std::min<int64_t>(first, index), last = std::max<int64_t>(last, index + 1);
  return first < last ? Span{first, last} : Span{0, std::min<int64_t>(n, 1)};
}

std::vector<int32_t> AxisGeometry::table(Span out, int64_t n) const {
  const Span positions = reach(out, n);
  return convolve::border_table(border_of(padding), n, -positions.first, positions.size());
}

}  // namespace pinxit
