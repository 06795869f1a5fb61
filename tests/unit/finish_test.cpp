// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/finish.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/operations/picture_source.h"

namespace pinxit {
namespace {

TEST(Finish, strength_blends_and_alpha_is_the_sources) {
  const float styled[6] = {255, 0, 127.5f, 300, -20, 0}, source[8] = {0.2f, 0.4f, 0.6f, 0.5f, 1.5f, -0.5f, 0, 1};
  float result[8];
  finish_row({1, false}, styled, source, result, 2);
  EXPECT_FLOAT_EQ(result[0], 1);
  EXPECT_FLOAT_EQ(result[2], 0.5f);
  EXPECT_FLOAT_EQ(result[3], 0.5f);
  EXPECT_FLOAT_EQ(result[4], 1);  // clamped
  EXPECT_FLOAT_EQ(result[5], 0);
  finish_row({0.25f, false}, styled, source, result, 2);
  EXPECT_FLOAT_EQ(result[0], 0.2f + 0.25f * 0.8f);
  finish_row({0, false}, styled, source, result, 2);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(result[i], source[i]);
}

TEST(Finish, keep_colors_takes_brightness_only) {
  const float source[4] = {0.3f, 0.4f, 0.5f, 1}, styled[3] = {200, 120, 100};
  float result[4];
  finish_row({1, true}, styled, source, result, 1);
  const auto luma = [](const float* p, float unit) { return (0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2]) / unit; };
  EXPECT_NEAR(luma(result, 1), luma(styled, 255), 1e-5);
  EXPECT_NEAR(result[2] - result[0], source[2] - source[0], 1e-5);  // chroma
  EXPECT_NEAR(result[1] - result[0], source[1] - source[0], 1e-5);
}

TEST(PictureSource, hidden_colours_do_not_bleed_and_odd_numbers_do_no_harm) {
  SrgbPicture picture(3, 1);
  picture.data = {0.2f, 0.4f, 0.6f, 1, NAN, 9, -9, 1, 1, 0, 1, 0};
  const VisibleMean mean = visible_mean(picture.view());
  EXPECT_FALSE(mean.opaque);
  EXPECT_NEAR(mean.colour[0], 0.1f, 1e-6);
  const PictureSource source(picture.view(), 2, mean);
  EXPECT_EQ(source.width(), 7);
  EXPECT_EQ(source.height(), 5);
  const auto tile = source.gather({2, -1}, {2, 3, 4, 1, -1});
  const auto at = [&](int y, int x, int c) { return tile[y][x][c].item<float>(); };
  EXPECT_NEAR(at(0, 0, 1), 0.4f * 255, 1e-4);
  EXPECT_EQ(at(0, 1, 0), 0);    // NaN
  EXPECT_EQ(at(0, 1, 1), 255);  // clamped
  EXPECT_NEAR(at(0, 2, 0), 255 * mean.colour[0], 1e-4);  // transparent: the visible mean
  EXPECT_EQ(at(0, 3, 1), at(0, 1, 1));  // mirrored border
  EXPECT_EQ(at(0, 4, 1), 0);
  EXPECT_EQ(at(1, 0, 0), 0);
}

TEST(PictureSource, an_invisible_picture_is_grey) {
  SrgbPicture picture(2, 2);
  const VisibleMean mean = visible_mean(picture.view());
  EXPECT_FLOAT_EQ(mean.colour[1], 0.5f);
}

}  // namespace
}  // namespace pinxit
