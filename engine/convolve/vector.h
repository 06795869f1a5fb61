// SPDX-License-Identifier: Apache-2.0
//
// The vector type of the instruction set a kernel file is compiled for. Everything here has internal linkage: the same
// names mean different things in each build. A vector must not be wider than the target's registers (8× slower code).
#pragma once

#include <cstdint>

#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace pinxit::convolve {
namespace {

// Accumulators of the product: as many vectors of columns as leave room for six rows of them in the registers.
#if defined(__AVX512F__)
constexpr int lanes = 16, group_vectors = 4;
#elif defined(__AVX__)
constexpr int lanes = 8, group_vectors = 2;
#elif defined(__aarch64__)
constexpr int lanes = 4, group_vectors = 4;
#else
constexpr int lanes = 4, group_vectors = 2;
#endif

typedef float Vector __attribute__((vector_size(4 * lanes)));
typedef float LooseVector __attribute__((vector_size(4 * lanes), aligned(4), may_alias));

#define PINXIT_INLINE inline __attribute__((always_inline))

PINXIT_INLINE Vector load(const float* p) { return *reinterpret_cast<const LooseVector*>(p); }
PINXIT_INLINE void store(float* p, Vector v) { *reinterpret_cast<LooseVector*>(p) = v; }
PINXIT_INLINE Vector splat(float x) { return x - Vector{}; }

// Sanitizers do not look into masked loads and stores.
#if defined(__AVX512F__) && !defined(__SANITIZE_ADDRESS__)
#define PINXIT_MASKED
#endif

/// The first n < lanes floats, zeros behind them.
PINXIT_INLINE Vector load_part(const float* p, int n) {
#if defined(PINXIT_MASKED)
  return _mm512_maskz_loadu_ps(__mmask16((1u << n) - 1), p);
#else
  Vector v = {};
  for (int i = 0; i < lanes; ++i)
    if (i < n) v[i] = p[i];
  return v;
#endif
}
PINXIT_INLINE void store_part(float* p, Vector v, int n) {
#if defined(PINXIT_MASKED)
  _mm512_mask_storeu_ps(p, __mmask16((1u << n) - 1), v);
#else
  for (int i = 0; i < lanes; ++i)
    if (i < n) p[i] = v[i];
#endif
}

/// The larger of the two; NaN in x stays.
PINXIT_INLINE Vector at_least(Vector floor, Vector x) {
#if defined(__AVX512F__)
  return _mm512_max_ps(floor, x);
#elif defined(__AVX__)
  return _mm256_max_ps(floor, x);
#else
  return floor > x ? floor : x;
#endif
}

/// x where gate > 0, else 0.
PINXIT_INLINE Vector gated(Vector x, Vector gate) {
#if defined(__AVX512F__)
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(gate, _mm512_setzero_ps(), _CMP_GT_OQ), x);
#else
  return gate > Vector{} ? x : Vector{};
#endif
}

}  // namespace
}  // namespace pinxit::convolve
