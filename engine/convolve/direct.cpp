// SPDX-License-Identifier: Apache-2.0
//
// The plain convolution as a matrix product without an im2col: the padded rows that an output row needs lie one pixel
// after the other, so the kernel's row over neighbouring pixels is one stretch of memory, and the next output pixel's
// begins stride · channels floats later. One segment of the product per kernel row.
#include <algorithm>
#include <cassert>

#include "engine/convolve/drivers.h"

namespace pinxit::convolve {
namespace {

constexpr int most_rows = 32;

/// Of one row; a vector may be read beyond the last pixel.
int64_t gathered_floats(const Plan& plan) {
  const int64_t width = (plan.block_width - 1) * plan.shape.stride + plan.shape.kernel_columns;
  return width * plan.shape.inputs + (plan.shape.depthwise ? kernels(plan.set).lanes : 0);
}

/// m[width][outputs] from the gathered rows of an output row.
void multiply(const Task& task, const float* const* segment, int64_t width, float* m) {
  const ConvolutionShape& s = task.plan.shape;
  if (s.depthwise)
    return task.kernels.depthwise_row(segment, s.kernel_rows, s.kernel_columns, s.stride, s.inputs, task.weights, width,
                                      m, task.padded_outputs);
  // Short kernel rows go together into one product, long ones are cut.
  const int64_t length = s.kernel_columns * s.inputs;
  const int64_t together = std::clamp<int64_t>(384 / length, 1, s.kernel_rows), parts = (length + 383) / 384;
  for (int64_t first = 0; first < s.kernel_rows; first += together)
    for (int64_t part = 0; part < parts; ++part) {
      const int64_t from = length * part / parts, to = length * (part + 1) / parts;
      const float* a[most_rows];
      const int64_t segments = std::min<int64_t>(together, s.kernel_rows - first);
      for (int64_t i = 0; i < segments; ++i) a[i] = segment[first + i] + from;
      task.kernels.product({.a = a, .a_stride = s.stride * s.inputs, .b = task.weights,
                            .b_depth = s.kernel_rows * length, .b_first = first * length + from, .c = m,
                            .c_stride = task.padded_outputs, .rows = width, .columns = task.padded_outputs,
                            .segments = segments, .depth = to - from, .accumulate = first > 0 || part > 0,
                            .partial = 64});
    }
}

}  // namespace

void plan_direct(Plan& plan) {
  assert(plan.shape.kernel_rows <= most_rows);
  const ConvolutionShape& s = plan.shape;
  const int64_t outputs = rounded_up(s.outputs, kernels(plan.set).lanes);
  // About 256 kB of gathered rows and 128 kB of products.
  const int64_t most = std::clamp<int64_t>(std::min(65536 / (s.kernel_rows * s.stride * s.inputs), 32768 / outputs), 24,
                                           768);
  const int64_t across = (plan.width + most - 1) / most;
  plan.block_width = rounded_up((plan.width + across - 1) / across, std::min<int64_t>(12, plan.width));
  const int64_t columns = (plan.width + plan.block_width - 1) / plan.block_width;
  const int64_t bands = std::max<int64_t>((4 * plan.threads + columns - 1) / columns, (plan.height + 15) / 16);
  plan.block_height = std::max<int64_t>((plan.height + bands - 1) / bands, 1);
  plan.blocks = columns * ((plan.height + plan.block_height - 1) / plan.block_height);
}

int64_t direct_scratch_floats(const Plan& plan) {
  const int64_t outputs = rounded_up(plan.shape.outputs, kernels(plan.set).lanes);
  return plan.shape.kernel_rows * rounded_up(gathered_floats(plan), 16) +
         rounded_up(plan.block_width * outputs, 16) + 32;
}

void run_direct_block(const Task& task, int64_t block, float* scratch) {
  const Plan& plan = task.plan;
  const ConvolutionShape& s = plan.shape;
  const int64_t across = (plan.width + plan.block_width - 1) / plan.block_width;
  const int64_t x = block % across * plan.block_width, y0 = block / across * plan.block_height;
  const int64_t width = std::min(plan.block_width, plan.width - x), y1 = std::min(y0 + plan.block_height, plan.height);
  const int64_t gathered = (width - 1) * s.stride + s.kernel_columns;

  Carver carver(scratch);
  float* row[most_rows];
  int64_t held[most_rows];  // which padded row lies there
  for (int i = 0; i < s.kernel_rows; ++i) row[i] = carver.take(gathered_floats(plan)), held[i] = -1;
  float* m = carver.take(plan.block_width * task.padded_outputs);

  for (int64_t y = y0; y < y1; ++y) {
    const float* segment[most_rows];
    for (int i = 0; i < s.kernel_rows; ++i) {
      const int64_t padded = y * s.stride + i, slot = padded % s.kernel_rows;
      if (held[slot] != padded) {
        const int32_t source = plan.rows[size_t(padded)];
        task.kernels.gather_row(task.source, source < 0 ? -1 : source * task.row_stride,
                                plan.columns.data() + x * s.stride, task.pixel_stride, gathered, row[slot]);
        held[slot] = padded;
      }
      segment[i] = row[slot];
    }
    multiply(task, segment, width, m);
    const int64_t offset = y * task.output.row_stride + x * task.output.pixel_stride;
    task.kernels.finish_row(m, task.padded_outputs, task.finish_at(block, offset), task.output.data + offset,
                            task.output.pixel_stride, width);
  }
}

}  // namespace pinxit::convolve
