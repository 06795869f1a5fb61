// SPDX-License-Identifier: Apache-2.0
//
// Floats aligned to cache lines, zero at first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>

namespace pinxit::convolve {

struct AlignedDelete {
  void operator()(float* p) const { ::operator delete[](p, std::align_val_t(64)); }
};
using AlignedFloats = std::unique_ptr<float[], AlignedDelete>;

inline AlignedFloats aligned_floats(size_t count) {
  auto* p = static_cast<float*>(::operator new[](count * sizeof(float), std::align_val_t(64)));
  std::memset(p, 0, count * sizeof(float));
  return AlignedFloats(p);
}

/// Rounds up to a multiple of `unit`.
constexpr int64_t rounded_up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

/// Hands out aligned pieces of one workspace, in order.
class Carver {
 public:
  explicit Carver(float* start)
      : next_(reinterpret_cast<float*>((reinterpret_cast<uintptr_t>(start) + 63) / 64 * 64)) {}
  float* take(int64_t floats) {
    float* piece = next_;
    next_ += rounded_up(floats, 16);
    return piece;
  }

 private:
  float* next_;
};

}  // namespace pinxit::convolve
