// SPDX-License-Identifier: Apache-2.0
//
// 9×9, stride 1, as nine 3×3 kernels 3 pixels apart. With output tiles of 3×3 these offsets are whole tiles, so that
// one transform of each 5×5 input tile serves all nine: 25 · 9 products for 9 outputs instead of 729.
//
// Many outputs: per point one product of three segments (the block rows), each three neighbouring tiles long; the
// tiles' values lie one after the other, so no copy is needed. Up to four outputs would leave most lanes empty: there
// the product comes first, tiles × (nine blocks · outputs), and the nine shares are added up shifted.
#include <algorithm>

#include "engine/convolve/drivers.h"
#include "engine/convolve/winograd_points.h"

namespace pinxit::convolve {
namespace {

constexpr int side = PointsNine::outputs, size = PointsNine::size, points = size * size;

struct Layout {
  bool few;
  int64_t inputs;          ///< floats between tiles of V
  int64_t columns;         ///< of the product, padded
  int64_t v_plane, m_plane;
  int64_t v_floats() const { return points * v_plane; }
  int64_t m_floats() const { return points * m_plane; }
};

/// Planes are a little longer than their tiles: the last tile's vectors reach over its end.
Layout layout_of(const Plan& plan) {
  const Kernels& k = kernels(plan.set);
  Layout l;
  l.few = plan.algorithm == Algorithm::nine_few;
  l.inputs = l.few ? rounded_up(plan.shape.inputs, k.lanes) : plan.shape.inputs;
  l.columns = rounded_up(l.few ? 9 * plan.shape.outputs : plan.shape.outputs, k.lanes);
  l.v_plane = rounded_up((plan.block_width + 2) * l.inputs + k.lanes, 16) + 16;
  l.m_plane = (plan.block_width + (l.few ? 2 : 0)) * l.columns + 16;
  return l;
}

int64_t tiles(int64_t n) { return (n + side - 1) / side; }

/// One row of tiles of V, block_width + 2 long, from tile column x on.
void transform_row(const Task& task, int64_t tile_row, int64_t x, int64_t count, int64_t stride, int64_t plane,
                   float* v) {
  const Plan& plan = task.plan;
  int64_t rows[size], columns[size];
  for (int i = 0; i < size; ++i) {
    const size_t row = size_t(tile_row * side + i);
    rows[i] = row < plan.rows.size() && plan.rows[row] >= 0 ? plan.rows[row] * task.row_stride : -1;
  }
  for (int64_t t = 0; t < count; ++t) {
    for (int i = 0; i < size; ++i) {
      const size_t column = size_t((x + t) * side + i);
      columns[i] = column < plan.columns.size() && plan.columns[column] >= 0 ? plan.columns[column] * task.pixel_stride
                                                                             : -1;
    }
    task.kernels.input_nine(task.source, rows, columns, v + t * stride, plane);
  }
}

}  // namespace

void plan_nine(Plan& plan) {
  const int64_t across = tiles(plan.width), down = tiles(plan.height);
  const int64_t most = plan.algorithm == Algorithm::nine_few ? 36 : 60;
  const int64_t columns = (across + most - 1) / most;
  plan.block_width = (across + columns - 1) / columns;
  // Each band transforms two rows of tiles more than it has.
  const int64_t wanted = (3 * plan.threads + columns - 1) / columns;
  const int64_t bands = std::max<int64_t>((down + 23) / 24, std::min(wanted, down / 4));
  plan.block_height = (down + bands - 1) / bands;
  plan.blocks = columns * ((down + plan.block_height - 1) / plan.block_height);
}

int64_t nine_scratch_floats(const Plan& plan) {
  const Layout l = layout_of(plan);
  return l.few ? l.v_floats() + 3 * l.m_floats() + 96 : 3 * l.v_floats() + l.m_floats() + 96;
}

void run_nine_block(const Task& task, int64_t block, float* scratch) {
  const Plan& plan = task.plan;
  const Layout l = layout_of(plan);
  const int64_t across = tiles(plan.width), down = tiles(plan.height);
  const int64_t chunks = (across + plan.block_width - 1) / plan.block_width;
  const int64_t x = block % chunks * plan.block_width, y0 = block / chunks * plan.block_height;
  const int64_t count = std::min(plan.block_width, across - x), y1 = std::min(y0 + plan.block_height, down);
  Carver carver(scratch);
  float *v[3] = {}, *m[3] = {};
  for (int i = 0; i < (l.few ? 1 : 3); ++i) v[i] = carver.take(l.v_floats());
  for (int i = 0; i < (l.few ? 3 : 1); ++i) m[i] = carver.take(l.m_floats());
  const int64_t depth = (l.few ? 1 : 9) * plan.shape.inputs;

  for (int64_t row = y0; row < y1 + 2; ++row) {
    float* fresh = l.few ? v[0] : v[row % 3];
    transform_row(task, row, x, count + 2, l.inputs, l.v_plane, fresh);
    if (l.few)
      for (int64_t p = 0; p < points; ++p) {
        const float* a = fresh + p * l.v_plane;
        task.kernels.product({.a = &a, .a_stride = l.inputs, .b = task.weights + p * depth * l.columns,
                              .b_depth = depth, .c = m[row % 3] + p * l.m_plane, .c_stride = l.columns,
                              .rows = count + 2, .columns = l.columns, .segments = 1, .depth = depth});
      }
    const int64_t tile_row = row - 2;  // the output whose three rows of tiles are there now
    if (tile_row < y0) continue;
    if (!l.few)
      for (int64_t p = 0; p < points; ++p) {
        const float* a[3];
        for (int i = 0; i < 3; ++i) a[i] = v[(tile_row + i) % 3] + p * l.v_plane;
        task.kernels.product({.a = a, .a_stride = l.inputs, .b = task.weights + p * depth * l.columns,
                              .b_depth = depth, .c = m[0] + p * l.m_plane, .c_stride = l.columns, .rows = count,
                              .columns = l.columns, .segments = 3, .depth = depth / 3});
      }
    for (int64_t t = 0; t < count; ++t) {
      const int64_t y = tile_row * side, column = (x + t) * side;
      const int64_t offset = y * task.output.row_stride + column * task.output.pixel_stride;
      const Cut cut = {.rows = int(std::min<int64_t>(side, plan.height - y)),
                       .columns = int(std::min<int64_t>(side, plan.width - column))};
      const Finish finish = task.finish_at(block, offset);
      float* out = task.output.data + offset;
      if (l.few) {
        const float* rows[3];
        for (int i = 0; i < 3; ++i) rows[i] = m[(tile_row + i) % 3] + t * l.columns;
        task.kernels.few_nine(rows, l.m_plane, l.columns, finish, out, task.output.row_stride, task.output.pixel_stride,
                              cut);
      } else {
        task.kernels.output_nine(m[0] + t * l.columns, l.m_plane, finish, out, task.output.row_stride,
                                 task.output.pixel_stride, cut);
      }
    }
  }
}

}  // namespace pinxit::convolve
