// SPDX-License-Identifier: Apache-2.0
#include "engine/convolve/convolve.h"

#include <algorithm>
#include <atomic>
#include <cassert>

#include "engine/convolve/drivers.h"

namespace pinxit::convolve {
namespace {

int64_t padded_outputs(const Plan& plan) { return rounded_up(plan.shape.outputs, kernels(plan.set).lanes); }
int64_t padded_inputs(const Plan& plan) { return rounded_up(plan.shape.inputs, kernels(plan.set).lanes); }

int64_t scratch_floats(const Plan& plan) {
  return rounded_up(driver_of(plan.algorithm).scratch_floats(plan), 16);
}

/// A copy with zeros behind it; `otherwise` where there is nothing to copy.
const float* padded_copy(const float* from, int64_t n, int64_t padded, float* to) {
  for (int64_t i = 0; i < padded; ++i) to[i] = from && i < n ? from[i] : 0;
  return to;
}

}  // namespace

namespace {

/// Blocks and workspace, once shape, size and tables are known.
Plan finished(Plan plan, const Options& options) {
  plan.set = options.set;
  plan.threads = std::max(options.threads, 1);
  assert(plan.width > 0 && plan.height > 0);
  plan.algorithm = options.algorithm.value_or(fastest_algorithm(plan.shape, plan.width, plan.height, options));
  assert(possible(plan.algorithm, plan.shape));
  driver_of(plan.algorithm).plan(plan);
  plan.threads = int(std::min<int64_t>(plan.threads, plan.blocks));
  plan.workspace_floats = size_t(plan.threads * scratch_floats(plan) + 2 * padded_inputs(plan) + padded_outputs(plan) +
                                 2 * plan.blocks * 2 * padded_outputs(plan) + 4 * 16);
  return plan;
}

int64_t widest(const AxisTable& columns) {
  return std::max<int64_t>(*std::max_element(columns.begin(), columns.end()), 0) + 1;
}

}  // namespace

Plan plan_picture(const ConvolutionShape& shape, int64_t width, int64_t height, const Options& options) {
  if (shape.doubled) {
    // The doubled picture's reflected or repeated border is the small one's border repeated.
    const Border border = shape.border == Border::zero ? Border::zero : Border::replicate;
    Plan plan = plan_doubled_tables(shape, border_table(border, height, 1, height + 2),
                                    border_table(border, width, 1, width + 2), 2 * width, 2 * height, false, false,
                                    options);
    plan.input_width = width;
    return plan;
  }
  const auto table = [&](int64_t n, int kernel) {
    const int64_t outputs = (n + 2 * (kernel / 2) - kernel) / shape.stride + 1;
    return border_table(shape.border, n, kernel / 2, (outputs - 1) * shape.stride + kernel);
  };
  Plan plan = plan_tables(shape, table(height, shape.kernel_rows), table(width, shape.kernel_columns), options);
  plan.input_width = width;
  return plan;
}

Plan plan_tables(const ConvolutionShape& shape, AxisTable rows, AxisTable columns, const Options& options) {
  Plan plan;
  plan.shape = shape;
  plan.width = (int64_t(columns.size()) - shape.kernel_columns) / shape.stride + 1;
  plan.height = (int64_t(rows.size()) - shape.kernel_rows) / shape.stride + 1;
  plan.input_width = widest(columns);
  plan.rows = std::move(rows), plan.columns = std::move(columns);
  return finished(std::move(plan), options);
}

Plan plan_doubled_tables(const ConvolutionShape& shape, AxisTable rows, AxisTable columns, int64_t width,
                         int64_t height, bool odd_row, bool odd_column, const Options& options) {
  assert(shape.doubled);
  Plan plan;
  plan.shape = shape;
  plan.width = width, plan.height = height;
  plan.lead_row = odd_row ? 2 : 1, plan.lead_column = odd_column ? 2 : 1;
  plan.input_width = widest(columns);
  plan.rows = std::move(rows), plan.columns = std::move(columns);
  return finished(std::move(plan), options);
}

void run(const Plan& plan, const Weights& weights, const Input& input, const Output& output, float* workspace,
         const ParallelFor& parallel) {
  assert(weights.shape().inputs == plan.shape.inputs && weights.shape().outputs == plan.shape.outputs);
  Carver carver(workspace);
  Task task{.plan = plan, .kernels = kernels(plan.set), .weights = weights.packed(plan.algorithm, plan.set)};
  task.padded_inputs = padded_inputs(plan), task.padded_outputs = padded_outputs(plan);

  task.pixel_stride = input.pixel_stride ? input.pixel_stride : plan.shape.inputs;
  task.row_stride = input.row_stride ? input.row_stride : plan.input_width * task.pixel_stride;
  task.source = {.data = input.data, .residual = input.residual, .relu = input.relu, .channels = plan.shape.inputs};
  if (input.scale) {
    task.source.scale = padded_copy(input.scale, plan.shape.inputs, task.padded_inputs,
                                    carver.take(task.padded_inputs));
    task.source.shift = padded_copy(input.shift, plan.shape.inputs, task.padded_inputs,
                                    carver.take(task.padded_inputs));
  }

  task.output = output;
  if (!output.pixel_stride) task.output.pixel_stride = plan.shape.outputs;
  if (!output.row_stride) task.output.row_stride = plan.width * task.output.pixel_stride;
  task.finish = {.bias = padded_copy(output.bias, plan.shape.outputs, task.padded_outputs,
                                     carver.take(task.padded_outputs)),
                 .add = output.add, .gate = output.gate, .relu = output.relu, .channels = plan.shape.outputs};
  const int64_t sums = plan.blocks * 2 * task.padded_outputs;
  if (output.sum) {
    task.block_sums = reinterpret_cast<double*>(carver.take(2 * sums));  // cache lines suit a double as well
    std::fill_n(task.block_sums, sums, 0.0);
  }
  task.scratch = carver.take(plan.threads * scratch_floats(plan));

  // Threads take the next block when they are done with one: other programs may hold one of them up.
  const Driver driver = driver_of(plan.algorithm);
  std::atomic<int64_t> next = 0;
  const auto work = [&](int64_t thread) {
    float* scratch = task.scratch + thread * scratch_floats(plan);
    for (int64_t block; (block = next.fetch_add(1)) < plan.blocks;) driver.run_block(task, block, scratch);
  };
  if (parallel && plan.threads > 1) parallel(plan.threads, work);
  else work(0);

  if (output.sum)
    for (int64_t block = 0; block < plan.blocks; ++block)
      for (int64_t c = 0; c < plan.shape.outputs; ++c) {
        output.sum[c] += task.block_sums[block * 2 * task.padded_outputs + c];
        output.square[c] += task.block_sums[(block * 2 + 1) * task.padded_outputs + c];
      }
}

}  // namespace pinxit::convolve
