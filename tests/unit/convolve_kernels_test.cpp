// SPDX-License-Identifier: Apache-2.0
//
// Kernels other than 3×3 stride 1, by every algorithm that can do them.
#include <gtest/gtest.h>

#include "tests/unit/convolve_reference.h"

namespace pinxit::convolve {
namespace {

void check(const ConvolutionShape& shape, int64_t width, int64_t height) {
  const int64_t taps = int64_t(shape.kernel_rows) * shape.kernel_columns;
  const auto oihw = normal_values(size_t(shape.inputs * shape.outputs * taps), 1);
  const auto picture = normal_values(size_t(width * height * shape.inputs), 2, true);
  const auto bias = normal_values(size_t(shape.outputs), 3);
  const Weights weights(shape, oihw.data());
  for (const InstructionSet set : instruction_sets())
    for (const Algorithm algorithm : {Algorithm::direct, Algorithm::nine, Algorithm::nine_few}) {
      if (!possible(algorithm, shape)) continue;
      const Plan plan = plan_picture(shape, width, height, {.threads = 2, .algorithm = algorithm, .set = set});
      auto expected = reference(plan, oihw, picture);
      std::vector<double> sum(size_t(shape.outputs)), square = sum, sums = sum;
      for (size_t i = 0; i < expected.size(); ++i)
        expected[i] = std::max(expected[i] + bias[i % size_t(shape.outputs)], 0.0),
        sums[i % size_t(shape.outputs)] += expected[i];
      std::vector<float> got(expected.size(), std::nanf(""));
      run_fresh(plan, weights, {.data = picture.data()},
                {.data = got.data(), .bias = bias.data(), .relu = true, .sum = sum.data(), .square = square.data()},
                on_threads);
      const double deviation = std::sqrt(0.5 * double(taps * shape.inputs));
      EXPECT_LE(error_of(got, expected, deviation).max, algorithm == Algorithm::direct ? 4e-6 : 1e-5)
          << algorithm_name(algorithm) << " " << instruction_set_name(set) << " " << shape.inputs << "->"
          << shape.outputs << " " << shape.kernel_rows << "x" << shape.kernel_columns << " stride " << shape.stride
          << " border " << int(shape.border) << " " << width << "x" << height;
      for (size_t c = 0; c < sum.size(); ++c) EXPECT_NEAR(sum[c], sums[c], 1e-5 * (sums[c] + deviation));
    }
}

TEST(ConvolveKernels, NineByNine) {
  constexpr int64_t sizes[][2] = {{1, 1}, {2, 5}, {9, 3}, {13, 16}, {37, 12}, {130, 7}, {5, 80}};
  size_t turn = 0;
  for (const auto& [inputs, outputs] : {std::pair<int64_t, int64_t>{3, 32}, {32, 3}, {16, 1}, {3, 16}, {1, 4}, {4, 8},
                                        {27, 3}, {64, 2}, {17, 19}})
    for (const Border border : {Border::zero, Border::reflect, Border::replicate})
      for (int i = 0; i < 2; ++i) {
        const auto [width, height] = sizes[turn++ % std::size(sizes)];
        check({.inputs = inputs, .outputs = outputs, .kernel_rows = 9, .kernel_columns = 9, .border = border}, width,
              height);
      }
}

TEST(ConvolveKernels, StridesAndOtherKernels) {
  for (const Border border : {Border::zero, Border::reflect, Border::replicate})
    for (const auto& [inputs, outputs] : {std::pair<int64_t, int64_t>{3, 5}, {16, 32}, {64, 128}, {100, 27}}) {
      const auto check_kernel = [&](int kernel, int stride, int64_t width, int64_t height) {
        check({.inputs = inputs, .outputs = outputs, .kernel_rows = kernel, .kernel_columns = kernel, .stride = stride,
               .border = border},
              width, height);
      };
      check_kernel(3, 2, 13, 10);
      check_kernel(3, 2, 1, 3);
      check_kernel(1, 1, 7, 9);
      check_kernel(1, 2, 6, 5);
      check_kernel(5, 1, 8, 3);
      check_kernel(7, 2, 15, 4);
    }
}

}  // namespace
}  // namespace pinxit::convolve
