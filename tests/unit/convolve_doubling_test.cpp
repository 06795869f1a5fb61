// SPDX-License-Identifier: Apache-2.0
//
// Nearest ×2 and 3×3 in one, against the picture really enlarged.
#include <gtest/gtest.h>

#include "tests/unit/convolve_reference.h"

namespace pinxit::convolve {
namespace {

std::vector<float> enlarged(const std::vector<float>& picture, int64_t width, int64_t height, int64_t channels) {
  std::vector<float> large;
  for (int64_t y = 0; y < 2 * height; ++y)
    for (int64_t x = 0; x < 2 * width; ++x)
      for (int64_t c = 0; c < channels; ++c) large.push_back(picture[size_t((y / 2 * width + x / 2) * channels + c)]);
  return large;
}

std::vector<double> doubled_reference(ConvolutionShape shape, const std::vector<float>& oihw,
                                      const std::vector<float>& picture, int64_t width, int64_t height) {
  shape.doubled = false;
  return reference(plan_picture(shape, 2 * width, 2 * height, {.algorithm = Algorithm::direct}), oihw,
                   enlarged(picture, width, height, shape.inputs));
}

TEST(ConvolveDoubling, EqualsEnlargingFirst) {
  constexpr int64_t sizes[][2] = {{1, 1}, {2, 1}, {3, 4}, {5, 7}, {9, 2}, {13, 8}};
  for (const auto& [inputs, outputs] : {std::pair<int64_t, int64_t>{1, 3}, {27, 16}, {64, 32}, {128, 64}, {32, 100}})
    for (const Border border : {Border::zero, Border::reflect, Border::replicate})
      for (const auto& [width, height] : sizes) {
        const ConvolutionShape shape{.inputs = inputs, .outputs = outputs, .border = border, .doubled = true};
        const auto oihw = normal_values(size_t(inputs * outputs * 9), 1);
        const auto picture = normal_values(size_t(width * height * inputs), 2, true);
        const auto expected = doubled_reference(shape, oihw, picture, width, height);
        const Weights weights(shape, oihw.data());
        for (const InstructionSet set : instruction_sets()) {
          const Plan plan = plan_picture(shape, width, height, {.threads = 2, .set = set});
          ASSERT_EQ(plan.algorithm, Algorithm::doubling);
          std::vector<float> got(expected.size(), std::nanf(""));
          run_fresh(plan, weights, {.data = picture.data()}, {.data = got.data()}, on_threads);
          EXPECT_LE(error_of(got, expected, std::sqrt(4.5 * double(inputs))).max, 4e-6)
              << inputs << "->" << outputs << " border " << int(border) << " " << width << "x" << height;
        }
      }
}

TEST(ConvolveDoubling, WindowsBeginAnywhere) {
  const ConvolutionShape shape{.inputs = 18, .outputs = 7, .border = Border::reflect, .doubled = true};
  const int64_t width = 11, height = 9;
  const auto oihw = normal_values(18 * 7 * 9, 1), picture = normal_values(size_t(width * height * 18), 2);
  const auto expected = doubled_reference(shape, oihw, picture, width, height);
  const Weights weights(shape, oihw.data());
  for (const int64_t y0 : {0, 1, 2, 5})
    for (const int64_t x0 : {0, 1, 3, 6})
      for (const int64_t wide : {1, 2, 5, 12}) {
        const int64_t high = 7;
        const auto table = [](int64_t first, int64_t count, int64_t n) {
          return border_table(Border::replicate, n, 1 - first / 2, (first + count - 1) / 2 + 3 - first / 2);
        };
        const Plan plan = plan_doubled_tables(shape, table(y0, high, height), table(x0, wide, width), wide, high,
                                              y0 % 2, x0 % 2);
        std::vector<float> got(size_t(wide * high * 7), std::nanf(""));
        run_fresh(plan, weights, {.data = picture.data(), .row_stride = width * 18}, {.data = got.data()});
        std::vector<double> part;
        for (int64_t y = y0; y < y0 + high; ++y)
          for (int64_t i = x0 * 7; i < (x0 + wide) * 7; ++i) part.push_back(expected[size_t(y * 2 * width * 7 + i)]);
        EXPECT_LE(error_of(got, part, std::sqrt(9.0 * 18)).max, 4e-6) << x0 << " " << y0 << " " << wide;
      }
}

}  // namespace
}  // namespace pinxit::convolve
