// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/gather.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>

#include "engine/compute/kernels.h"

namespace pinxit {
namespace {

uint16_t* bf16(const torch::Tensor& t) { return reinterpret_cast<uint16_t*>(t.data_ptr<at::BFloat16>()); }
float* f32(const torch::Tensor& t) { return t.data_ptr<float>(); }

ChannelCurve kernel_curve(const Curve& curve) {
  if (!curve.scale.defined()) return {nullptr, nullptr, curve.relu};
  return {f32(curve.scale), f32(curve.shift), curve.relu};
}

torch::Tensor gather_cpu(const torch::Tensor& in, const std::vector<int32_t>& rows,
                         const std::vector<int32_t>& columns, const Curve& curve, torch::ScalarType type) {
  const int64_t width = int64_t(columns.size()), channels = in.size(2), stride = in.size(1) * channels;
  auto out = torch::empty({int64_t(rows.size()), width, channels}, in.options().dtype(type));
  const ChannelCurve c = kernel_curve(curve);
  const bool from_bf16 = in.scalar_type() == torch::kBFloat16, to_bf16 = type == torch::kBFloat16;
  const auto& k = kernels();
  at::parallel_for(0, int64_t(rows.size()), 4, [&](int64_t first, int64_t last) {
    for (int64_t y = first; y < last; ++y) {
      const int64_t row = rows[size_t(y)], to = y * width * channels;
      if (from_bf16) {
        const uint16_t* source = row < 0 ? nullptr : bf16(in) + row * stride;
        to_bf16 ? k.gather_bf16_bf16(source, bf16(out) + to, columns.data(), width, channels, c)
                : k.gather_bf16_f32(source, f32(out) + to, columns.data(), width, channels, c);
      } else {
        const float* source = row < 0 ? nullptr : f32(in) + row * stride;
        to_bf16 ? k.gather_f32_bf16(source, bf16(out) + to, columns.data(), width, channels, c)
                : k.gather_f32_f32(source, f32(out) + to, columns.data(), width, channels, c);
      }
    }
  });
  return out;
}

/// Indices on a device, -1 clamped to 0, and where zeros belong.
std::pair<torch::Tensor, torch::Tensor> device_table(const std::vector<int32_t>& table, torch::Device device) {
  auto index = torch::tensor(table, torch::kInt32).to(torch::kInt64);
  return {index.clamp_min(0).to(device), (index >= 0).to(device)};
}

}  // namespace

torch::Tensor gather(const torch::Tensor& in, const std::vector<int32_t>& rows, const std::vector<int32_t>& columns,
                     const Curve& curve, torch::ScalarType type) {
  if (in.is_cpu()) return gather_cpu(in, rows, columns, curve, type);
  const auto [row, row_inside] = device_table(rows, in.device());
  const auto [column, column_inside] = device_table(columns, in.device());
  auto out = curved(in.index_select(0, row).index_select(1, column), curve).to(type);
  if (std::count(rows.begin(), rows.end(), -1) || std::count(columns.begin(), columns.end(), -1))
    out = out * (row_inside.unsqueeze(1) & column_inside.unsqueeze(0)).unsqueeze(2);
  return out.contiguous();
}

torch::Tensor curved(const torch::Tensor& in, const Curve& curve) {
  if (in.is_cpu()) {
    std::vector<int32_t> rows(size_t(in.size(0))), columns(size_t(in.size(1)));
    std::iota(rows.begin(), rows.end(), 0);
    std::iota(columns.begin(), columns.end(), 0);
    return gather_cpu(in, rows, columns, curve, in.scalar_type());
  }
  auto out = in;
  if (curve.scale.defined()) out = torch::addcmul(curve.shift, in.to(torch::kFloat32), curve.scale);
  if (curve.relu) out = out.clamp_min(0);
  return out.to(in.scalar_type());
}

void add_in_place(torch::Tensor& sum, const torch::Tensor& in) {
  if (!sum.is_cpu()) {
    sum.add_(in);
    return;
  }
  const bool half = sum.scalar_type() == torch::kBFloat16;
  at::parallel_for(0, sum.numel(), 1 << 14, [&](int64_t first, int64_t last) {
    half ? kernels().add_bf16(bf16(in) + first, bf16(sum) + first, last - first)
         : kernels().add_f32(f32(in) + first, f32(sum) + first, last - first);
  });
}

void residual_sum(const torch::Tensor& values, const Curve& curve, torch::Tensor& term, const Curve& term_curve) {
  const int64_t width = values.size(1), channels = values.size(2);
  at::parallel_for(0, values.size(0), 4, [&](int64_t first, int64_t last) {
    for (int64_t y = first; y < last; ++y)
      kernels().residual_f32(f32(values) + y * values.stride(0), kernel_curve(curve), f32(term) + y * term.stride(0),
                             kernel_curve(term_curve), width, channels);
  });
}

void ChannelSums::add(const torch::Tensor& tile) {
  const int64_t channels = int64_t(sum_.size()), pixels = tile.numel() / channels;
  pixels_ += pixels;
  if (!tile.is_cpu()) {
    const auto flat = tile.reshape({pixels, channels}).to(torch::kFloat64);
    const auto sum = flat.sum(0).cpu(), square = flat.square().sum(0).cpu();
    for (int64_t c = 0; c < channels; ++c) {
      sum_[size_t(c)] += sum.data_ptr<double>()[c];
      square_[size_t(c)] += square.data_ptr<double>()[c];
    }
    return;
  }
  // A fixed number of shares, added up in order: the same sums whatever the number of threads.
  constexpr int64_t shares = 16;
  const bool half = tile.scalar_type() == torch::kBFloat16;
  std::vector<double> partial(size_t(2 * shares * channels));
  at::parallel_for(0, shares, 1, [&](int64_t first, int64_t last) {
    for (int64_t share = first; share < last; ++share) {
      const int64_t from = pixels * share / shares, to = pixels * (share + 1) / shares;
      double* sum = partial.data() + 2 * share * channels;
      half ? kernels().sums_bf16(bf16(tile) + from * channels, to - from, channels, sum, sum + channels)
           : kernels().sums_f32(f32(tile) + from * channels, to - from, channels, sum, sum + channels);
    }
  });
  for (int64_t share = 0; share < shares; ++share)
    for (int64_t c = 0; c < channels; ++c) {
      sum_[size_t(c)] += partial[size_t(2 * share * channels + c)];
      square_[size_t(c)] += partial[size_t((2 * share + 1) * channels + c)];
    }
}

Curve ChannelSums::normalisation(const torch::Tensor& gamma, const torch::Tensor& beta, double eps, bool relu,
                                 torch::Device device) const {
  const int64_t channels = int64_t(sum_.size());
  auto scale = torch::empty({channels}), shift = torch::empty({channels});
  const double n = double(std::max<int64_t>(pixels_, 1));
  for (int64_t c = 0; c < channels; ++c) {
    const double mean = sum_[size_t(c)] / n;
    const double variance = std::max(square_[size_t(c)] / n - mean * mean, 0.0);
    const double s = gamma.data_ptr<float>()[c] / std::sqrt(variance + eps);
    f32(scale)[c] = float(s);
    f32(shift)[c] = float(beta.data_ptr<float>()[c] - mean * s);
  }
  return {scale.to(device), shift.to(device), relu};
}

}  // namespace pinxit
