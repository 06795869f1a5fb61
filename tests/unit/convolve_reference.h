// SPDX-License-Identifier: Apache-2.0
//
// What the convolution tests plan and measure with: convolutions in double straight from their definition, random pictures as
// a ReLU leaves them, and errors relative to the output's standard deviation.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "engine/convolve/transposed.h"

namespace pinxit::convolve {

inline std::vector<float> normal_values(size_t count, unsigned seed, bool relu = false) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& v : values) v = relu ? std::max(normal(random), 0.f) : normal(random);
  return values;
}

/// Of a whole picture of width × height.
inline TransposedPlan plan_transposed(int64_t inputs, int64_t outputs, int64_t width, int64_t height,
                                      const Options& options = {}) {
  return plan_transposed_tables(inputs, outputs, border_table(Border::zero, height, 1, height + 2),
                                border_table(Border::zero, width, 1, width + 2), 2 * width, 2 * height, false, false,
                                options);
}

/// `plan` as it says: tables, strides, weights [o][i][y][x]; the picture has rows of plan.input_width pixels.
inline std::vector<double> reference(const Plan& plan, const std::vector<float>& oihw,
                                     const std::vector<float>& picture) {
  const ConvolutionShape& s = plan.shape;
  const int64_t in = s.inputs, out = s.outputs, taps = int64_t(s.kernel_rows) * s.kernel_columns;
  std::vector<double> weights(oihw.size());  // [tap][i][o]
  for (int64_t o = 0; o < out; ++o)
    for (int64_t i = 0; i < in; ++i)
      for (int64_t t = 0; t < taps; ++t)
        weights[size_t((t * in + i) * out + o)] = oihw[size_t((o * in + i) * taps + t)];
  std::vector<double> result(size_t(plan.width * plan.height * out));
  for (int64_t y = 0; y < plan.height; ++y)
    for (int64_t x = 0; x < plan.width; ++x)
      for (int64_t t = 0; t < taps; ++t) {
        const int64_t row = plan.rows[size_t(y * s.stride + t / s.kernel_columns)];
        const int64_t column = plan.columns[size_t(x * s.stride + t % s.kernel_columns)];
        if (row < 0 || column < 0) continue;
        double* to = result.data() + (y * plan.width + x) * out;
        for (int64_t i = 0; i < in; ++i) {
          const double value = picture[size_t((row * plan.input_width + column) * in + i)];
          const double* w = weights.data() + (t * in + i) * out;
          if (value != 0)
            for (int64_t o = 0; o < out; ++o) to[o] += value * w[o];
        }
      }
  return result;
}

/// The adjoint of `reference`: from a gradient [height][width][outputs] to one of the picture.
inline std::vector<double> reference_gradient(const Plan& plan, int64_t width, int64_t height,
                                              const std::vector<float>& oihw, const std::vector<float>& gradient) {
  const ConvolutionShape& s = plan.shape;
  const int64_t in = s.inputs, out = s.outputs, taps = int64_t(s.kernel_rows) * s.kernel_columns;
  std::vector<double> weights(oihw.size());  // [tap][o][i]
  for (int64_t o = 0; o < out; ++o)
    for (int64_t i = 0; i < in; ++i)
      for (int64_t t = 0; t < taps; ++t)
        weights[size_t((t * out + o) * in + i)] = oihw[size_t((o * in + i) * taps + t)];
  std::vector<double> result(size_t(width * height * in));
  for (int64_t y = 0; y < plan.height; ++y)
    for (int64_t x = 0; x < plan.width; ++x)
      for (int64_t t = 0; t < taps; ++t) {
        const int64_t row = plan.rows[size_t(y * s.stride + t / s.kernel_columns)];
        const int64_t column = plan.columns[size_t(x * s.stride + t % s.kernel_columns)];
        if (row < 0 || column < 0) continue;
        double* to = result.data() + (row * width + column) * in;
        for (int64_t o = 0; o < out; ++o) {
          const double value = gradient[size_t((y * plan.width + x) * out + o)];
          const double* w = weights.data() + (t * out + o) * in;
          if (value != 0)
            for (int64_t i = 0; i < in; ++i) to[i] += value * w[i];
        }
      }
  return result;
}

struct ErrorMeasure {
  double max = 0, mean = 0;
};

/// Relative to `deviation`.
inline ErrorMeasure error_of(const std::vector<float>& got, const std::vector<double>& expected, double deviation) {
  ErrorMeasure e;
  for (size_t i = 0; i < got.size(); ++i) {
    const double difference = std::isfinite(got[i]) ? std::abs(got[i] - expected[i]) / deviation : 1e30;
    e.max = std::max(e.max, difference), e.mean += difference;
  }
  e.mean /= double(std::max<size_t>(got.size(), 1));
  return e;
}

/// Bodies on threads of their own, all at once.
inline void on_threads(int64_t count, const std::function<void(int64_t)>& body) {
  std::vector<std::thread> threads;
  for (int64_t i = 0; i < count; ++i) threads.emplace_back([&, i] { body(i); });
  for (auto& thread : threads) thread.join();
}

/// run() with a workspace full of NaN, so that nothing unwritten is read unnoticed.
inline void run_fresh(const Plan& plan, const Weights& weights, const Input& input, const Output& output,
                      const ParallelFor& parallel = {}) {
  std::vector<float> workspace(plan.workspace_floats, std::nanf(""));
  run(plan, weights, input, output, workspace.data(), parallel);
}

}  // namespace pinxit::convolve
