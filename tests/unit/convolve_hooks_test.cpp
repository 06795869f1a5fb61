// SPDX-License-Identifier: Apache-2.0
//
// What run() does besides the sum of products: curves while reading, finishing while writing, strides, windows,
// threads.
#include <gtest/gtest.h>

#include <numeric>

#include "tests/unit/convolve_reference.h"

namespace pinxit::convolve {
namespace {

constexpr Algorithm all_algorithms[] = {Algorithm::direct, Algorithm::winograd4, Algorithm::winograd6};
constexpr double most = 5e-5;

/// Runs `check` for every instruction set and algorithm.
template <class Check>
void everywhere(Check check) {
  for (const InstructionSet set : instruction_sets())
    for (const Algorithm algorithm : all_algorithms) {
      SCOPED_TRACE(std::string(algorithm_name(algorithm)) + " " + std::string(instruction_set_name(set)));
      check(Options{.threads = 2, .algorithm = algorithm, .set = set});
    }
}

TEST(ConvolveHooks, NormalisationReluAndResidualWhileReading) {
  // Zero padding: the zeros stand behind the curve, not before it.
  for (const Border border : {Border::zero, Border::reflect})
    for (const int64_t inputs : {3, 16, 37})
      everywhere([&](const Options& options) {
        const ConvolutionShape shape{.inputs = inputs, .outputs = 21, .border = border};
        const int64_t width = 15, height = 10;
        const auto oihw = normal_values(size_t(inputs * 21 * 9), 1);
        const auto raw = normal_values(size_t(width * height * inputs), 2), residual = normal_values(raw.size(), 3);
        const auto scale = normal_values(size_t(inputs), 4), shift = normal_values(size_t(inputs), 5);
        for (const bool relu : {false, true}) {
          std::vector<float> active(raw.size());
          for (size_t i = 0; i < raw.size(); ++i) {
            const float value = scale[i % size_t(inputs)] * raw[i] + shift[i % size_t(inputs)];
            active[i] = (relu ? std::max(value, 0.f) : value) + residual[i];
          }
          const Plan plan = plan_picture(shape, width, height, options);
          const auto expected = reference(plan, oihw, active);
          std::vector<float> got(expected.size(), std::nanf(""));
          run_fresh(plan, Weights(shape, oihw.data()),
                    {.data = raw.data(), .scale = scale.data(), .shift = shift.data(), .relu = relu,
                     .residual = residual.data()},
                    {.data = got.data()}, on_threads);
          EXPECT_LE(error_of(got, expected, std::sqrt(18.0 * double(inputs))).max, most);
        }
      });
}

TEST(ConvolveHooks, ReluAloneWhileReading) {
  everywhere([](const Options& options) {
    const ConvolutionShape shape{.inputs = 19, .outputs = 5};
    const auto oihw = normal_values(19 * 5 * 9, 1), raw = normal_values(19 * 8 * 8, 2);
    auto active = raw;
    for (float& v : active) v = std::max(v, 0.f);
    const Plan plan = plan_picture(shape, 8, 8, options);
    std::vector<float> got(8 * 8 * 5);
    run_fresh(plan, Weights(shape, oihw.data()), {.data = raw.data(), .relu = true}, {.data = got.data()});
    EXPECT_LE(error_of(got, reference(plan, oihw, active), std::sqrt(4.5 * 19)).max, most);
  });
}

TEST(ConvolveHooks, BiasSumReluGateAndSumsWhileWriting) {
  for (const int64_t outputs : {3, 32, 45})
    everywhere([&](const Options& options) {
      const ConvolutionShape shape{.inputs = 8, .outputs = outputs, .border = Border::reflect};
      const int64_t width = 27, height = 16;
      const auto oihw = normal_values(size_t(8 * outputs * 9), 1);
      const auto picture = normal_values(size_t(width * height * 8), 2);
      const auto bias = normal_values(size_t(outputs), 3), add = normal_values(size_t(width * height * outputs), 4);
      const auto gate = normal_values(add.size(), 5, true);
      const Plan plan = plan_picture(shape, width, height, options);
      auto expected = reference(plan, oihw, picture);
      std::vector<double> sum(size_t(outputs), 10.0), square(size_t(outputs), 20.0), sums = sum, squares = square;
      for (size_t i = 0; i < expected.size(); ++i) {
        expected[i] = std::max(expected[i] + bias[i % size_t(outputs)] + add[i], 0.0);
        if (!(gate[i] > 0)) expected[i] = 0;
        sums[i % size_t(outputs)] += expected[i], squares[i % size_t(outputs)] += expected[i] * expected[i];
      }
      std::vector<float> got(expected.size(), std::nanf(""));
      run_fresh(plan, Weights(shape, oihw.data()), {.data = picture.data()},
                {.data = got.data(), .bias = bias.data(), .add = add.data(), .relu = true, .gate = gate.data(),
                 .sum = sum.data(), .square = square.data()},
                on_threads);
      EXPECT_LE(error_of(got, expected, std::sqrt(72.0)).max, most);
      for (size_t c = 0; c < size_t(outputs); ++c) {
        EXPECT_NEAR(sum[c], sums[c], 1e-5 * sums[c]);
        EXPECT_NEAR(square[c], squares[c], 1e-5 * squares[c]);
      }
    });
}

TEST(ConvolveHooks, StridesAreKeptAndNothingElseIsTouched) {
  for (const int64_t channels : {3, 5, 16, 20})
    everywhere([&](const Options& options) {
      const ConvolutionShape shape{.inputs = channels, .outputs = channels};
      const int64_t width = 13, height = 9, in_pixel = channels + 2, in_row = width * in_pixel + 7;
      const int64_t out_pixel = channels + 1, out_row = width * out_pixel + 5;
      const auto oihw = normal_values(size_t(channels * channels * 9), 1);
      const auto picture = normal_values(size_t(width * height * channels), 2);
      std::vector<float> spread(size_t(in_row * height), std::nanf(""));
      for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x)
          for (int64_t c = 0; c < channels; ++c)
            spread[size_t(y * in_row + x * in_pixel + c)] = picture[size_t((y * width + x) * channels + c)];
      const Plan plan = plan_picture(shape, width, height, options);
      std::vector<float> out(size_t(out_row * height), -7777.f), got;
      run_fresh(plan, Weights(shape, oihw.data()),
                {.data = spread.data(), .row_stride = in_row, .pixel_stride = in_pixel},
                {.data = out.data(), .row_stride = out_row, .pixel_stride = out_pixel});
      int64_t untouched = 0;
      for (const float v : out) untouched += v == -7777.f;
      EXPECT_EQ(untouched, out_row * height - width * height * channels);
      for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x)
          for (int64_t c = 0; c < channels; ++c) got.push_back(out[size_t(y * out_row + x * out_pixel + c)]);
      EXPECT_LE(error_of(got, reference(plan, oihw, picture), std::sqrt(9.0 * double(channels))).max, most);
    });
}

/// A part of a picture by tables of its own: the same as the whole one's part.
TEST(ConvolveHooks, WindowsOfAPicture) {
  everywhere([](const Options& options) {
    const ConvolutionShape shape{.inputs = 17, .outputs = 9, .border = Border::reflect};
    const int64_t width = 31, height = 23;
    const auto oihw = normal_values(17 * 9 * 9, 1), picture = normal_values(size_t(width * height * 17), 2);
    const Plan whole = plan_picture(shape, width, height, options);
    const auto expected = reference(whole, oihw, picture);
    const int64_t x0 = 19, x1 = 31, y0 = 0, y1 = 11;
    const AxisTable rows(whole.rows.begin() + y0, whole.rows.begin() + y1 + 2);
    const AxisTable columns(whole.columns.begin() + x0, whole.columns.begin() + x1 + 2);
    const Plan part = plan_tables(shape, rows, columns, options);
    ASSERT_EQ(part.width, x1 - x0);
    ASSERT_EQ(part.height, y1 - y0);
    std::vector<float> got(size_t(part.width * part.height * 9), std::nanf(""));
    run_fresh(part, Weights(shape, oihw.data()), {.data = picture.data(), .row_stride = width * 17},
              {.data = got.data()});
    std::vector<double> crop;
    for (int64_t y = y0; y < y1; ++y)
      crop.insert(crop.end(), expected.begin() + (y * width + x0) * 9, expected.begin() + (y * width + x1) * 9);
    EXPECT_LE(error_of(got, crop, std::sqrt(9.0 * 17)).max, most);
  });
}

TEST(ConvolveHooks, SameBitsFromRunToRunAndForAnyNumberOfThreads) {
  everywhere([](Options options) {
    const ConvolutionShape shape{.inputs = 32, .outputs = 40};
    const int64_t width = 61, height = 47;
    const auto oihw = normal_values(32 * 40 * 9, 1), picture = normal_values(size_t(width * height * 32), 2);
    const Weights weights(shape, oihw.data());
    std::vector<std::vector<float>> results;
    std::vector<std::vector<double>> sums;
    for (const int threads : {1, 2, 2, 2, 3, 5}) {
      options.threads = threads;
      const Plan plan = plan_picture(shape, width, height, options);
      std::vector<float> got(size_t(width * height * 40));
      std::vector<double> sum(80);
      run_fresh(plan, weights, {.data = picture.data()},
                {.data = got.data(), .sum = sum.data(), .square = sum.data() + 40}, on_threads);
      results.push_back(got), sums.push_back(sum);
    }
    for (const auto& result : results) EXPECT_EQ(result, results[0]);
    EXPECT_EQ(sums[1], sums[2]);
    EXPECT_EQ(sums[1], sums[3]);
    for (size_t c = 0; c < 80; ++c) EXPECT_NEAR(sums[0][c], sums[4][c], 1e-5 * (std::abs(sums[0][c]) + 1000));
  });
}

TEST(ConvolveHooks, WeightsAreSharedByCopiesAndCounted) {
  const ConvolutionShape shape{.inputs = 16, .outputs = 16};
  const auto oihw = normal_values(16 * 16 * 9, 1);
  const Weights weights(shape, oihw.data());
  const Weights copy = weights;
  const size_t four = 16 * 16 * 36 * 4, six = 16 * 16 * 64 * 4;
  EXPECT_EQ(weights.packed_bytes(Algorithm::winograd6, InstructionSet::portable), six) << "before it is made";
  EXPECT_EQ(copy.packed(Algorithm::winograd6, InstructionSet::portable),
            weights.packed(Algorithm::winograd6, InstructionSet::portable));
  EXPECT_EQ(copy.packed_bytes(Algorithm::winograd6, InstructionSet::portable), six) << "once it is made";
  EXPECT_EQ(copy.packed_bytes(Algorithm::winograd4, InstructionSet::portable), four + six) << "beside the other form";
}

TEST(ConvolveHooks, FewTilesOrChannelsAreDoneDirectly) {
  EXPECT_EQ(fastest_algorithm({.inputs = 1, .outputs = 1}, 512, 512, {}), Algorithm::direct);
  EXPECT_EQ(fastest_algorithm({.inputs = 512, .outputs = 512}, 2, 2, {}), Algorithm::direct);
  EXPECT_EQ(fastest_algorithm({.inputs = 64, .outputs = 64, .stride = 2}, 512, 512, {}), Algorithm::direct);
  EXPECT_NE(fastest_algorithm({.inputs = 128, .outputs = 128}, 128, 128, {}), Algorithm::direct);
}

}  // namespace
}  // namespace pinxit::convolve
