// SPDX-License-Identifier: Apache-2.0
//
// Every kernel × border × odd size × channel count × instruction set, by every algorithm that can do it, forward
// and where there is one the gradient, against the definition in double: within the limits that docs/convolution.md
// promises, with the same bits each time, and within the limits on several threads.
#include <gtest/gtest.h>

#include <cstring>

#include "engine/convolve/gradient.h"
#include "engine/convolve/transposed.h"
#include "tests/unit/convolve_reference.h"

namespace pinxit::convolve {
namespace {

constexpr int64_t channel_counts[] = {1, 3, 4, 8, 16, 27, 32, 48, 64, 100, 128, 512};
constexpr int64_t sizes[][2] = {{1, 1}, {1, 7}, {5, 3}, {13, 9}, {25, 7}};
constexpr Border borders[] = {Border::zero, Border::reflect, Border::replicate};
constexpr Algorithm algorithms[] = {Algorithm::direct,   Algorithm::winograd4, Algorithm::winograd6,
                                    Algorithm::doubling, Algorithm::nine,      Algorithm::nine_few};

/// Calls body(inputs, outputs) so that every count stands on either side, beside few and changing ones.
template <class Body>
void every_channel_count(Body body) {
  constexpr int64_t few[] = {3, 16, 5, 27, 4};
  size_t turn = 0;
  for (const int64_t channels : channel_counts) {
    body(channels, few[turn++ % std::size(few)]);
    body(few[turn++ % std::size(few)], channels);
  }
}

/// Largest error relative to the output's deviation, for sums over so many input channels and taps.
double limit(Algorithm algorithm, int64_t channels, double taps) {
  const auto of = [&](double to_64, double to_128, double to_512) {
    return channels <= 64 ? to_64 : channels <= 128 ? to_128 : to_512;
  };
  switch (algorithm) {
    case Algorithm::winograd4: return of(6.1e-6, 1.2e-5, 1.7e-5);
    case Algorithm::winograd6: return of(3.1e-5, 5.8e-5, 1.2e-4);
    case Algorithm::nine:
    case Algorithm::nine_few: return of(1e-5, 1e-5, 1.7e-5);
    case Algorithm::direct: return taps <= 9 ? 3e-6 : of(4e-6, 4e-6, 6e-6);
    default: return 4e-6;
  }
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// `run(threads)` gives a result: twice on one thread, once on three.
template <class Run>
void check(const std::vector<double>& expected, double deviation, double most, Run run) {
  const std::vector<float> first = run(1);
  EXPECT_LE(error_of(first, expected, deviation).max, most);
  EXPECT_TRUE(same_bits(run(1), first)) << "from run to run";
  EXPECT_LE(error_of(run(3), expected, deviation).max, most) << "on three threads";
}

void check_forward(const ConvolutionShape& shape, const Plan& any, const std::vector<double>& expected,
                   const Weights& weights, const std::vector<float>& picture, int64_t width, int64_t height,
                   const Options& options) {
  const double taps = double(shape.kernel_rows) * shape.kernel_columns;
  const double deviation = std::sqrt(0.5 * taps * double(shape.depthwise ? 1 : shape.inputs));
  check(expected, deviation, limit(*options.algorithm, shape.inputs, taps), [&](int threads) {
    const Plan plan = plan_picture(shape, width, height,
                                   {.threads = threads, .algorithm = options.algorithm, .set = options.set});
    std::vector<float> got(size_t(any.width * any.height * shape.outputs), std::nanf(""));
    run_fresh(plan, weights, {.data = picture.data()}, {.data = got.data()}, on_threads);
    return got;
  });
}

/// How many padded positions end on one pixel at most: their errors come together there.
int64_t folded(const AxisTable& table) {
  int64_t most = 1;
  for (const int32_t pixel : table)
    if (pixel >= 0) most = std::max<int64_t>(most, std::count(table.begin(), table.end(), pixel));
  return most;
}

void check_gradient(const ConvolutionShape& shape, const Plan& any, const std::vector<double>& expected,
                    const Weights& turned, const std::vector<float>& gradient, int64_t width, int64_t height,
                    const Options& options) {
  const double taps = double(shape.kernel_rows) * shape.kernel_columns;
  const double deviation = std::sqrt(0.5 * taps * double(shape.depthwise ? 1 : shape.outputs) *
                                     double(folded(any.rows) * folded(any.columns)));
  check(expected, deviation, limit(*options.algorithm, shape.outputs, taps), [&](int threads) {
    const GradientPlan plan = plan_gradient(shape, width, height,
                                            {.threads = threads, .algorithm = options.algorithm, .set = options.set});
    std::vector<float> workspace(plan.workspace_floats, std::nanf("")), got(expected.size(), std::nanf(""));
    run_gradient(plan, turned, {.data = gradient.data()}, {.data = got.data()}, workspace.data(), on_threads);
    return got;
  });
}

/// The picture enlarged by repeating pixels, where the shape asks for it.
std::vector<float> as_seen(const ConvolutionShape& shape, const std::vector<float>& picture, int64_t width,
                           int64_t height) {
  if (!shape.doubled) return picture;
  std::vector<float> large;
  for (int64_t y = 0; y < 2 * height; ++y)
    for (int64_t x = 0; x < 2 * width; ++x) {
      const auto pixel = picture.begin() + (y / 2 * width + x / 2) * shape.inputs;
      large.insert(large.end(), pixel, pixel + shape.inputs);
    }
  return large;
}

/// The weights of a full convolution that does the same.
std::vector<float> as_full(const ConvolutionShape& shape, const std::vector<float>& weights) {
  if (!shape.depthwise) return weights;
  const size_t channels = size_t(shape.inputs), taps = weights.size() / channels;
  std::vector<float> full(channels * channels * taps);
  for (size_t c = 0; c < channels; ++c)
    std::copy_n(weights.begin() + ptrdiff_t(c * taps), taps, full.begin() + ptrdiff_t((c * channels + c) * taps));
  return full;
}

void check_shape(const ConvolutionShape& shape) {
  const size_t taps = size_t(shape.kernel_rows * shape.kernel_columns);
  const auto values = normal_values(size_t(shape.outputs * (shape.depthwise ? 1 : shape.inputs)) * taps, 1);
  const auto full = as_full(shape, values);
  const Weights weights(shape, values.data());
  const bool way_back = shape.stride == 1 && !shape.doubled;
  const std::vector<Weights> turned(way_back ? 1 : 0, way_back ? weights.for_gradient() : weights);
  for (const auto& [width, height] : sizes) {
    const auto picture = normal_values(size_t(width * height * shape.inputs), 2, true);
    ConvolutionShape plain = shape;
    plain.doubled = false;
    const int64_t factor = shape.doubled ? 2 : 1;
    const Plan any = plan_picture(plain, factor * width, factor * height, {.algorithm = Algorithm::direct});
    const auto expected = reference(any, full, as_seen(shape, picture, width, height));
    const auto gradient = normal_values(expected.size(), 3, true);
    std::vector<double> expected_gradient;
    if (way_back) expected_gradient = reference_gradient(any, width, height, full, gradient);
    for (const InstructionSet set : instruction_sets())
      for (const Algorithm algorithm : algorithms) {
        if (!possible(algorithm, shape)) continue;
        SCOPED_TRACE(std::string(algorithm_name(algorithm)) + " " + std::string(instruction_set_name(set)) + " " +
                     std::to_string(shape.inputs) + "->" + std::to_string(shape.outputs) + " " +
                     std::to_string(shape.kernel_rows) + "x" + std::to_string(shape.kernel_columns) + " border " +
                     std::to_string(int(shape.border)) + " " + std::to_string(width) + "x" + std::to_string(height));
        const Options options{.algorithm = algorithm, .set = set};
        check_forward(shape, any, expected, weights, picture, width, height, options);
        if (!way_back || !possible(algorithm, turned[0].shape())) continue;
        SCOPED_TRACE("gradient");
        check_gradient(shape, any, expected_gradient, turned[0], gradient, width, height, options);
      }
  }
}

/// `shape` with every channel count and border.
void check_kernel(ConvolutionShape shape) {
  for (const Border border : borders) {
    shape.border = border;
    if (shape.depthwise) {
      for (const int64_t channels : channel_counts) {
        if (channels > 128) continue;  // the reference is a full convolution
        shape.inputs = shape.outputs = channels;
        check_shape(shape);
      }
      continue;
    }
    every_channel_count([&](int64_t inputs, int64_t outputs) {
      shape.inputs = inputs, shape.outputs = outputs;
      check_shape(shape);
    });
  }
}

TEST(ConvolveLayers, ThreeByThree) { check_kernel({}); }
TEST(ConvolveLayers, ThreeByThreeStrideTwo) { check_kernel({.stride = 2}); }
TEST(ConvolveLayers, OneByOne) { check_kernel({.kernel_rows = 1, .kernel_columns = 1}); }
TEST(ConvolveLayers, FiveByFive) { check_kernel({.kernel_rows = 5, .kernel_columns = 5}); }
TEST(ConvolveLayers, NineByNine) { check_kernel({.kernel_rows = 9, .kernel_columns = 9}); }
TEST(ConvolveLayers, Doubled) { check_kernel({.doubled = true}); }
TEST(ConvolveLayers, Depthwise) { check_kernel({.depthwise = true}); }

/// Output (2i + y, 2j + x) gets input (i, j) times weight (y, x); what falls behind the end is dropped.
TEST(ConvolveLayers, Transposed) {
  every_channel_count([](int64_t inputs, int64_t outputs) {
    const auto iohw = normal_values(size_t(inputs * outputs * 9), 1);
    const TransposedWeights weights(inputs, outputs, iohw.data());
    for (const auto& [width, height] : sizes) {
      const auto picture = normal_values(size_t(width * height * inputs), 2, true);
      std::vector<double> expected(size_t(4 * width * height * outputs));
      for (int64_t pixel = 0; pixel < width * height; ++pixel)
        for (int64_t tap = 0; tap < 9; ++tap) {
          const int64_t row = 2 * (pixel / width) + tap / 3, column = 2 * (pixel % width) + tap % 3;
          if (row >= 2 * height || column >= 2 * width) continue;
          for (int64_t i = 0; i < inputs; ++i)
            for (int64_t o = 0; o < outputs; ++o)
              expected[size_t((row * 2 * width + column) * outputs + o)] +=
                  double(picture[size_t(pixel * inputs + i)]) * iohw[size_t((i * outputs + o) * 9 + tap)];
        }
      for (const InstructionSet set : instruction_sets()) {
        SCOPED_TRACE(std::string(instruction_set_name(set)) + " " + std::to_string(inputs) + "->" +
                     std::to_string(outputs) + " " + std::to_string(width) + "x" + std::to_string(height));
        check(expected, std::sqrt(2.0 * double(inputs)), limit(Algorithm::direct, inputs, 4), [&](int threads) {
          const auto plan = plan_transposed(inputs, outputs, width, height, {.threads = threads, .set = set});
          std::vector<float> workspace(plan.workspace_floats, std::nanf("")), got(expected.size(), std::nanf(""));
          run_transposed(plan, weights, {.data = picture.data()}, {.data = got.data()}, workspace.data(), on_threads);
          return got;
        });
      }
    }
  });
}

}  // namespace
}  // namespace pinxit::convolve
