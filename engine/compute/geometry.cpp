// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/geometry.h"

#include <algorithm>

namespace pinxit {

int64_t reflected(int64_t index, int64_t n) {
  if (n <= 1) return 0;
  const int64_t period = 2 * n - 2;
  index %= period;
  if (index < 0) index += period;
  return index < n ? index : period - index;
}

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
  std::vector<int32_t> table(size_t(positions.size()));
  for (int64_t position = positions.first; position < positions.last; ++position) {
    int64_t index = position;
    if (position < 0 || position >= n) {
      if (padding == Padding::reflect) index = reflected(position, n);
      else if (padding == Padding::replicate) index = std::clamp<int64_t>(position, 0, n - 1);
      else index = -1;
    }
    table[size_t(position - positions.first)] = int32_t(index);
  }
  return table;
}

}  // namespace pinxit
