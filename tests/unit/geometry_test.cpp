// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/geometry.h"

#include <gtest/gtest.h>

namespace pinxit {
namespace {

TEST(Reflected, mirrors_without_repeating_the_border) {
  EXPECT_EQ(reflected(-1, 5), 1);
  EXPECT_EQ(reflected(-4, 5), 4);
  EXPECT_EQ(reflected(5, 5), 3);
  EXPECT_EQ(reflected(8, 5), 0);
  EXPECT_EQ(reflected(2, 5), 2);
}

TEST(Reflected, goes_on_mirroring_when_the_picture_is_smaller_than_the_border) {
  EXPECT_EQ(reflected(-4, 2), 0);
  EXPECT_EQ(reflected(-3, 2), 1);
  for (int i = -40; i < 40; ++i) EXPECT_EQ(reflected(i, 1), 0);
  for (int i = -40; i < 40; ++i) EXPECT_EQ(reflected(i, 3), reflected(i + 4, 3));
}

TEST(Axis, sizes_follow_the_frameworks) {
  const AxisGeometry same{3, 2, Padding::zero_same}, mirror{3, 2, Padding::reflect}, large{9, 1, Padding::reflect};
  EXPECT_EQ(same.output_size(251), 126);
  EXPECT_EQ(mirror.output_size(251), 126);
  EXPECT_EQ(mirror.output_size(256), 128);
  EXPECT_EQ(large.output_size(77), 77);
  EXPECT_EQ((AxisGeometry{2, 1, Padding::replicate, true}.output_size(63)), 126);
}

TEST(Axis, tensorflow_pads_an_even_size_only_at_its_end) {
  const AxisGeometry same{3, 2, Padding::zero_same};
  EXPECT_EQ(same.before(256), 0);
  EXPECT_EQ(same.before(255), 1);
  const std::vector<int32_t> end{254, 255, -1};
  EXPECT_EQ(same.table({127, 128}, 256), end);
}

TEST(Axis, tables_hold_mirrored_repeated_and_zero_indices) {
  const std::vector<int32_t> mirrored{2, 1, 0, 1, 2, 3, 4}, zero{-1, -1, 0, 1, 2, 3, 4}, repeated{0, 0, 1, 2};
  EXPECT_EQ((AxisGeometry{5, 1, Padding::reflect}.table({0, 3}, 10)), mirrored);
  EXPECT_EQ((AxisGeometry{5, 1, Padding::zero_same}.table({0, 3}, 10)), zero);
  EXPECT_EQ((AxisGeometry{2, 1, Padding::replicate, true}.table({0, 4}, 8)), repeated);
}

/// Whatever part of the output is asked for, its table is the matching part of the whole table, and `needs` covers it.
TEST(Axis, parts_agree_with_the_whole) {
  const std::vector<AxisGeometry> all = {{9, 1, Padding::reflect},   {3, 2, Padding::reflect}, {3, 1, Padding::zero_same},
                                         {3, 2, Padding::zero_same}, {2, 1, Padding::replicate, true},
                                         {2, 1, Padding::zero_same, true}};
  for (const auto& axis : all)
    for (const int64_t n : {1, 2, 5, 6, 17, 32}) {
      const int64_t size = axis.output_size(n);
      const Span whole{0, size};
      const auto table = axis.table(whole, n);
      for (int64_t first = 0; first < size; ++first)
        for (int64_t last = first + 1; last <= size; ++last) {
          const auto part = axis.table({first, last}, n);
          const int64_t offset = axis.reach({first, last}, n).first - axis.reach(whole, n).first;
          ASSERT_GE(offset, 0);
          ASSERT_LE(offset + int64_t(part.size()), int64_t(table.size()));
          const Span needs = axis.needs({first, last}, n);
          for (size_t i = 0; i < part.size(); ++i) {
            ASSERT_EQ(part[i], table[size_t(offset) + i]);
            if (part[i] >= 0) ASSERT_TRUE(part[i] >= needs.first && part[i] < needs.last);
          }
        }
    }
}

}  // namespace
}  // namespace pinxit
