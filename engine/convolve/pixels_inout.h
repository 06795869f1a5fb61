// SPDX-License-Identifier: Apache-2.0
//
// One vector of channels of one pixel, on its way in (Source) and out (Finish); and whole rows of pixels for the direct
// convolution. Included by kernels.cpp alone.
#pragma once

#include "engine/convolve/kernels.h"
#include "engine/convolve/vector.h"

namespace pinxit::convolve {
namespace {

/// A Source's curve for the channels c … c + lanes - 1.
struct Curve {
  Vector scale, shift, floor;
  PINXIT_INLINE Curve(const Source& s, int64_t c)
      : scale(s.scale ? load(s.scale + c) : splat(1.f)), shift(s.scale ? load(s.shift + c) : Vector{}),
        floor(s.relu ? Vector{} : splat(-__builtin_inff())) {}
};

template <bool curved, bool part>
PINXIT_INLINE Vector read_pixel(const Source& s, const Curve& curve, int64_t offset, int n) {
  Vector x = part ? load_part(s.data + offset, n) : load(s.data + offset);
  if constexpr (curved) {
    x = at_least(curve.floor, x * curve.scale + curve.shift);
    if (s.residual) x += part ? load_part(s.residual + offset, n) : load(s.residual + offset);
  }
  return x;
}

/// Writes values of the channels c … c + lanes - 1 and sums them.
struct Finisher {
  const Finish& f;
  Vector bias, floor, sum = {}, square = {};

  PINXIT_INLINE Finisher(const Finish& finish, int64_t c)
      : f(finish), bias(load(finish.bias + c)), floor(finish.relu ? Vector{} : splat(-__builtin_inff())) {}

  template <bool part>
  PINXIT_INLINE void write(float* out, int64_t offset, Vector x, int n) {
    x += bias;
    if (f.add) x += part ? load_part(f.add + offset, n) : load(f.add + offset);
    x = at_least(floor, x);
    if (f.gate) x = gated(x, part ? load_part(f.gate + offset, n) : load(f.gate + offset));
    if (f.sum) sum += x, square += x * x;
    part ? store_part(out + offset, x, n) : store(out + offset, x);
  }

  PINXIT_INLINE void keep_sums(int64_t c) {
    if (!f.sum) return;
    for (int i = 0; i < lanes; ++i) f.sum[c + i] += double(sum[i]), f.square[c + i] += double(square[i]);
  }
};

template <bool curved>
void gather_row(const Source& s, int64_t row, const int32_t* columns, int64_t pixel_stride, int64_t width,
                float* out) {
  const int64_t channels = s.channels;
  if (row < 0) {
    __builtin_memset(out, 0, size_t(width * channels) * sizeof(float));
    return;
  }
  if (!curved && pixel_stride == channels) {
    // Runs of neighbours are one copy.
    for (int64_t x = 0; x < width;) {
      int64_t end = x + 1;
      if (columns[x] < 0) {
        while (end < width && columns[end] < 0) ++end;
        __builtin_memset(out + x * channels, 0, size_t((end - x) * channels) * sizeof(float));
      } else {
        while (end < width && columns[end] == columns[end - 1] + 1) ++end;
        __builtin_memcpy(out + x * channels, s.data + row + columns[x] * pixel_stride,
                         size_t((end - x) * channels) * sizeof(float));
      }
      x = end;
    }
    return;
  }
  const int rest = int(channels % lanes);
  for (int64_t x = 0; x < width; ++x, out += channels) {
    if (columns[x] < 0) {
      __builtin_memset(out, 0, size_t(channels) * sizeof(float));
      continue;
    }
    const int64_t pixel = row + columns[x] * pixel_stride;
    int64_t c = 0;
    for (; c + lanes <= channels; c += lanes)
      store(out + c, read_pixel<curved, false>(s, Curve(s, c), pixel + c, lanes));
    if (rest) store_part(out + c, read_pixel<curved, true>(s, Curve(s, c), pixel + c, rest), rest);
  }
}

void gather_any_row(const Source& s, int64_t row, const int32_t* columns, int64_t pixel_stride, int64_t width,
                    float* out) {
  s.curved() ? gather_row<true>(s, row, columns, pixel_stride, width, out)
             : gather_row<false>(s, row, columns, pixel_stride, width, out);
}

void depthwise_row(const float* const* rows, int kernel_rows, int kernel_columns, int stride, int64_t channels,
                   const float* weights, int64_t width, float* m, int64_t m_stride) {
  for (int64_t x = 0; x < width; ++x)
    for (int64_t c = 0; c < channels; c += lanes) {
      Vector sum = {};
      const float* weight = weights + c;
      for (int i = 0; i < kernel_rows; ++i)
        for (int j = 0; j < kernel_columns; ++j, weight += m_stride)
          sum += load(rows[i] + (x * stride + j) * channels + c) * load(weight);
      store(m + x * m_stride + c, sum);
    }
}

void finish_row(const float* m, int64_t m_stride, const Finish& f, float* out, int64_t pixel_stride, int64_t width) {
  for (int64_t c = 0; c < f.channels; c += lanes) {
    const int n = f.channels - c < lanes ? int(f.channels - c) : lanes;
    Finisher finisher(f, c);
    if (n == lanes)
      for (int64_t x = 0; x < width; ++x)
        finisher.write<false>(out, x * pixel_stride + c, load(m + x * m_stride + c), n);
    else
      for (int64_t x = 0; x < width; ++x)
        finisher.write<true>(out, x * pixel_stride + c, load(m + x * m_stride + c), n);
    finisher.keep_sums(c);
  }
}

}  // namespace
}  // namespace pinxit::convolve
