// SPDX-License-Identifier: Apache-2.0
#include "engine/convolve/transposed.h"

#include <algorithm>

namespace pinxit::convolve {
namespace {

/// Even outputs look at the small pixel before and their own, odd ones at their own alone.
constexpr int kernel_of(int parity) { return parity ? 1 : 2; }
constexpr int tap_of(int parity, int position) { return parity ? 1 : position ? 0 : 2; }

ConvolutionShape phase_shape(int64_t inputs, int64_t outputs, int row, int column) {
  return {.inputs = inputs, .outputs = outputs, .kernel_rows = kernel_of(row), .kernel_columns = kernel_of(column)};
}

/// One axis of one phase: how many outputs, where the first one goes, and which small pixels they look at.
struct Axis {
  int64_t count = 0, first = 0;
  AxisTable table;
};
Axis phase_axis(const AxisTable& table, int64_t n, bool odd, int parity) {
  Axis axis;
  axis.first = odd == bool(parity) ? 0 : 1;
  axis.count = (n - axis.first + 1) / 2;
  if (axis.count <= 0) return axis;
  // table[0] is the small pixel before that of output 0; the first even output after an odd one belongs to the next.
  const int64_t own = 1 + (odd && !parity ? 1 : 0), from = own - (parity ? 0 : 1);
  axis.table.assign(table.begin() + from, table.begin() + from + axis.count + kernel_of(parity) - 1);
  return axis;
}

}  // namespace

TransposedWeights::TransposedWeights(int64_t inputs, int64_t outputs, const float* iohw) {
  for (const int row : {0, 1})
    for (const int column : {0, 1}) {
      const ConvolutionShape shape = phase_shape(inputs, outputs, row, column);
      std::vector<float> oihw;
      for (int64_t o = 0; o < outputs; ++o)
        for (int64_t i = 0; i < inputs; ++i)
          for (int y = 0; y < shape.kernel_rows; ++y)
            for (int x = 0; x < shape.kernel_columns; ++x)
              oihw.push_back(iohw[(i * outputs + o) * 9 + tap_of(row, y) * 3 + tap_of(column, x)]);
      phases_.emplace_back(shape, oihw.data());
    }
}

TransposedPlan plan_transposed_tables(int64_t inputs, int64_t outputs, const AxisTable& rows, const AxisTable& columns,
                                      int64_t width, int64_t height, bool odd_row, bool odd_column,
                                      const Options& options) {
  TransposedPlan plan{.width = width, .height = height, .phases = {}};
  for (const int row : {0, 1})
    for (const int column : {0, 1}) {
      const Axis down = phase_axis(rows, height, odd_row, row), across = phase_axis(columns, width, odd_column, column);
      if (down.count <= 0 || across.count <= 0) continue;
      plan.phases.push_back({.plan = plan_tables(phase_shape(inputs, outputs, row, column), down.table, across.table,
                                                 options),
                             .row = row, .column = column, .top = down.first, .left = across.first});
      plan.workspace_floats = std::max(plan.workspace_floats, plan.phases.back().plan.workspace_floats);
    }
  return plan;
}

void run_transposed(const TransposedPlan& plan, const TransposedWeights& weights, const Input& input,
                    const Output& output, float* workspace, const ParallelFor& parallel) {
  for (const auto& phase : plan.phases) {
    const int64_t pixel = output.pixel_stride ? output.pixel_stride : phase.plan.shape.outputs;
    const int64_t row = output.row_stride ? output.row_stride : plan.width * pixel;
    const int64_t offset = phase.top * row + phase.left * pixel;
    Output part = output;
    part.data += offset;
    if (part.add) part.add += offset;
    if (part.gate) part.gate += offset;
    part.row_stride = 2 * row, part.pixel_stride = 2 * pixel;
    run(phase.plan, weights.phase(phase.row, phase.column), input, part, workspace, parallel);
  }
}

}  // namespace pinxit::convolve
