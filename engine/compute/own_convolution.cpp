// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/own_convolution.h"

#include <torch/types.h>

#include <numeric>

#include "engine/compute/convolutions_choice.h"

namespace pinxit {
namespace {

convolve::AxisTable without_padding(int64_t n) {
  convolve::AxisTable table(static_cast<size_t>(n));
  std::iota(table.begin(), table.end(), 0);
  return table;
}

const float* floats(const torch::Tensor& tensor) { return tensor.defined() ? tensor.data_ptr<float>() : nullptr; }

}  // namespace

OwnConvolution::OwnConvolution(ConvolutionKind kind, const AxisGeometry& geometry, const torch::Tensor& weight,
                               const torch::Tensor& bias)
    : bias_(bias) {
  const auto packed = weight.contiguous();
  const bool transposed = kind == ConvolutionKind::transposed;
  shape_.inputs = weight.size(transposed ? 0 : 1), shape_.outputs = weight.size(transposed ? 1 : 0);
  shape_.kernel_rows = int(weight.size(2)), shape_.kernel_columns = int(weight.size(3));
  shape_.stride = geometry.stride;
  shape_.doubled = kind == ConvolutionKind::upsampled;
  if (transposed) transposed_.emplace(shape_.inputs, shape_.outputs, packed.data_ptr<float>());
  else weights_.emplace(shape_, packed.data_ptr<float>());
}

std::optional<convolve::Algorithm> OwnConvolution::algorithm(Size layer) const {
  if (transposed_) return {};
  return convolve::fastest_algorithm(shape_, layer.width, layer.height, convolution_options());
}

void OwnConvolution::run(const LayerInput& in, Span rows, Span columns, Size layer, torch::Tensor& out,
                         ChannelSums* sums) const {
  auto options = convolution_options();
  options.algorithm = algorithm(layer);
  auto row_table = in.rows.empty() ? without_padding(in.values.size(0)) : in.rows;
  auto column_table = in.columns.empty() ? without_padding(in.values.size(1)) : in.columns;
  const convolve::Input input = {.data = floats(in.values), .row_stride = in.values.stride(0),
                                 .pixel_stride = in.values.stride(1), .scale = floats(in.curve.scale),
                                 .shift = floats(in.curve.shift), .relu = in.curve.relu,
                                 .residual = floats(in.residual)};
  const convolve::Output output = {.data = out.data_ptr<float>(), .row_stride = out.stride(0),
                                   .pixel_stride = out.stride(1), .bias = floats(bias_),
                                   .sum = sums ? sums->sum() : nullptr, .square = sums ? sums->square() : nullptr};
  const bool odd_row = rows.first & 1, odd_column = columns.first & 1;
  if (transposed_) {
    const auto plan = convolve::plan_transposed_tables(shape_.inputs, shape_.outputs, row_table, column_table,
                                                       columns.size(), rows.size(), odd_row, odd_column, options);
    convolve::run_transposed(plan, *transposed_, input, output, convolution_workspace(plan.workspace_floats),
                             engine_threads());
  } else {
    const auto plan = shape_.doubled
                          ? convolve::plan_doubled_tables(shape_, std::move(row_table), std::move(column_table),
                                                          columns.size(), rows.size(), odd_row, odd_column, options)
                          : convolve::plan_tables(shape_, std::move(row_table), std::move(column_table), options);
    convolve::run(plan, *weights_, input, output, convolution_workspace(plan.workspace_floats), engine_threads());
  }
  if (sums) sums->count(rows.size() * columns.size());
}

size_t OwnConvolution::weight_bytes(Size layer) const {
  const auto set = convolve::best_instruction_set();
  // The four phases of the transposed convolution hold each tap once.
  if (transposed_) return convolve::packed_bytes(convolve::Algorithm::direct, shape_, set);
  return weights_->packed_bytes(*algorithm(layer), set);
}

size_t OwnConvolution::workspace_bytes(Size layer, Size tile) const {
  auto options = convolution_options();
  options.algorithm = algorithm(layer);
  const auto table = [&](int64_t outputs, int kernel) {
    return without_padding(shape_.doubled || transposed_ ? outputs / 2 + 2 : (outputs - 1) * shape_.stride + kernel);
  };
  const auto rows = table(tile.height, shape_.kernel_rows), columns = table(tile.width, shape_.kernel_columns);
  if (transposed_)
    return sizeof(float) * convolve::plan_transposed_tables(shape_.inputs, shape_.outputs, rows, columns, tile.width,
                                                            tile.height, false, false, options).workspace_floats;
  if (shape_.doubled)
    return sizeof(float) * convolve::plan_doubled_tables(shape_, rows, columns, tile.width, tile.height, false, false,
                                                         options).workspace_floats;
  return sizeof(float) * convolve::plan_tables(shape_, rows, columns, options).workspace_floats;
}

double OwnConvolution::cost(Size layer) const {
  const double taps = transposed_ ? 9.0 / 4 : convolve::products_per_output(*algorithm(layer), shape_);
  return taps * double(shape_.inputs) * double(shape_.outputs);
}

}  // namespace pinxit
