// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/finish.h"

#include <algorithm>

namespace pinxit {
namespace {

float unit(float value) { return value > 0 ? (value < 1 ? value : 1.f) : 0.f; }
float luma(float r, float g, float b) { return 0.299f * r + 0.587f * g + 0.114f * b; }

}  // namespace

void finish_row(const Finish& finish, const float* styled, const float* source, float* result, int64_t width) {
  const float share = finish.strength;
  for (int64_t x = 0; x < width; ++x, styled += 3, source += 4, result += 4) {
    float colour[3] = {unit(styled[0] * (1 / 255.f)), unit(styled[1] * (1 / 255.f)), unit(styled[2] * (1 / 255.f))};
    if (finish.keep_colors) {
      // Cb and Cr of the source stay when the same amount is added to R', G' and B'.
      const float source_unit[3] = {unit(source[0]), unit(source[1]), unit(source[2])};
      const float lift = luma(colour[0], colour[1], colour[2]) - luma(source_unit[0], source_unit[1], source_unit[2]);
      for (int c = 0; c < 3; ++c) colour[c] = unit(source_unit[c] + lift);
    }
    for (int c = 0; c < 3; ++c) result[c] = share >= 1 ? colour[c] : source[c] + share * (colour[c] - source[c]);
    result[3] = source[3];
  }
}

}  // namespace pinxit
