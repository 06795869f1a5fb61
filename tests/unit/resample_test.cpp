// SPDX-License-Identifier: Apache-2.0
//
// Scaling: means are kept, hidden colours stay hidden, every size works.
#include "engine/pictures/resample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace pinxit {
namespace {

SrgbPicture filled(int64_t width, int64_t height, std::initializer_list<float> colour) {
  SrgbPicture picture(width, height);
  for (int64_t i = 0; i < width * height; ++i) std::copy(colour.begin(), colour.end(), picture.data.data() + 4 * i);
  return picture;
}

SrgbPicture scaled(const SrgbPicture& source, int64_t width, int64_t height) {
  SrgbPicture target(width, height);
  resample(source.view(), target.span());
  return target;
}

TEST(resample, one_colour_stays_one_colour_at_every_size) {
  struct Size {
    int64_t width, height;
  };
  const Size sizes[] = {{1, 1}, {257, 259}, {64, 3}, {2, 500}, {1000, 1}};
  for (const float alpha : {1.0f, 0.25f})
    for (const Size from : sizes)
      for (const Size to : sizes) {
        const SrgbPicture target =
            scaled(filled(from.width, from.height, {0.2f, 1.5f, -0.25f, alpha}), to.width, to.height);
        const float wanted[] = {0.2f, 1.5f, -0.25f, alpha};
        for (size_t i = 0; i < target.data.size(); ++i) ASSERT_NEAR(target.data[i], wanted[i % 4], 1e-4f);
        for (size_t i = 3; i < target.data.size() && alpha == 1; i += 4) ASSERT_EQ(target.data[i], 1);
      }
}

TEST(resample, shrinking_averages_areas) {
  SrgbPicture source(6, 4);
  for (size_t i = 0; i < source.data.size(); ++i) source.data[i] = i % 4 == 3 ? 1 : float((i * 37) % 101) / 100;
  const SrgbPicture half = scaled(source, 3, 2);
  for (int64_t y = 0; y < 2; ++y)
    for (int64_t x = 0; x < 3; ++x)
      for (int c = 0; c < 3; ++c) {
        const auto at = [&](int64_t i, int64_t j) { return source.view().row(2 * y + j)[4 * (2 * x + i) + c]; };
        EXPECT_NEAR(half.view().row(y)[4 * x + c], (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4, 1e-5f);
      }
  const SrgbPicture one = scaled(source, 1, 1);
  double mean = 0;
  for (size_t i = 0; i < source.data.size(); i += 4) mean += source.data[i] / 24;
  EXPECT_NEAR(one.data[0], mean, 1e-5);
}

TEST(resample, growing_keeps_a_ramp) {
  SrgbPicture source(40, 2);
  for (int64_t i = 0; i < 80; ++i) {
    std::fill_n(source.data.data() + 4 * i, 3, float(i % 40) / 40);
    source.data[size_t(4 * i + 3)] = 1;
  }
  const SrgbPicture large = scaled(source, 120, 5);
  for (int64_t x = 9; x < 111; ++x) EXPECT_NEAR(large.view().row(2)[4 * x], ((double(x) + 0.5) / 3 - 0.5) / 40, 2e-3);
}

TEST(resample, hidden_colours_do_not_bleed) {
  // Red on the left; on the right fully transparent pixels that hide a bright green.
  SrgbPicture source = filled(200, 100, {1, 0, 0, 1});
  for (int64_t y = 0; y < 100; ++y)
    for (int64_t x = 100; x < 200; ++x) {
      const float hidden[] = {0, 9, 0, 0};
      std::copy_n(hidden, 4, source.span().row(y) + 4 * x);
    }
  for (const auto& [width, height] : {std::pair<int64_t, int64_t>{31, 17}, {333, 250}, {67, 200}}) {
    const SrgbPicture target = scaled(source, width, height);
    for (size_t i = 0; i < target.data.size(); i += 4) {
      ASSERT_LE(std::abs(target.data[i + 1]), 1e-3f);
      ASSERT_NEAR(target.data[i], target.data[i + 3] > 0.01f ? 1.0f : target.data[i], 1e-3f);
      ASSERT_TRUE(target.data[i + 3] >= 0 && target.data[i + 3] <= 1);
    }
    EXPECT_NEAR(target.data[3], 1, 1e-6f);
    EXPECT_EQ(target.data[size_t(4 * width - 1)], 0);
  }
}

TEST(resample, same_size_is_a_copy) {
  SrgbPicture source = filled(7, 5, {0.1f, 0.2f, 0.3f, 1});
  source.data[20] = 0.9f;
  EXPECT_EQ(scaled(source, 7, 5).data, source.data);
}

TEST(resample, pictures_of_many_bands) {
  SrgbPicture source = filled(3000, 2500, {0.5f, 0.5f, 0.5f, 0.5f});
  for (int64_t y = 0; y < 2500; ++y)
    for (int64_t x = 0; x < 3000; ++x) source.span().row(y)[4 * x] = float(y) / 2500;
  const SrgbPicture target = scaled(source, 300, 250);
  for (int64_t y = 0; y < 250; ++y) ASSERT_NEAR(target.view().row(y)[4 * 150], (double(y) * 10 + 4.5) / 2500, 1e-4);
}

}  // namespace
}  // namespace pinxit
