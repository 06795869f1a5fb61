// SPDX-License-Identifier: Apache-2.0
#include "engine/convolve/pooling.h"

#include <gtest/gtest.h>

#include "tests/unit/convolve_reference.h"

namespace pinxit::convolve {
namespace {

constexpr PictureSize sizes[] = {{1, 1, 4},  {2, 2, 3},  {5, 7, 16}, {8, 6, 37}, {33, 40, 64}, {7, 5, 1},   {3, 9, 8},
                                 {9, 3, 27}, {5, 5, 32}, {1, 3, 48}, {3, 1, 48}, {11, 3, 48},  {3, 3, 100}, {5, 3, 128},
                                 {3, 5, 512}};

TEST(ConvolvePooling, LargestAndMeanOfFour) {
  for (const PictureSize& size : sizes)
    for (const Pooling kind : {Pooling::maximum, Pooling::average}) {
      const auto picture = normal_values(size_t(size.width * size.height * size.channels), 1);
      const int64_t width = size.width / 2, height = size.height / 2;
      std::vector<float> got(size_t(width * height * size.channels), std::nanf(""));
      pool(kind, size, picture.data(), got.data(), 2, on_threads);
      for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x)
          for (int64_t c = 0; c < size.channels; ++c) {
            float largest = -1e9f, sum = 0;
            for (const int64_t pixel : {0, 1, 2, 3}) {
              const int64_t row = 2 * y + pixel / 2, column = 2 * x + pixel % 2;
              const float v = picture[size_t((row * size.width + column) * size.channels + c)];
              largest = std::max(largest, v), sum += v;
            }
            const float expected = 2 * (kind == Pooling::maximum ? largest : sum / 4);
            ASSERT_NEAR(got[size_t((y * width + x) * size.channels + c)], expected, 1e-6);
          }
    }
}

TEST(ConvolvePooling, GradientGoesBackToWhereItCameFrom) {
  for (const PictureSize& size : sizes)
    for (const Pooling kind : {Pooling::maximum, Pooling::average})
      for (const bool gated : {false, true}) {
        const size_t values = size_t(size.width * size.height * size.channels);
        const auto picture = normal_values(values, 1, true);  // with ties: half of it is zero
        const int64_t width = size.width / 2, height = size.height / 2;
        const auto gradient = normal_values(size_t(width * height * size.channels), 2), own = normal_values(values, 3);
        auto expected = own;
        for (int64_t y = 0; y < height; ++y)
          for (int64_t x = 0; x < width; ++x)
            for (int64_t c = 0; c < size.channels; ++c) {
              const float g = 3 * gradient[size_t((y * width + x) * size.channels + c)];
              size_t best = 0, at[4];
              for (size_t pixel = 0; pixel < 4; ++pixel) {
                const int64_t row = 2 * y + int64_t(pixel) / 2, column = 2 * x + int64_t(pixel) % 2;
                at[pixel] = size_t((row * size.width + column) * size.channels + c);
                if (picture[at[pixel]] > picture[at[best]]) best = pixel;
                if (kind == Pooling::average) expected[at[pixel]] += g / 4;
              }
              if (kind == Pooling::maximum) expected[at[best]] += g;
            }
        if (gated)
          for (size_t i = 0; i < values; ++i)
            if (!(picture[i] > 0)) expected[i] = 0;
        auto got = own;
        pool_gradient(kind, size, picture.data(), gradient.data(), got.data(),
                      {.factor = 3, .add = got.data(), .gated = gated}, on_threads);
        for (size_t i = 0; i < values; ++i) ASSERT_NEAR(got[i], expected[i], 1e-5) << i;
        std::vector<float> alone(values, std::nanf(""));
        pool_gradient(kind, size, picture.data(), gradient.data(), alone.data(), {.factor = 3, .gated = gated});
        for (size_t i = 0; i < values; ++i)
          ASSERT_NEAR(alone[i], expected[i] - (gated && !(picture[i] > 0) ? 0 : own[i]), 1e-5) << i;
      }
}

}  // namespace
}  // namespace pinxit::convolve
