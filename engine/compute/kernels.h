// SPDX-License-Identifier: Apache-2.0
//
// The inner loops between the convolutions, for the CPU: plain C++ over rows of NHWC memory, compiled once per
// instruction set (portable, AVX2, AVX-512) and chosen at run time. Single-threaded; callers share rows out.
//
// bf16 is passed as uint16_t: the upper half of a float, rounded to nearest even.
#pragma once

#include <cstdint>

namespace pinxit {

/// How a raw convolution output becomes an activation: scale·x + shift per channel, then ReLU. Null scale: identity.
struct ChannelCurve {
  const float* scale = nullptr;
  const float* shift = nullptr;
  bool relu = false;
};

struct Kernels {
  const char* name;

  /// One row of a gather: for x < width: out[x] = curve(in[columns[x]]) over `channels` values, zero where the column
  /// is -1 or `in` is null.
  void (*gather_f32_f32)(const float* in, float* out, const int32_t* columns, int64_t width, int64_t channels,
                         ChannelCurve curve);
  void (*gather_bf16_bf16)(const uint16_t* in, uint16_t* out, const int32_t* columns, int64_t width, int64_t channels,
                           ChannelCurve curve);
  void (*gather_f32_bf16)(const float* in, uint16_t* out, const int32_t* columns, int64_t width, int64_t channels,
                          ChannelCurve curve);
  void (*gather_bf16_f32)(const uint16_t* in, float* out, const int32_t* columns, int64_t width, int64_t channels,
                          ChannelCurve curve);

  /// sum[c] += Σ in, square[c] += Σ in², over `pixels` pixels.
  void (*sums_f32)(const float* in, int64_t pixels, int64_t channels, double* sum, double* square);
  void (*sums_bf16)(const uint16_t* in, int64_t pixels, int64_t channels, double* sum, double* square);

  /// sum[i] += in[i], i < n: the residual sum.
  void (*add_f32)(const float* in, float* sum, int64_t n);
  void (*add_bf16)(const uint16_t* in, uint16_t* sum, int64_t n);

  /// One row of a residual sum: term = curve(in) + term_curve(term).
  void (*residual_f32)(const float* in, ChannelCurve curve, float* term, ChannelCurve term_curve, int64_t width,
                       int64_t channels);

  /// out[2x + p] = in_p[x] for the two column phases p, whole pixels of `bytes` bytes; columns first … first+width-1
  /// of the doubled row are written.
  void (*interleave)(const void* even, const void* odd, void* out, int64_t first, int64_t width, int64_t bytes);

  /// The horizontal half of a k×k convolution split into k×1: out[x][c] = bias[c] + Σ_t in[x + t][c·k + t].
  void (*shifted_sum)(const float* in, float* out, int64_t width, int64_t channels, int64_t k, const float* bias);
};

/// The fastest set this machine runs.
const Kernels& kernels();

}  // namespace pinxit
