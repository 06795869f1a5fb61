// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/picture_source.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <mutex>

namespace pinxit {
namespace {

inline float unit(float value) { return value > 0 ? (value < 1 ? value : 1.f) : 0.f; }  // NaN gives 0

}  // namespace

VisibleMean visible_mean(SrgbView picture) {
  std::mutex mutex;
  double sum[4] = {};
  bool opaque = true;
  at::parallel_for(0, picture.height, 64, [&](int64_t first, int64_t last) {
    double part[4] = {};
    bool all = true;
    for (int64_t y = first; y < last; ++y) {
      const float* pixel = picture.row(y);
      float row[4] = {};
      float lowest = 1;
      for (int64_t x = 0; x < picture.width; ++x, pixel += 4) {
        const float alpha = unit(pixel[3]);
        lowest = std::min(lowest, alpha);
        for (int c = 0; c < 3; ++c) row[c] += alpha * unit(pixel[c]);
        row[3] += alpha;
      }
      all = all && lowest >= 1;
      for (int c = 0; c < 4; ++c) part[c] += row[c];
    }
    const std::lock_guard lock(mutex);
    opaque = opaque && all;
    for (int c = 0; c < 4; ++c) sum[c] += part[c];
  });
  VisibleMean mean;
  mean.opaque = opaque;
  if (sum[3] > 0)
    for (size_t c = 0; c < 3; ++c) mean.colour[c] = float(sum[c] / sum[3]);
  return mean;
}

torch::Tensor PictureSource::gather(const std::vector<int32_t>& rows, const std::vector<int32_t>& columns) const {
  const int64_t width = int64_t(columns.size());
  std::vector<int64_t> x(columns.size());
  for (size_t i = 0; i < columns.size(); ++i)
    x[i] = columns[i] < 0 ? -1 : reflected(columns[i] - border_, picture_.width);
  auto out = torch::empty({int64_t(rows.size()), width, 3});
  float* data = out.data_ptr<float>();
  at::parallel_for(0, int64_t(rows.size()), 16, [&](int64_t first, int64_t last) {
    for (int64_t y = first; y < last; ++y) {
      float* to = data + y * width * 3;
      if (rows[size_t(y)] < 0) {
        std::fill(to, to + width * 3, 0.f);
        continue;
      }
      const float* row = picture_.row(reflected(rows[size_t(y)] - border_, picture_.height));
      for (int64_t i = 0; i < width; ++i, to += 3) {
        if (x[size_t(i)] < 0) {
          to[0] = to[1] = to[2] = 0;
          continue;
        }
        const float* pixel = row + 4 * x[size_t(i)];
        const float seen = mean_.opaque ? 1.f : std::min(1.f, 4 * unit(pixel[3]));
        for (int c = 0; c < 3; ++c)
          to[c] = 255.f * (seen * unit(pixel[c]) + (1 - seen) * mean_.colour[size_t(c)]);
      }
    }
  });
  return out;
}

}  // namespace pinxit
