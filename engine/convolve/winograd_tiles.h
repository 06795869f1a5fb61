// SPDX-License-Identifier: Apache-2.0
//
// Winograd's transforms of one tile, all channels: pixels -> V (one value per point) and M -> pixels. The
// normalisation, ReLU and residual sum of the layer before happen while pixels are read; bias, ReLU, gate and sums
// while they are written. Included by kernels.cpp alone.
#pragma once

#include "engine/convolve/kernels.h"
#include "engine/convolve/pixels_inout.h"
#include "engine/convolve/vector.h"
#include "engine/convolve/winograd_points.h"

namespace pinxit::convolve {
namespace {

/// Bᵀ·x in place. Rows +p and -p are E(x²)·x² ± p·E(x²)·x with E the polynomial of the other pairs.
template <class P>
PINXIT_INLINE void forwards(Vector (&x)[P::size]) {
  static constexpr InputTransform<P> t;
  Vector out[P::size];
  Vector first = x[2 * P::pairs], last = x[2 * P::pairs + 1];
#pragma GCC unroll 8
  for (int k = 0; k < P::pairs; ++k) first += t.all[k] * x[2 * k], last += t.all[k] * x[2 * k + 1];
  out[0] = first, out[P::size - 1] = last;
#pragma GCC unroll 8
  for (int i = 0; i < P::pairs; ++i) {
    Vector even = x[2 * P::pairs], odd = x[2 * P::pairs - 1];
#pragma GCC unroll 8
    for (int k = 0; k + 1 < P::pairs; ++k) even += t.rest[i][k] * x[2 * k + 2], odd += t.rest[i][k] * x[2 * k + 1];
    out[1 + 2 * i] = even + t.point[i] * odd;
    out[2 + 2 * i] = even - t.point[i] * odd;
  }
#pragma GCC unroll 8
  for (int i = 0; i < P::size; ++i) x[i] = out[i];
}

/// y = Aᵀ·x: y[i] = Σ_j a_j^i x[j], + the point at infinity in the last.
template <class P>
PINXIT_INLINE void backwards(const Vector (&x)[P::products], Vector (&y)[P::outputs]) {
  static constexpr OutputTransform<P> t;
#pragma GCC unroll 8
  for (int i = 0; i < P::outputs; ++i) y[i] = Vector{};
  y[0] = x[0], y[P::outputs - 1] = x[P::size - 1];
#pragma GCC unroll 8
  for (int k = 0; k < P::pairs; ++k) {
    const Vector sum = x[1 + 2 * k] + x[2 + 2 * k], difference = x[1 + 2 * k] - x[2 + 2 * k];
#pragma GCC unroll 8
    for (int i = 0; i < P::outputs; ++i) y[i] += t.power[k][i] * (i % 2 ? difference : sum);
  }
}

/// F(3, 2) at 0, 1, -1, infinity.
template <>
PINXIT_INLINE void forwards<PointsDoubled>(Vector (&x)[4]) {
  const Vector zero = x[2] - x[0], one = x[2] + x[1], minus = x[2] - x[1], infinity = x[3] - x[1];
  x[0] = zero, x[1] = one, x[2] = minus, x[3] = infinity;
}

/// Both phases of the doubled axis, interleaved: odd, even, odd … (winograd_points.h).
template <>
PINXIT_INLINE void backwards<PointsDoubled>(const Vector (&x)[7], Vector (&y)[6]) {
  y[0] = x[1] + x[2] + x[4], y[2] = x[2] - x[4], y[4] = x[2] + x[4] + x[6];
  y[1] = x[0] + x[2] + x[3], y[3] = x[2] - x[3], y[5] = x[2] + x[3] + x[5];
}

template <class P, bool curved, bool whole, bool part>
PINXIT_INLINE void input_lanes(const Source& s, const int64_t* rows, const int64_t* columns, float* v, int64_t plane,
                               int64_t c, int n) {
  Vector grid[P::size][P::size];
  const Curve curve(s, c);
  for (int j = 0; j < P::size; ++j) {
    Vector x[P::size];
#pragma GCC unroll 8
    for (int i = 0; i < P::size; ++i)
      x[i] = whole || (rows[i] >= 0 && columns[j] >= 0)
                 ? read_pixel<curved, part>(s, curve, rows[i] + columns[j] + c, n)
                 : Vector{};
    forwards<P>(x);
#pragma GCC unroll 8
    for (int i = 0; i < P::size; ++i) grid[i][j] = x[i];
  }
  for (int i = 0; i < P::size; ++i) {
    Vector x[P::size];
#pragma GCC unroll 8
    for (int j = 0; j < P::size; ++j) x[j] = grid[i][j];
    forwards<P>(x);
#pragma GCC unroll 8
    for (int j = 0; j < P::size; ++j) store(v + (i * P::size + j) * plane + c, x[j]);
  }
}

template <class P, bool curved, bool whole>
void input_channels(const Source& s, const int64_t* rows, const int64_t* columns, float* v, int64_t plane) {
  int64_t c = 0;
  for (; c + lanes <= s.channels; c += lanes)
    input_lanes<P, curved, whole, false>(s, rows, columns, v, plane, c, lanes);
  if (c < s.channels) input_lanes<P, curved, whole, true>(s, rows, columns, v, plane, c, int(s.channels - c));
}

template <class P>
void input_tile(const Source& s, const int64_t* rows, const int64_t* columns, float* v, int64_t plane) {
  bool whole = true;
  for (int i = 0; i < P::size; ++i) whole = whole && rows[i] >= 0 && columns[i] >= 0;
  if (s.curved())
    whole ? input_channels<P, true, true>(s, rows, columns, v, plane)
          : input_channels<P, true, false>(s, rows, columns, v, plane);
  else
    whole ? input_channels<P, false, true>(s, rows, columns, v, plane)
          : input_channels<P, false, false>(s, rows, columns, v, plane);
}

/// `out` is the pixel (cut.row, cut.column) of the tile.
template <class P, bool whole, bool part>
PINXIT_INLINE void output_lanes(const float* m, int64_t plane, const Finish& f, float* out, int64_t row_stride,
                                int64_t pixel_stride, const Cut& cut, int64_t c, int n) {
  Vector grid[P::outputs][P::products];
  for (int j = 0; j < P::products; ++j) {
    Vector x[P::products], y[P::outputs];
#pragma GCC unroll 8
    for (int i = 0; i < P::products; ++i) x[i] = load(m + (i * P::products + j) * plane + c);
    backwards<P>(x, y);
#pragma GCC unroll 8
    for (int i = 0; i < P::outputs; ++i) grid[i][j] = y[i];
  }
  Finisher finisher(f, c);
  const int first_row = whole ? 0 : cut.row, last_row = whole ? P::outputs : cut.row + cut.rows;
  const int first = whole ? 0 : cut.column, last = whole ? P::outputs : cut.column + cut.columns;
  for (int i = first_row; i < last_row; ++i) {
    Vector x[P::products], y[P::outputs];
#pragma GCC unroll 8
    for (int j = 0; j < P::products; ++j) x[j] = grid[i][j];
    backwards<P>(x, y);
    const int64_t row = (i - first_row) * row_stride + c;
#pragma GCC unroll 8
    for (int j = 0; j < P::outputs; ++j)
      if (whole || (j >= first && j < last))
        finisher.template write<part>(out, row + (j - first) * pixel_stride, y[j], n);
  }
  finisher.keep_sums(c);
}

template <class P, bool whole>
void output_channels(const float* m, int64_t plane, const Finish& f, float* out, int64_t row_stride,
                     int64_t pixel_stride, const Cut& cut) {
  int64_t c = 0;
  for (; c + lanes <= f.channels; c += lanes)
    output_lanes<P, whole, false>(m, plane, f, out, row_stride, pixel_stride, cut, c, lanes);
  if (c < f.channels)
    output_lanes<P, whole, true>(m, plane, f, out, row_stride, pixel_stride, cut, c, int(f.channels - c));
}

template <class P>
void output_tile(const float* m, int64_t plane, const Finish& f, float* out, int64_t row_stride, int64_t pixel_stride,
                 const Cut& cut) {
  if (cut.rows == P::outputs && cut.columns == P::outputs)
    output_channels<P, true>(m, plane, f, out, row_stride, pixel_stride, cut);
  else
    output_channels<P, false>(m, plane, f, out, row_stride, pixel_stride, cut);
}

}  // namespace
}  // namespace pinxit::convolve
