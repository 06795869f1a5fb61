// SPDX-License-Identifier: Apache-2.0
//
// 3×3 convolutions, forward and gradient, against the definition in double: every channel count, border, odd size,
// instruction set and algorithm. The limits are those docs/convolution.md promises.
#include "engine/convolve/convolve.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "tests/unit/convolve_reference.h"

namespace pinxit::convolve {
namespace {

constexpr Algorithm all_algorithms[] = {Algorithm::direct, Algorithm::winograd4, Algorithm::winograd6};
constexpr int64_t channel_counts[] = {1, 3, 4, 8, 16, 27, 32, 48, 64, 100, 128, 512};

/// Largest and mean error relative to the output's deviation.
ErrorMeasure limit(Algorithm algorithm, int64_t channels) {
  const int size = channels <= 64 ? 0 : channels <= 128 ? 1 : 2;
  constexpr ErrorMeasure direct[] = {{3e-6, 1.4e-7}, {3e-6, 1.5e-7}, {3e-6, 1.8e-7}};
  constexpr ErrorMeasure four[] = {{6.1e-6, 4.5e-7}, {1.2e-5, 6.0e-7}, {1.7e-5, 1.1e-6}};
  constexpr ErrorMeasure six[] = {{3.1e-5, 1.7e-6}, {5.8e-5, 2.2e-6}, {1.2e-4, 4.5e-6}};
  return (algorithm == Algorithm::direct ? direct : algorithm == Algorithm::winograd4 ? four : six)[size];
}

std::string told(const Plan& plan) {
  return std::string(algorithm_name(plan.algorithm)) + " " + std::string(instruction_set_name(plan.set)) + " " +
         std::to_string(plan.shape.inputs) + "->" + std::to_string(plan.shape.outputs) + " border " +
         std::to_string(int(plan.shape.border)) + " " + std::to_string(plan.width) + "x" +
         std::to_string(plan.height);
}

struct Worst {
  ErrorMeasure by_algorithm[3];
  void add(Algorithm algorithm, int64_t channels, const ErrorMeasure& e, bool many) {
    auto& worst = by_algorithm[int(algorithm)];
    const auto most = limit(algorithm, channels);
    worst.max = std::max(worst.max, e.max / most.max);
    if (many) worst.mean = std::max(worst.mean, e.mean / most.mean);
  }
  void report() const {
    for (const Algorithm a : all_algorithms)
      std::printf("  %s: worst error %.2f (max), %.2f (mean) of what is promised\n", algorithm_name(a),
                  by_algorithm[int(a)].max, by_algorithm[int(a)].mean);
  }
};

void check_layer(int64_t inputs, int64_t outputs, Border border, int64_t width, int64_t height, Worst& worst) {
  const ConvolutionShape shape{.inputs = inputs, .outputs = outputs, .border = border};
  const auto oihw = normal_values(size_t(inputs * outputs * 9), 1);
  const auto picture = normal_values(size_t(width * height * inputs), 2, true);
  const Weights weights(shape, oihw.data());
  std::vector<double> expected;
  for (const InstructionSet set : instruction_sets())
    for (const Algorithm algorithm : all_algorithms) {
      const Plan plan = plan_picture(shape, width, height, {.threads = 1, .algorithm = algorithm, .set = set});
      if (expected.empty()) expected = reference(plan, oihw, picture);
      std::vector<float> got(size_t(plan.width * plan.height * outputs), std::nanf(""));
      run_fresh(plan, weights, {.data = picture.data()}, {.data = got.data()});
      const ErrorMeasure error = error_of(got, expected, std::sqrt(4.5 * double(inputs)));
      const ErrorMeasure most = limit(algorithm, inputs);
      EXPECT_LE(error.max, most.max) << told(plan);
      if (got.size() > 1000) { EXPECT_LE(error.mean, most.mean) << told(plan); }
      worst.add(algorithm, inputs, error, got.size() > 1000);
    }
}

TEST(Convolve, EveryChannelCountBorderAndOddSize) {
  constexpr int64_t sizes[][2] = {{1, 1}, {7, 5}, {2, 9}, {6, 12}, {13, 3}, {1, 19}, {25, 11}, {5, 1}, {3, 2}, {17, 8}};
  constexpr size_t channels = std::size(channel_counts);
  Worst worst;
  size_t turn = 0;
  for (size_t i = 0; i < channels; ++i)
    for (const size_t step : {0, 1, 4, 7, 10}) {
      const int64_t inputs = channel_counts[i], outputs = channel_counts[(i + step) % channels];
      for (const Border border : {Border::zero, Border::reflect, Border::replicate}) {
        const auto [width, height] = sizes[turn++ % std::size(sizes)];
        check_layer(inputs, outputs, border, width, height, worst);
      }
    }
  worst.report();
}

/// The promised errors are for whole layers: many tiles, the mean as well.
TEST(Convolve, ErrorsOfTheTable) {
  Worst worst;
  for (const int64_t channels : {64, 128, 512})
    check_layer(channels, channels == 512 ? 64 : channels, Border::zero, 31, 29, worst);
  worst.report();
}

}  // namespace
}  // namespace pinxit::convolve
