// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/convolution.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include "engine/compute/kernels.h"

namespace pinxit {
namespace {

using torch::indexing::Slice;

torch::Tensor as_nchw(const torch::Tensor& tile) { return tile.unsqueeze(0).permute({0, 3, 1, 2}); }

torch::Tensor as_tile(const torch::Tensor& nchw) { return nchw.permute({0, 2, 3, 1}).squeeze(0).contiguous(); }

/// [out, in, 2, 2] for output rows of parity `row` and columns of parity `column`, from 1-D rules: parity p of the
/// doubled axis reads inputs (i-1+p, i+p) with the 1-D kernels rule[p][0] and rule[p][1], sums of original taps.
torch::Tensor phase_weight(const torch::Tensor& weight, const std::vector<int> rule[2][2], int row, int column) {
  auto phase = torch::zeros({weight.size(0), weight.size(1), 2, 2});
  for (int y = 0; y < 2; ++y)
    for (int x = 0; x < 2; ++x)
      for (const int ky : rule[row][y])
        for (const int kx : rule[column][x])
          phase.index({Slice(), Slice(), y, x}) += weight.index({Slice(), Slice(), ky, kx});
  return phase;
}

std::vector<torch::Tensor> four_phases(const torch::Tensor& weight, const std::vector<int> rule[2][2]) {
  std::vector<torch::Tensor> phases;
  for (int row = 0; row < 2; ++row)
    for (int column = 0; column < 2; ++column) phases.push_back(phase_weight(weight, rule, row, column));
  return phases;
}

}  // namespace

Convolution Convolution::plain(torch::Tensor weight, torch::Tensor bias, int stride, Padding padding) {
  Convolution made;
  made.outputs_ = weight.size(0), made.inputs_ = weight.size(1);
  made.geometry_ = {int(weight.size(2)), stride, padding, false};
  made.weight_ = weight.contiguous();
  made.bias_ = bias;
  return made;
}

Convolution Convolution::upsampled(torch::Tensor weight, torch::Tensor bias) {
  // The mirrored border of the doubled picture is the repeated border of the small one.
  Convolution made;
  made.kind_ = ConvolutionKind::upsampled;
  made.outputs_ = weight.size(0), made.inputs_ = weight.size(1);
  made.geometry_ = {2, 1, Padding::replicate, true};
  made.weight_ = weight.contiguous();
  made.bias_ = bias;
  return made;
}

Convolution Convolution::transposed(torch::Tensor weight) {
  Convolution made;
  made.kind_ = ConvolutionKind::transposed;
  made.inputs_ = weight.size(0), made.outputs_ = weight.size(1);
  made.geometry_ = {2, 1, Padding::zero_same, true};
  made.weight_ = weight.contiguous();
  return made;
}

std::vector<torch::Tensor> Convolution::phases() const {
  // Row 2i of the doubled picture sees small rows i-1 (tap 0), i (taps 1, 2); row 2i+1 sees i (taps 0, 1), i+1 (tap 2).
  static const std::vector<int> upsampled[2][2] = {{{0}, {1, 2}}, {{0, 1}, {2}}};
  // out[2i] = in[i]·w0 + in[i-1]·w2, out[2i+1] = in[i]·w1.
  static const std::vector<int> transposed[2][2] = {{{2}, {0}}, {{1}, {}}};
  if (kind_ == ConvolutionKind::upsampled) return four_phases(weight_, upsampled);
  if (kind_ == ConvolutionKind::transposed) return four_phases(weight_.transpose(0, 1).contiguous(), transposed);
  return {weight_};
}

void Convolution::prepare(torch::Device device, torch::ScalarType type, bool own) {
  type_ = float32_only_ ? torch::kFloat32 : type;
  prepared_.clear();
  prepared_bias_ = split_ = torch::Tensor();
  own_.reset();
  if (own) {
    own_ = std::make_shared<OwnConvolution>(kind_, geometry_, weight_, bias_);
    return;
  }
  for (const auto& weight : phases())
    prepared_.push_back(weight.to(device, type_).contiguous(at::MemoryFormat::ChannelsLast));
  prepared_bias_ = bias_.defined() ? bias_.to(device, type_) : torch::Tensor();
  const int64_t k = geometry_.kernel;
  if (device.is_cpu() && !geometry_.doubling && geometry_.stride == 1 && outputs_ <= 4 && k >= 5 &&
      type_ == torch::kFloat32) {
    // [out, in, k, k] -> [out·k, in, k, 1], output channel c·k + t being column t of output c.
    split_ = weight_.permute({0, 3, 1, 2}).reshape({outputs_ * k, inputs_, k, 1});
    split_ = split_.contiguous(at::MemoryFormat::ChannelsLast);
    if (!prepared_bias_.defined()) prepared_bias_ = torch::zeros({outputs_});
  }
}

torch::Tensor Convolution::run(const torch::Tensor& padded, Span rows, Span columns) const {
  if (geometry_.doubling) return run_doubling(padded, rows, columns);
  if (split_.defined()) return run_split(padded);
  return as_tile(at::conv2d(as_nchw(padded), prepared_[0], prepared_bias_, geometry_.stride));
}

torch::Tensor Convolution::run_split(const torch::Tensor& padded) const {
  const int64_t k = geometry_.kernel;
  const auto columns = as_tile(at::conv2d(as_nchw(padded), split_));
  const int64_t height = columns.size(0), wide = columns.size(1), width = wide - k + 1;
  auto out = torch::empty({height, width, outputs_}, columns.options());
  const float* in = columns.data_ptr<float>();
  float* to = out.data_ptr<float>();
  const float* bias = prepared_bias_.data_ptr<float>();
  at::parallel_for(0, height, 8, [&](int64_t first, int64_t last) {
    for (int64_t y = first; y < last; ++y)
      kernels().shifted_sum(in + y * wide * outputs_ * k, to + y * width * outputs_, width, outputs_, k, bias);
  });
  return out;
}

torch::Tensor Convolution::run_doubling(const torch::Tensor& padded, Span rows, Span columns) const {
  torch::Tensor phase[4];
  for (int p = 0; p < 4; ++p)
    phase[p] = as_tile(at::conv2d(as_nchw(padded), prepared_[size_t(p)], prepared_bias_));
  auto out = torch::empty({rows.size(), columns.size(), outputs_}, phase[0].options());
  const int64_t row0 = rows.first / 2, column0 = columns.first / 2;  // small pixel of padded row 1
  if (!out.is_cpu()) {
    const int64_t h = padded.size(0) - 2, w = padded.size(1) - 2;
    auto all = torch::empty({2 * h, 2 * w, outputs_}, out.options());
    for (int p = 0; p < 4; ++p) {
      const int y = p / 2, x = p % 2;
      all.index_put_({Slice(y, {}, 2), Slice(x, {}, 2)}, phase[p].index({Slice(y, y + h), Slice(x, x + w)}));
    }
    const int64_t y = rows.first - 2 * row0, x = columns.first - 2 * column0;
    return all.index({Slice(y, y + rows.size()), Slice(x, x + columns.size())}).contiguous();
  }
  const int64_t bytes = outputs_ * int64_t(out.element_size());
  const int64_t stride = phase[0].size(1) * bytes, out_stride = columns.size() * bytes;
  const int64_t shift = columns.first - 2 * column0;
  at::parallel_for(rows.first, rows.last, 4, [&](int64_t first, int64_t last) {
    for (int64_t y = first; y < last; ++y) {
      const int parity = int(y & 1);
      const int64_t row = y / 2 - row0 + parity;  // phase row o reads padded rows o, o+1
      const char* even = static_cast<const char*>(phase[2 * parity].data_ptr()) + row * stride;
      const char* odd = static_cast<const char*>(phase[2 * parity + 1].data_ptr()) + row * stride + bytes;
      char* target = static_cast<char*>(out.data_ptr()) + (y - rows.first) * out_stride;
      kernels().interleave(even, odd, target, shift, columns.size(), bytes);
    }
  });
  return out;
}

double Convolution::cost(int64_t width, int64_t height) const {
  if (own_) return own_->cost({width, height});
  const double taps = geometry_.doubling ? 4.0 : double(geometry_.kernel) * geometry_.kernel;
  return taps * double(inputs_) * double(outputs_);
}

}  // namespace pinxit
