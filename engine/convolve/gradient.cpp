// SPDX-License-Identifier: Apache-2.0
#include "engine/convolve/gradient.h"

#include <algorithm>
#include <cassert>
#include <vector>

namespace pinxit::convolve {
namespace {

/// Which padded positions end on each pixel of an axis.
std::vector<std::vector<int32_t>> sources_of(const AxisTable& table, int64_t n) {
  std::vector<std::vector<int32_t>> sources{size_t(n)};
  for (size_t i = 0; i < table.size(); ++i)
    if (table[i] >= 0) sources[size_t(table[i])].push_back(int32_t(i));
  return sources;
}

void fold_row(const GradientPlan& plan, const float* padded, const std::vector<int32_t>& rows,
              const std::vector<std::vector<int32_t>>& columns, const Output& out, int64_t y) {
  const int64_t channels = plan.convolution.shape.outputs, padded_width = int64_t(plan.columns.size());
  const int64_t pixel_stride = out.pixel_stride ? out.pixel_stride : channels;
  const int64_t row_stride = out.row_stride ? out.row_stride : plan.width * pixel_stride;
  std::vector<float> sum(static_cast<size_t>(channels));
  for (int64_t x = 0; x < plan.width; ++x) {
    std::fill(sum.begin(), sum.end(), 0.f);
    for (const int32_t row : rows)
      for (const int32_t column : columns[size_t(x)]) {
        const float* from = padded + (row * padded_width + column) * channels;
        for (int64_t c = 0; c < channels; ++c) sum[size_t(c)] += from[c];
      }
    const int64_t offset = y * row_stride + x * pixel_stride;
    for (int64_t c = 0; c < channels; ++c) {
      float value = sum[size_t(c)];
      if (out.add) value += out.add[offset + c];
      if (out.gate && !(out.gate[offset + c] > 0)) value = 0;
      out.data[offset + c] = value;
    }
  }
}

}  // namespace

GradientPlan plan_gradient(const ConvolutionShape& shape, int64_t width, int64_t height, const Options& options) {
  assert(shape.stride == 1);
  ConvolutionShape turned = shape;
  std::swap(turned.inputs, turned.outputs);
  turned.border = Border::zero;
  const Plan forward = plan_picture(shape, width, height, {.algorithm = Algorithm::direct});
  GradientPlan plan;
  plan.width = width, plan.height = height;
  plan.rows = forward.rows, plan.columns = forward.columns;
  plan.fold = shape.border != Border::zero;
  // Input position i is read by the outputs i + k/2 - (k-1) … i + k/2; padded position i by i - (k-1) … i.
  const auto table = [&](int64_t outputs, int kernel, int64_t inputs) {
    const int64_t before = plan.fold ? kernel - 1 : kernel - 1 - kernel / 2;
    return border_table(Border::zero, outputs, before, (plan.fold ? inputs + 2 * (kernel / 2) : inputs) + kernel - 1);
  };
  plan.convolution = plan_tables(turned, table(forward.height, shape.kernel_rows, height),
                                 table(forward.width, shape.kernel_columns, width), options);
  plan.convolution.input_width = forward.width;
  plan.workspace_floats = plan.convolution.workspace_floats;
  if (plan.fold) plan.workspace_floats += plan.rows.size() * plan.columns.size() * size_t(shape.inputs);
  return plan;
}

void run_gradient(const GradientPlan& plan, const Weights& turned, const Input& output_gradient,
                  const Output& input_gradient, float* workspace, const ParallelFor& parallel) {
  if (!plan.fold) return run(plan.convolution, turned, output_gradient, input_gradient, workspace, parallel);
  assert(!input_gradient.sum && !input_gradient.bias && !input_gradient.relu);
  float* padded = workspace + plan.convolution.workspace_floats;
  run(plan.convolution, turned, output_gradient, {.data = padded}, workspace, parallel);
  const auto rows = sources_of(plan.rows, plan.height), columns = sources_of(plan.columns, plan.width);
  const int64_t bands = std::min<int64_t>(plan.convolution.threads, plan.height);
  const auto fold = [&](int64_t band) {
    for (int64_t y = plan.height * band / bands; y < plan.height * (band + 1) / bands; ++y)
      fold_row(plan, padded, rows[size_t(y)], columns, input_gradient, y);
  };
  if (parallel && bands > 1) parallel(bands, fold);
  else for (int64_t band = 0; band < bands; ++band) fold(band);
}

}  // namespace pinxit::convolve
