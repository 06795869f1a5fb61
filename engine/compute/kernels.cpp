// SPDX-License-Identifier: Apache-2.0
//
// Compiled once per instruction set with PINXIT_KERNELS naming the table. Includes nothing that has inline functions
// of its own: an inline function compiled here for AVX-512 could be linked into programs for lesser machines.
#include "engine/compute/kernels.h"

namespace pinxit {
namespace {

inline float load(const float* p) { return *p; }
inline float load(const uint16_t* p) {
  const uint32_t bits = uint32_t(*p) << 16;
  float value;
  __builtin_memcpy(&value, &bits, 4);
  return value;
}
inline void store(float* p, float value) { *p = value; }
inline void store(uint16_t* p, float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, 4);
  *p = uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

template <int fixed, class In, class Out>
void gather_fixed(const In* __restrict in, Out* __restrict out, const int32_t* columns, int64_t width,
                  int64_t channels, ChannelCurve curve) {
  const int64_t n = fixed ? fixed : channels;
  const float* __restrict scale = curve.scale;
  const float* __restrict shift = curve.shift;
  const float floor = curve.relu ? 0.f : -__builtin_inff();
  for (int64_t x = 0; x < width; ++x, out += n) {
    const int32_t column = columns[x];
    if (column < 0) {
      for (int64_t c = 0; c < n; ++c) store(out + c, 0.f);
      continue;
    }
    const In* __restrict pixel = in + column * n;
    if (scale) {
#pragma GCC ivdep
      for (int64_t c = 0; c < n; ++c) {
        const float value = scale[c] * load(pixel + c) + shift[c];
        store(out + c, value > floor ? value : floor);
      }
    } else {
#pragma GCC ivdep
      for (int64_t c = 0; c < n; ++c) {
        const float value = load(pixel + c);
        store(out + c, value > floor ? value : floor);
      }
    }
  }
}

template <class In, class Out>
void gather(const In* in, Out* out, const int32_t* columns, int64_t width, int64_t channels, ChannelCurve curve) {
  if (!in) {
    for (int64_t i = 0; i < width * channels; ++i) store(out + i, 0.f);
    return;
  }
  switch (channels) {
    case 4: return gather_fixed<4>(in, out, columns, width, channels, curve);
    case 8: return gather_fixed<8>(in, out, columns, width, channels, curve);
    case 16: return gather_fixed<16>(in, out, columns, width, channels, curve);
    case 32: return gather_fixed<32>(in, out, columns, width, channels, curve);
    case 64: return gather_fixed<64>(in, out, columns, width, channels, curve);
    case 128: return gather_fixed<128>(in, out, columns, width, channels, curve);
    default: return gather_fixed<0>(in, out, columns, width, channels, curve);
  }
}

template <class In>
void sums(const In* __restrict in, int64_t pixels, int64_t channels, double* __restrict sum,
          double* __restrict square) {
  // Blocks of 64 channels keep both accumulators in registers.
  for (int64_t first = 0; first < channels; first += 32) {
    const int64_t n = channels - first < 32 ? channels - first : 32;
    double s[32] = {}, q[32] = {};
    if (n == 32) {
      for (int64_t p = 0; p < pixels; ++p) {
        const In* __restrict pixel = in + p * channels + first;
#pragma GCC ivdep
        for (int c = 0; c < 32; ++c) {
          const double value = load(pixel + c);
          s[c] += value;
          q[c] += value * value;
        }
      }
    } else {
      for (int64_t p = 0; p < pixels; ++p) {
        const In* __restrict pixel = in + p * channels + first;
        for (int64_t c = 0; c < n; ++c) {
          const double value = load(pixel + c);
          s[c] += value;
          q[c] += value * value;
        }
      }
    }
    for (int64_t c = 0; c < n; ++c) sum[first + c] += s[c], square[first + c] += q[c];
  }
}

template <class T>
void add(const T* __restrict in, T* __restrict sum, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) store(sum + i, load(sum + i) + load(in + i));
}

template <bool plain_term>
void residual_rows(const float* __restrict in, ChannelCurve curve, float* __restrict term, ChannelCurve term_curve,
                   int64_t width, int64_t channels) {
  const float floor = curve.relu ? 0.f : -__builtin_inff(), term_floor = term_curve.relu ? 0.f : -__builtin_inff();
  const float *__restrict scale = curve.scale, *__restrict shift = curve.shift;
  const float *__restrict term_scale = term_curve.scale, *__restrict term_shift = term_curve.shift;
  for (int64_t x = 0; x < width; ++x, in += channels, term += channels) {
#pragma GCC ivdep
    for (int64_t c = 0; c < channels; ++c) {
      const float value = scale ? scale[c] * in[c] + shift[c] : in[c];
      const float bent = plain_term || !term_scale ? term[c] : term_scale[c] * term[c] + term_shift[c];
      term[c] = (value > floor ? value : floor) + (plain_term || bent > term_floor ? bent : term_floor);
    }
  }
}

void residual(const float* in, ChannelCurve curve, float* term, ChannelCurve term_curve, int64_t width,
              int64_t channels) {
  term_curve.scale || term_curve.relu ? residual_rows<false>(in, curve, term, term_curve, width, channels)
                                      : residual_rows<true>(in, curve, term, term_curve, width, channels);
}

void interleave(const void* even, const void* odd, void* out, int64_t first, int64_t width, int64_t bytes) {
  const char* phase[2] = {static_cast<const char*>(even), static_cast<const char*>(odd)};
  char* target = static_cast<char*>(out);
  for (int64_t x = first; x < first + width; ++x, target += bytes)
    __builtin_memcpy(target, phase[x & 1] + (x >> 1) * bytes, bytes);
}

template <int channels_fixed, int k_fixed>
void shifted_sum_fixed(const float* __restrict in, float* __restrict out, int64_t width, int64_t channels, int64_t k,
                       const float* __restrict bias) {
  const int64_t n = channels_fixed ? channels_fixed : channels, taps = k_fixed ? k_fixed : k;
  for (int64_t x = 0; x < width; ++x)
    for (int64_t c = 0; c < n; ++c) {
      float value = bias[c];
      for (int64_t t = 0; t < taps; ++t) value += in[(x + t) * n * taps + c * taps + t];
      out[x * n + c] = value;
    }
}

void shifted_sum(const float* in, float* out, int64_t width, int64_t channels, int64_t k, const float* bias) {
  if (channels == 3 && k == 9) return shifted_sum_fixed<3, 9>(in, out, width, channels, k, bias);
  shifted_sum_fixed<0, 0>(in, out, width, channels, k, bias);
}

}  // namespace

#define PINXIT_STRING2(x) #x
#define PINXIT_STRING(x) PINXIT_STRING2(x)
extern const Kernels PINXIT_KERNELS;
const Kernels PINXIT_KERNELS = {PINXIT_STRING(PINXIT_KERNELS), gather<float, float>, gather<uint16_t, uint16_t>,
                                gather<float, uint16_t>, gather<uint16_t, float>, sums<float>, sums<uint16_t>,
                                add<float>, add<uint16_t>, residual, interleave, shifted_sum};

}  // namespace pinxit
