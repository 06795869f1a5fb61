// SPDX-License-Identifier: Apache-2.0
#include "engine/convolve/gradient.h"

#include <gtest/gtest.h>

#include "tests/unit/convolve_reference.h"

namespace pinxit::convolve {
namespace {

struct Case {
  int64_t inputs, outputs, width, height;
};

void check_gradient(const ConvolutionShape& shape, int64_t width, int64_t height) {
  const auto oihw = normal_values(size_t(shape.inputs * shape.outputs * shape.kernel_rows * shape.kernel_columns), 3);
  const Plan forward = plan_picture(shape, width, height, {.algorithm = Algorithm::direct});
  const auto gradient = normal_values(size_t(forward.width * forward.height * shape.outputs), 4, true);
  const auto expected = reference_gradient(forward, width, height, oihw, gradient);
  const Weights turned = Weights(shape, oihw.data()).for_gradient();
  for (const InstructionSet set : instruction_sets())
    for (const Algorithm algorithm : {Algorithm::direct, Algorithm::winograd4, Algorithm::winograd6}) {
      if (!possible(algorithm, shape)) continue;
      const GradientPlan plan = plan_gradient(shape, width, height, {.algorithm = algorithm, .set = set});
      std::vector<float> workspace(plan.workspace_floats, std::nanf(""));
      std::vector<float> got(expected.size(), std::nanf(""));
      run_gradient(plan, turned, {.data = gradient.data()}, {.data = got.data()}, workspace.data());
      const double taps = double(shape.kernel_rows) * shape.kernel_columns;
      const ErrorMeasure error = error_of(got, expected, std::sqrt(0.5 * taps * double(shape.outputs)));
      // Folded borders add several errors of the table.
      const double folded = plan.fold ? 3 : 1;
      EXPECT_LE(error.max, folded * (algorithm == Algorithm::winograd6 ? 5e-5 : 1.2e-5))
          << algorithm_name(algorithm) << " " << instruction_set_name(set) << " " << shape.inputs << "->"
          << shape.outputs << " kernel " << shape.kernel_rows << " border " << int(shape.border) << " " << width << "x"
          << height;
    }
}

TEST(ConvolveGradient, IsTheAdjointOfTheConvolution) {
  constexpr Case cases[] = {{1, 3, 1, 1},    {3, 64, 13, 7},   {4, 8, 6, 5},    {8, 27, 2, 3},   {16, 16, 25, 3},
                            {27, 32, 5, 19}, {32, 48, 7, 7},   {48, 100, 1, 9}, {64, 64, 12, 11}, {100, 4, 8, 5},
                            {128, 64, 9, 6}, {64, 128, 11, 4}, {16, 512, 7, 5}, {512, 1, 5, 7}};
  for (const Case& c : cases)
    for (const Border border : {Border::zero, Border::reflect, Border::replicate})
      check_gradient({.inputs = c.inputs, .outputs = c.outputs, .border = border}, c.width, c.height);
}

TEST(ConvolveGradient, OtherKernels) {
  for (const Border border : {Border::zero, Border::reflect, Border::replicate}) {
    check_gradient({.inputs = 5, .outputs = 9, .kernel_rows = 1, .kernel_columns = 1, .border = border}, 7, 5);
    check_gradient({.inputs = 3, .outputs = 17, .kernel_rows = 5, .kernel_columns = 5, .border = border}, 9, 6);
    check_gradient({.inputs = 6, .outputs = 4, .kernel_rows = 1, .kernel_columns = 3, .border = border}, 5, 8);
    check_gradient({.inputs = 4, .outputs = 3, .kernel_rows = 9, .kernel_columns = 9, .border = border}, 11, 6);
  }
}

/// A ReLU's way back and a loss's own gradient join while the values are written.
TEST(ConvolveGradient, AddsAndGates) {
  for (const Border border : {Border::zero, Border::replicate}) {
    const ConvolutionShape shape{.inputs = 20, .outputs = 12, .border = border};
    const int64_t width = 11, height = 9;
    const auto oihw = normal_values(20 * 12 * 9, 5);
    const auto gradient = normal_values(size_t(width * height * 12), 6);
    const auto own = normal_values(size_t(width * height * 20), 7), input = normal_values(own.size(), 8, true);
    const Plan forward = plan_picture(shape, width, height, {.algorithm = Algorithm::direct});
    auto expected = reference_gradient(forward, width, height, oihw, gradient);
    for (size_t i = 0; i < expected.size(); ++i) expected[i] = input[i] > 0 ? expected[i] + own[i] : 0;
    const Weights turned = Weights(shape, oihw.data()).for_gradient();
    const GradientPlan plan = plan_gradient(shape, width, height, {.threads = 2});
    std::vector<float> workspace(plan.workspace_floats, std::nanf("")), got = own;
    run_gradient(plan, turned, {.data = gradient.data()}, {.data = got.data(), .add = got.data(), .gate = input.data()},
                 workspace.data(), on_threads);
    EXPECT_LE(error_of(got, expected, std::sqrt(9.0 * 12)).max, 5e-5) << int(border);
  }
}

}  // namespace
}  // namespace pinxit::convolve
