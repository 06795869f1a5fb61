// SPDX-License-Identifier: Apache-2.0
#include "engine/convolve/pooling.h"

#include <algorithm>

#include "engine/convolve/kernels.h"

namespace pinxit::convolve {
namespace {

/// Rows in shares of some tens of thousands of values.
void over_rows(int64_t rows, int64_t row_values, const ParallelFor& parallel,
               const std::function<void(int64_t)>& row) {
  const int64_t share = std::max<int64_t>((1 << 16) / std::max<int64_t>(row_values, 1), 1);
  const int64_t shares = (rows + share - 1) / share;
  const auto work = [&](int64_t i) {
    for (int64_t y = i * share; y < std::min(rows, (i + 1) * share); ++y) row(y);
  };
  if (parallel && shares > 1) parallel(shares, work);
  else for (int64_t i = 0; i < shares; ++i) work(i);
}

/// What no pooled pixel looked at: its gradient is what is added, alone.
void leave(float* gradient, const float* picture, const PoolGradientOptions& options, int64_t first, int64_t values) {
  for (int64_t i = first; i < first + values; ++i) {
    const float value = options.add ? options.add[i] : 0;
    gradient[i] = options.gated && !(picture[i] > 0) ? 0 : value;
  }
}

}  // namespace

void pool(Pooling kind, const PictureSize& size, const float* picture, float* pooled, float factor,
          const ParallelFor& parallel) {
  const Kernels& k = kernels(best_instruction_set());
  const int64_t row = size.width * size.channels, width = size.width / 2;
  const auto pool_row = kind == Pooling::maximum ? k.max_pool_row : k.average_pool_row;
  over_rows(size.height / 2, 2 * row, parallel, [&](int64_t y) {
    const float* upper = picture + 2 * y * row;
    pool_row(upper, upper + row, width, size.channels, factor, pooled + y * width * size.channels);
  });
}

void pool_gradient(Pooling kind, const PictureSize& size, const float* picture, const float* pooled_gradient,
                   float* picture_gradient, const PoolGradientOptions& options, const ParallelFor& parallel) {
  const Kernels& k = kernels(best_instruction_set());
  const int64_t row = size.width * size.channels, width = size.width / 2;
  const auto back = kind == Pooling::maximum ? k.max_pool_back : k.average_pool_back;
  over_rows((size.height + 1) / 2, 2 * row, parallel, [&](int64_t y) {
    const int64_t first = 2 * y * row;
    if (2 * y + 1 == size.height) return leave(picture_gradient, picture, options, first, row);
    back({.picture = picture + first, .pooled_gradient = pooled_gradient + y * width * size.channels,
          .add = options.add ? options.add + first : nullptr, .gradient = picture_gradient + first, .row_stride = row,
          .width = width, .channels = size.channels, .factor = options.factor, .gated = options.gated});
    if (size.width % 2)
      for (const int64_t end : {first + row, first + 2 * row})
        leave(picture_gradient, picture, options, end - size.channels, size.channels);
  });
}

}  // namespace pinxit::convolve
