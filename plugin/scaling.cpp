// SPDX-License-Identifier: Apache-2.0
#include "plugin/scaling.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace pinxit {
namespace {

/// What one sample of the new line is made of.
struct Share {
  int64_t first = 0;
  std::vector<float> weights;
};

std::vector<Share> shares(int64_t from, int64_t to) {
  const double step = double(from) / double(to), reach = std::max(1.0, step);
  std::vector<Share> all(static_cast<size_t>(to));
  for (int64_t i = 0; i < to; ++i) {
    Share& share = all[size_t(i)];
    const double centre = (double(i) + 0.5) * step - 0.5;
    share.first = std::clamp<int64_t>(int64_t(std::ceil(centre - reach)), 0, from - 1);
    const int64_t last = std::clamp<int64_t>(int64_t(std::floor(centre + reach)), share.first, from - 1);
    double sum = 0;
    for (int64_t at = share.first; at <= last; ++at) {
      const double weight = std::max(0.0, 1 - std::fabs(double(at) - centre) / reach);
      share.weights.push_back(float(weight));
      sum += weight;
    }
    if (sum > 0)
      for (float& weight : share.weights) weight = float(weight / sum);
    else
      share.weights.assign(1, 1.0f);
  }
  return all;
}

}  // namespace

SrgbPicture scaled(SrgbView picture, int64_t width, int64_t height) {
  if (picture.width == width && picture.height == height) {
    SrgbPicture copy(width, height);
    std::copy_n(picture.data, copy.data.size(), copy.data.data());
    return copy;
  }
  SrgbPicture wide(width, picture.height), result(width, height);
  const std::vector<Share> columns = shares(picture.width, width), rows = shares(picture.height, height);
  for (int64_t y = 0; y < picture.height; ++y) {
    const float* from = picture.row(y);
    float* to = wide.span().row(y);
    for (int64_t x = 0; x < width; ++x)
      for (size_t k = 0; k < columns[size_t(x)].weights.size(); ++k)
        for (int c = 0; c < 4; ++c)
          to[4 * x + c] += columns[size_t(x)].weights[k] * from[4 * (columns[size_t(x)].first + int64_t(k)) + c];
  }
  for (int64_t y = 0; y < height; ++y) {
    float* to = result.span().row(y);
    for (size_t k = 0; k < rows[size_t(y)].weights.size(); ++k) {
      const float* from = wide.view().row(rows[size_t(y)].first + int64_t(k));
      for (int64_t i = 0; i < 4 * width; ++i) to[i] += rows[size_t(y)].weights[k] * from[i];
    }
  }
  return result;
}

}  // namespace pinxit
