// SPDX-License-Identifier: Apache-2.0
#include "engine/convolve/border.h"

#include <algorithm>

namespace pinxit::convolve {

int64_t reflected(int64_t index, int64_t n) {
  if (n <= 1) return 0;
  const int64_t period = 2 * n - 2;
  index %= period;
  if (index < 0) index += period;
  return index < n ? index : period - index;
}

AxisTable border_table(Border border, int64_t n, int64_t before, int64_t length) {
  AxisTable table(size_t(std::max<int64_t>(length, 0)));
  for (int64_t i = 0; i < length; ++i) {
    int64_t index = i - before;
    if (index < 0 || index >= n) {
      if (border == Border::zero) index = -1;
      else if (border == Border::reflect) index = reflected(index, n);
      else index = std::clamp<int64_t>(index, 0, n - 1);
    }
    table[size_t(i)] = int32_t(index);
  }
  return table;
}

}  // namespace pinxit::convolve
