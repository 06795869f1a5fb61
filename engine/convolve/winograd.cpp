// SPDX-License-Identifier: Apache-2.0
//
// 3×3, stride 1, by Winograd: a block of T tiles is transformed into V[points][T][inputs], one matrix product per point
// makes M[points][T][outputs], and M is transformed back. T is chosen so that V and M stay in the second-level cache
// (measured: 24 tiles at 64 channels, 144 at 512).
#include <unistd.h>

#include <algorithm>

#include "engine/convolve/drivers.h"
#include "engine/convolve/winograd_points.h"

namespace pinxit::convolve {
namespace {

struct Form {
  int outputs;            ///< output pixels of a tile along an axis
  int step, size;         ///< input pixels between tiles, and in one
  int products;           ///< along an axis: at least one per point
  const int* point_of;    ///< the point of each, null: one each
  InputTile input;
  OutputTile output;
  int64_t v_planes() const { return int64_t(size) * size; }
  int64_t m_planes() const { return int64_t(products) * products; }
  int64_t point(int64_t product) const {
    return point_of ? point_of[product / products] * size + point_of[product % products] : product;
  }
};

Form form_of(Algorithm algorithm, const Kernels& k) {
  switch (algorithm) {
    case Algorithm::doubling:
      return {PointsDoubled::outputs, PointsDoubled::step, PointsDoubled::size, PointsDoubled::products,
              PointsDoubled::point_of, k.input_doubled, k.output_doubled};
    case Algorithm::winograd4:
      return {Points4::outputs, Points4::outputs, Points4::size, Points4::products, nullptr, k.input4, k.output4};
    default:
      return {Points6::outputs, Points6::outputs, Points6::size, Points6::products, nullptr, k.input6, k.output6};
  }
}

/// Planes of a multiple of 4096 bytes would all fall into the same cache sets.
int64_t plane_floats(int64_t tiles, int64_t channels) { return tiles * channels + 16; }

/// Bytes, of one core.
int64_t second_level_cache() {
  static const int64_t bytes = [] {
#ifdef _SC_LEVEL2_CACHE_SIZE
    const int64_t known = sysconf(_SC_LEVEL2_CACHE_SIZE);
#else
    const int64_t known = 0;
#endif
    return std::clamp<int64_t>(known > 0 ? known : 1 << 20, 256 << 10, 4 << 20);
  }();
  return bytes;
}

struct Tiles {
  int64_t across, down;
};
Tiles tiles_of(const Plan& plan, int side) {
  return {(plan.lead_column + plan.width + side - 1) / side, (plan.lead_row + plan.height + side - 1) / side};
}

/// Which of a tile's output rows are wanted, and where the first of them goes; the first tile begins `lead` rows early.
struct Wanted {
  int first, count;
  int64_t to;
};
Wanted wanted(int64_t tile, int side, int64_t lead, int64_t n) {
  const int64_t start = tile * side - lead, from = std::max<int64_t>(start, 0);
  return {int(from - start), int(std::min(start + side, n) - from), from};
}

}  // namespace

void plan_winograd(Plan& plan) {
  const Kernels& k = kernels(plan.set);
  const Form form = form_of(plan.algorithm, k);
  const auto [across, down] = tiles_of(plan, form.outputs);
  const int64_t inputs = rounded_up(plan.shape.inputs, k.lanes), outputs = rounded_up(plan.shape.outputs, k.lanes);
  const int64_t tile_bytes = (form.v_planes() * inputs + form.m_planes() * outputs) * int64_t(sizeof(float));
  const int64_t cached = second_level_cache() * 4 / 10 / tile_bytes;
  // Fewer tiles would read the weights too often: the wider the layer, the more of them there are.
  const int64_t most = std::min<int64_t>(std::max(cached, (inputs + outputs) / 7), 192);
  // The same number of blocks for every thread, all of nearly the same size.
  const int64_t tiles = across * down;
  plan.blocks = rounded_up(std::max<int64_t>((tiles + most - 1) / most, 1), plan.threads);
  plan.blocks = std::min(plan.blocks, tiles);
  plan.block_tiles = (tiles + plan.blocks - 1) / plan.blocks;
  plan.blocks = (tiles + plan.block_tiles - 1) / plan.block_tiles;
}

int64_t winograd_scratch_floats(const Plan& plan) {
  const Kernels& k = kernels(plan.set);
  const Form form = form_of(plan.algorithm, k);
  return form.v_planes() * plane_floats(plan.block_tiles, rounded_up(plan.shape.inputs, k.lanes)) +
         form.m_planes() * plane_floats(plan.block_tiles, rounded_up(plan.shape.outputs, k.lanes)) + 32;
}

void run_winograd_block(const Task& task, int64_t block, float* scratch) {
  const Plan& plan = task.plan;
  const Form form = form_of(plan.algorithm, task.kernels);
  const auto [across, down] = tiles_of(plan, form.outputs);
  const int64_t first = block * plan.block_tiles, count = std::min(plan.block_tiles, across * down - first);
  const int64_t inputs = task.padded_inputs, outputs = task.padded_outputs;
  const int64_t v_plane = plane_floats(plan.block_tiles, inputs), m_plane = plane_floats(plan.block_tiles, outputs);
  Carver carver(scratch);
  float* v = carver.take(form.v_planes() * v_plane);
  float* m = carver.take(form.m_planes() * m_plane);

  int64_t rows[8], columns[8];
  for (int64_t t = 0; t < count; ++t) {
    const int64_t y = (first + t) / across * form.step, x = (first + t) % across * form.step;
    for (int i = 0; i < form.size; ++i) {
      const size_t row = size_t(y + i), column = size_t(x + i);
      rows[i] = row < plan.rows.size() && plan.rows[row] >= 0 ? plan.rows[row] * task.row_stride : -1;
      columns[i] = column < plan.columns.size() && plan.columns[column] >= 0 ? plan.columns[column] * task.pixel_stride
                                                                             : -1;
    }
    form.input(task.source, rows, columns, v + t * inputs, v_plane);
  }

  const int64_t depth = plan.shape.inputs, weights_plane = depth * outputs;
  const int64_t parts = (depth + 191) / 192;
  for (int64_t p = 0; p < form.m_planes(); ++p)
    for (int64_t part = 0; part < parts; ++part) {
      const int64_t from = depth * part / parts, to = depth * (part + 1) / parts;
      const float* a = v + form.point(p) * v_plane + from;
      task.kernels.product({.a = &a, .a_stride = inputs, .b = task.weights + p * weights_plane, .b_depth = depth,
                            .b_first = from, .c = m + p * m_plane, .c_stride = outputs, .rows = count,
                            .columns = outputs, .segments = 1, .depth = to - from, .accumulate = part > 0});
    }

  for (int64_t t = 0; t < count; ++t) {
    const auto [row, rows, y] = wanted((first + t) / across, form.outputs, plan.lead_row, plan.height);
    const auto [column, columns, x] = wanted((first + t) % across, form.outputs, plan.lead_column, plan.width);
    const int64_t offset = y * task.output.row_stride + x * task.output.pixel_stride;
    form.output(m + t * outputs, m_plane, task.finish_at(block, offset), task.output.data + offset,
                task.output.row_stride, task.output.pixel_stride,
                {.row = row, .column = column, .rows = rows, .columns = columns});
  }
}

}  // namespace pinxit::convolve
