// SPDX-License-Identifier: Apache-2.0
//
// Which algorithm is expected to be fastest: a model of the time one core needs, in units of one vector multiplication
// and addition. Its constants are fitted to tests/bench/convolve_bench; they decide speed alone.
#include <algorithm>

#include "engine/convolve/buffer.h"
#include "engine/convolve/convolve.h"
#include "engine/convolve/kernels.h"
#include "engine/convolve/winograd_points.h"

namespace pinxit::convolve {
namespace {

struct Size {
  double inputs, outputs;  ///< vectors
  double depth;            ///< input channels: they are not padded in the product
};

/// Weights are read from memory once; pixels are gathered, and products written and read again.
double direct_cost(const ConvolutionShape& s, const Size& size, double pixels, int threads) {
  const double products = double(s.kernel_rows) * s.kernel_columns * size.depth * size.outputs;
  return pixels * (products * 1.05 + 5 * size.inputs + 8 * size.outputs + 6) + products * 8 * threads;
}

/// Per tile: one product per point, and transforms bound by their loads and stores. Weights come from memory once for
/// every 192 tiles.
template <class Points>
double winograd_cost(const Size& size, int64_t width, int64_t height, int threads) {
  const double tiles = double((width + Points::outputs - 1) / Points::outputs) *
                       double((height + Points::outputs - 1) / Points::outputs);
  constexpr double points = Points::size * Points::size;
  const double products = points * size.depth * size.outputs;
  const double transforms = points * 12 * (size.inputs + size.outputs);
  const double weights = points * size.depth * size.outputs * 8 * std::max(tiles / 192, double(threads));
  return tiles * (products + transforms) + weights;
}

}  // namespace

Algorithm fastest_algorithm(const ConvolutionShape& shape, int64_t width, int64_t height, const Options& options) {
  if (shape.depthwise) return Algorithm::direct;
  if (shape.doubled) return Algorithm::doubling;
  if (possible(Algorithm::nine_few, shape)) return Algorithm::nine_few;
  if (possible(Algorithm::nine, shape)) return Algorithm::nine;
  if (!possible(Algorithm::winograd4, shape)) return Algorithm::direct;
  const double lanes = kernels(options.set).lanes;
  const Size size = {double(rounded_up(shape.inputs, int64_t(lanes))) / lanes,
                     double(rounded_up(shape.outputs, int64_t(lanes))) / lanes, double(shape.inputs)};
  const double direct = direct_cost(shape, size, double(width * height), options.threads);
  const double four = winograd_cost<Points4>(size, width, height, options.threads);
  const double six = winograd_cost<Points6>(size, width, height, options.threads);
  if (direct <= four && direct <= six) return Algorithm::direct;
  return six < four ? Algorithm::winograd6 : Algorithm::winograd4;
}

}  // namespace pinxit::convolve
