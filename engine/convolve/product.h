// SPDX-License-Identifier: Apache-2.0
//
// The matrix product under every convolution here: rows of A (pixels or tiles) times packed weights. A block of R rows
// and N vectors of columns stays in registers; R·N + N + 1 vectors must fit. Included by kernels.cpp alone.
#pragma once

#include "engine/convolve/kernels.h"
#include "engine/convolve/vector.h"

namespace pinxit::convolve {
namespace {

/// Rows per register block for N vectors of columns.
constexpr int block_rows(int vectors) {
  constexpr bool many = group_vectors == 4;  // 32 registers
  switch (vectors) {
    case 1: return 12;
    case 2: return many ? 12 : 6;
    case 3: return 8;
    default: return 6;
  }
}

template <int R, int N>
void block(const Product& p, int64_t row, const float* __restrict b, float* __restrict c) {
  const int64_t a_stride = p.a_stride, c_stride = p.c_stride;
  bool first = !p.accumulate;
  int64_t room = p.partial;  // products that may still join the sums in registers
  Vector sum[R][N];
  for (int r = 0; r < R; ++r)
    for (int n = 0; n < N; ++n) sum[r][n] = Vector{};
  for (int64_t s = 0; s < p.segments; ++s) {
    const float* __restrict a = p.a[s] + row * a_stride;
    for (int64_t from = 0; from < p.depth;) {
      const int64_t to = p.depth - from < room ? p.depth : from + room;
      room -= to - from;
      for (int64_t k = from; k < to; ++k, b += N * lanes) {
        Vector weight[N];
        for (int n = 0; n < N; ++n) weight[n] = load(b + n * lanes);
#pragma GCC unroll 12
        for (int r = 0; r < R; ++r) {
          const Vector x = splat(a[r * a_stride + k]);
          for (int n = 0; n < N; ++n) sum[r][n] += x * weight[n];
        }
      }
      from = to;
      if (room > 0 && (s + 1 < p.segments || from < p.depth)) continue;
      for (int r = 0; r < R; ++r)
        for (int n = 0; n < N; ++n) {
          float* total = c + r * c_stride + n * lanes;
          store(total, first ? sum[r][n] : load(total) + sum[r][n]);
          sum[r][n] = Vector{};
        }
      first = false;
      room = p.partial;
    }
  }
}

/// Dispatches on the number of rows, 1 … R.
template <int R, int N>
PINXIT_INLINE void some_rows(int rows, const Product& p, int64_t row, const float* b, float* c) {
  if (rows == R) return block<R, N>(p, row, b, c);
  if constexpr (R > 1) some_rows<R - 1, N>(rows, p, row, b, c);
}

/// All rows of one group of N vectors, in blocks of nearly equal height.
template <int N>
void panel(const Product& p, const float* b, float* c) {
  constexpr int most = block_rows(N);
  int64_t blocks = (p.rows + most - 1) / most;
  for (int64_t row = 0; row < p.rows; --blocks) {
    const int rows = int((p.rows - row + blocks - 1) / blocks);
    some_rows<most, N>(rows, p, row, b, c + row * p.c_stride);
    row += rows;
  }
}

void product(const Product& p) {
  constexpr int group = group_vectors * lanes;
  for (int64_t first = 0; first < p.columns; first += group) {
    const int vectors = int(p.columns - first < group ? (p.columns - first) / lanes : group_vectors);
    const float* b = p.b + first * p.b_depth + p.b_first * vectors * lanes;
    float* c = p.c + first;
    switch (vectors) {
      case 1: panel<1>(p, b, c); break;
      case 2: panel<2>(p, b, c); break;
      case 3: if constexpr (group_vectors > 2) panel<3>(p, b, c); break;
      default: if constexpr (group_vectors > 2) panel<4>(p, b, c); break;
    }
  }
}

}  // namespace
}  // namespace pinxit::convolve
