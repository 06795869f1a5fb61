// SPDX-License-Identifier: Apache-2.0
#include "engine/convolve/transposed.h"

#include <gtest/gtest.h>

#include "engine/convolve/gradient.h"
#include "tests/unit/convolve_reference.h"

namespace pinxit::convolve {
namespace {

/// Every input pixel spreads its nine products: output (2i + y, 2j + x), those beyond the end are dropped.
std::vector<double> spread(const std::vector<float>& iohw, const std::vector<float>& picture, int64_t width,
                           int64_t height, int64_t inputs, int64_t outputs) {
  std::vector<double> result(size_t(4 * width * height * outputs));
  for (int64_t j = 0; j < height; ++j)
    for (int64_t i = 0; i < width; ++i)
      for (int y = 0; y < 3; ++y)
        for (int x = 0; x < 3; ++x) {
          if (2 * j + y >= 2 * height || 2 * i + x >= 2 * width) continue;
          for (int64_t c = 0; c < inputs; ++c) {
            const double value = picture[size_t((j * width + i) * inputs + c)];
            for (int64_t o = 0; o < outputs; ++o)
              result[size_t(((2 * j + y) * 2 * width + 2 * i + x) * outputs + o)] +=
                  value * iohw[size_t((c * outputs + o) * 9 + y * 3 + x)];
          }
        }
  return result;
}

TEST(ConvolveTransposed, EachPixelSpreadsItsKernel) {
  for (const auto& [inputs, outputs] : {std::pair<int64_t, int64_t>{1, 1}, {3, 16}, {32, 27}, {64, 32}, {8, 3}})
    for (const auto& [width, height] : {std::pair<int64_t, int64_t>{1, 1}, {5, 4}, {13, 7}}) {
      const auto iohw = normal_values(size_t(inputs * outputs * 9), 1);
      const auto picture = normal_values(size_t(width * height * inputs), 2);
      const auto expected = spread(iohw, picture, width, height, inputs, outputs);
      const TransposedWeights weights(inputs, outputs, iohw.data());
      for (const InstructionSet set : instruction_sets()) {
        const TransposedPlan plan = plan_transposed(inputs, outputs, width, height, {.threads = 2, .set = set});
        std::vector<float> workspace(plan.workspace_floats, std::nanf("")), got(expected.size(), std::nanf(""));
        std::vector<double> sum(static_cast<size_t>(outputs)), square = sum;
        run_transposed(plan, weights, {.data = picture.data()},
                       {.data = got.data(), .sum = sum.data(), .square = square.data()}, workspace.data(), on_threads);
        EXPECT_LE(error_of(got, expected, std::sqrt(4.0 * double(inputs))).max, 4e-6);
        double squares = 0;
        for (size_t i = 0; i < expected.size(); i += size_t(outputs)) squares += expected[i] * expected[i];
        EXPECT_NEAR(square[0], squares, 1e-5 * squares);
      }
    }
}

TEST(ConvolveTransposed, WindowsBeginAnywhere) {
  const int64_t inputs = 9, outputs = 5, width = 8, height = 7;
  const auto iohw = normal_values(size_t(inputs * outputs * 9), 1);
  const auto picture = normal_values(size_t(width * height * inputs), 2);
  const auto expected = spread(iohw, picture, width, height, inputs, outputs);
  const TransposedWeights weights(inputs, outputs, iohw.data());
  for (const int64_t y0 : {0, 1, 4, 9})
    for (const int64_t x0 : {0, 3, 5})
      for (const int64_t wide : {1, 2, 7, 11}) {
        const int64_t high = 5;
        const auto table = [](int64_t first, int64_t count, int64_t n) {
          return border_table(Border::zero, n, 1 - first / 2, (first + count - 1) / 2 + 3 - first / 2);
        };
        const auto plan = plan_transposed_tables(inputs, outputs, table(y0, high, height), table(x0, wide, width), wide,
                                                 high, y0 % 2, x0 % 2);
        std::vector<float> workspace(plan.workspace_floats), got(size_t(wide * high * outputs), std::nanf(""));
        run_transposed(plan, weights, {.data = picture.data(), .row_stride = width * inputs}, {.data = got.data()},
                       workspace.data());
        std::vector<double> part;
        for (int64_t y = y0; y < y0 + high; ++y)
          for (int64_t i = x0 * outputs; i < (x0 + wide) * outputs; ++i)
            part.push_back(expected[size_t(y * 2 * width * outputs + i)]);
        EXPECT_LE(error_of(got, part, std::sqrt(4.0 * double(inputs))).max, 4e-6) << x0 << " " << y0 << " " << wide;
      }
}

TEST(ConvolveDepthwise, EachChannelByItsOwnFilter) {
  for (const int64_t channels : {1, 3, 16, 27, 40})
    for (const int stride : {1, 2})
      for (const Border border : {Border::zero, Border::reflect}) {
        const ConvolutionShape shape{.inputs = channels, .outputs = channels, .stride = stride, .border = border,
                                     .depthwise = true};
        const int64_t width = 11, height = 6;
        const auto filters = normal_values(size_t(channels * 9), 1);
        const auto picture = normal_values(size_t(width * height * channels), 2);
        std::vector<float> oihw(size_t(channels * channels * 9));  // the same as a full convolution
        for (int64_t c = 0; c < channels; ++c)
          for (int64_t t = 0; t < 9; ++t) oihw[size_t((c * channels + c) * 9 + t)] = filters[size_t(c * 9 + t)];
        const Weights weights(shape, filters.data());
        for (const InstructionSet set : instruction_sets()) {
          const Plan plan = plan_picture(shape, width, height, {.threads = 2, .set = set});
          std::vector<float> got(size_t(plan.width * plan.height * channels), std::nanf(""));
          run_fresh(plan, weights, {.data = picture.data()}, {.data = got.data()}, on_threads);
          EXPECT_LE(error_of(got, reference(plan, oihw, picture), 3).max, 2e-6) << channels << " /" << stride;
          if (stride > 1) continue;
          const GradientPlan back = plan_gradient(shape, width, height, {.set = set});
          std::vector<float> workspace(back.workspace_floats), gradient(picture.size());
          run_gradient(back, weights.for_gradient(), {.data = picture.data()}, {.data = gradient.data()},
                       workspace.data());
          EXPECT_LE(error_of(gradient, reference_gradient(plan, width, height, oihw, picture), 3).max, 4e-6);
        }
      }
}

}  // namespace
}  // namespace pinxit::convolve
