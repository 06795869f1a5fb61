// SPDX-License-Identifier: Apache-2.0
//
// One row of pooling, forwards and back. Included by kernels.cpp alone.
#pragma once

#include "engine/convolve/kernels.h"
#include "engine/convolve/vector.h"

namespace pinxit::convolve {
namespace {

/// Calls body<part>(first channel, channels) for whole vectors and the rest.
template <class Body>
PINXIT_INLINE void over_channels(int64_t channels, Body body) {
  int64_t c = 0;
  for (; c + lanes <= channels; c += lanes) body.template operator()<false>(c, lanes);
  if (c < channels) body.template operator()<true>(c, int(channels - c));
}

template <bool part>
PINXIT_INLINE Vector take(const float* p, int n) { return part ? load_part(p, n) : load(p); }
template <bool part>
PINXIT_INLINE void put(float* p, Vector v, int n) { part ? store_part(p, v, n) : store(p, v); }

template <bool maximum>
void pool_row(const float* upper, const float* lower, int64_t width, int64_t channels, float factor, float* out) {
  const Vector scale = splat(maximum ? factor : factor / 4);
  for (int64_t x = 0; x < width; ++x)
    over_channels(channels, [&]<bool part>(int64_t c, int n) __attribute__((always_inline)) {
      const int64_t left = 2 * x * channels + c, right = left + channels;
      const Vector a = take<part>(upper + left, n), b = take<part>(upper + right, n);
      const Vector d = take<part>(lower + left, n), e = take<part>(lower + right, n);
      const Vector value = maximum ? at_least(at_least(a, b), at_least(d, e)) : (a + b) + (d + e);
      put<part>(out + x * channels + c, value * scale, n);
    });
}

template <bool maximum>
void pool_gradient_row(const PoolBack& p) {
  const Vector scale = splat(maximum ? p.factor : p.factor / 4);
  for (int64_t x = 0; x < p.width; ++x)
    over_channels(p.channels, [&]<bool part>(int64_t c, int n) __attribute__((always_inline)) {
      const int64_t at[4] = {2 * x * p.channels + c, (2 * x + 1) * p.channels + c,
                             p.row_stride + 2 * x * p.channels + c, p.row_stride + (2 * x + 1) * p.channels + c};
      const Vector gradient = take<part>(p.pooled_gradient + x * p.channels + c, n) * scale;
      Vector value[4], given[4];
      for (int i = 0; i < 4; ++i) value[i] = take<part>(p.picture + at[i], n), given[i] = gradient;
      if (maximum) {
        const Vector top = at_least(at_least(value[0], value[1]), at_least(value[2], value[3]));
        auto taken = top != top;
        for (int i = 0; i < 4; ++i) {
          const auto here = (value[i] == top) & ~taken;
          given[i] = here ? gradient : Vector{};
          taken |= here;
        }
      }
      for (int i = 0; i < 4; ++i) {
        if (p.add) given[i] += take<part>(p.add + at[i], n);
        if (p.gated) given[i] = gated(given[i], value[i]);
        put<part>(p.gradient + at[i], given[i], n);
      }
    });
}

}  // namespace
}  // namespace pinxit::convolve
