// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/picture_tensors.h"

#include <ATen/Parallel.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <numeric>

#include "engine/operations/finish.h"
#include "engine/operations/picture_source.h"
#include "engine/pictures/resample.h"

namespace pinxit {
namespace {

constexpr int64_t band_rows = 64;

float unit(float value) { return value > 0 ? (value < 1 ? value : 1.f) : 0.f; }  // NaN gives 0

struct Moments {
  torch::Tensor mean, covariance;  ///< [3,1], [3,3], double
};

Moments colour_moments(const torch::Tensor& picture) {
  const auto colours = picture.detach().to(torch::kCPU).reshape({3, -1});
  const auto mean = colours.mean({1}, true, torch::kFloat64);
  torch::Tensor sum = torch::zeros({3, 3}, torch::kFloat64);
  constexpr int64_t slice = int64_t(1) << 20;
  for (int64_t at = 0; at < colours.size(1); at += slice) {
    const auto part = colours.narrow(1, at, std::min(slice, colours.size(1) - at)).to(torch::kFloat64) - mean;
    sum += part.mm(part.t());
  }
  return {mean, sum / double(colours.size(1)) + 1e-6 * torch::eye(3, torch::kFloat64)};
}

/// Symmetric power of a positive definite matrix.
torch::Tensor power(const torch::Tensor& matrix, double exponent) {
  const auto [values, vectors] = at::linalg_eigh(matrix);
  return vectors.mm(torch::diag(values.clamp_min(1e-12).pow(exponent))).mm(vectors.t());
}

}  // namespace

torch::Tensor tensor_of(SrgbView picture) {
  const PictureSource source(picture, 0, visible_mean(picture));
  auto pixels = torch::empty({1, 3, picture.height, picture.width});
  std::vector<int32_t> columns(size_t(picture.width)), rows;
  std::iota(columns.begin(), columns.end(), 0);
  for (int64_t y = 0; y < picture.height; y += band_rows) {
    rows.resize(size_t(std::min(band_rows, picture.height - y)));
    std::iota(rows.begin(), rows.end(), int32_t(y));
    const auto band = source.gather(rows, columns);
    pixels[0].slice(1, y, y + band.size(0)).copy_(band.permute({2, 0, 1}));
    pixels[0].slice(1, y, y + band.size(0)).mul_(1 / 255.0);
  }
  return pixels;
}

torch::Tensor tensor_of(SrgbView picture, SearchSize size) {
  if (SearchSize{picture.width, picture.height} == size) return tensor_of(picture);
  SrgbPicture reduced(size.width, size.height);
  resample(picture, reduced.span());
  return tensor_of(reduced.view());
}

torch::Tensor mask_of(SrgbView picture) {
  auto mask = torch::empty({1, 1, picture.height, picture.width});
  float* values = mask.data_ptr<float>();
  at::parallel_for(0, picture.height, band_rows, [&](int64_t first, int64_t last) {
    for (int64_t y = first; y < last; ++y) {
      const float* pixel = picture.row(y);
      float* to = values + y * picture.width;
      for (int64_t x = 0; x < picture.width; ++x, pixel += 4)
        to[x] = unit(pixel[3]) * (0.299f * unit(pixel[0]) + 0.587f * unit(pixel[1]) + 0.114f * unit(pixel[2]));
    }
  });
  return mask;
}

void finish_picture(const torch::Tensor& painted, SrgbView source, bool keep_colors, SrgbSpan result) {
  const auto colours = painted.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  const int64_t height = colours.size(2), width = colours.size(3);
  const bool sized = height == result.height && width == result.width;
  const float* planes = colours.const_data_ptr<float>();
  const int64_t plane = height * width;
  if (!sized) {
    SrgbPicture small(width, height);
    for (int64_t i = 0; i < plane; ++i) {
      for (int c = 0; c < 3; ++c) small.data[size_t(4 * i + c)] = planes[c * plane + i];
      small.data[size_t(4 * i + 3)] = 1;
    }
    resample(small.view(), result);
  }
  const Finish finish{1, keep_colors};
  at::parallel_for(0, result.height, 16, [&](int64_t first, int64_t last) {
    std::vector<float> row(size_t(result.width * 3));
    for (int64_t y = first; y < last; ++y) {
      const float* large = result.row(y);
      for (int64_t x = 0; x < result.width; ++x)
        for (int c = 0; c < 3; ++c)
          row[size_t(3 * x + c)] = 255.f * (sized ? planes[c * plane + y * width + x] : large[4 * x + c]);
      finish_row(finish, row.data(), source.row(y), result.row(y), result.width);
    }
  });
}

torch::Tensor recoloured(const torch::Tensor& style, const torch::Tensor& content) {
  const torch::NoGradGuard no_grad;
  const Moments from = colour_moments(style), to = colour_moments(content);
  const auto turn = power(to.covariance, 0.5).mm(power(from.covariance, -0.5));
  const auto shift = to.mean - turn.mm(from.mean);
  const auto colours = style.reshape({3, -1});
  return (turn.to(style.scalar_type()).mm(colours) + shift.to(style.scalar_type())).clamp_(0, 1).view(style.sizes());
}

}  // namespace pinxit
