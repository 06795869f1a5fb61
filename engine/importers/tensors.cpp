// SPDX-License-Identifier: Apache-2.0
#include "engine/importers/tensors.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace pinxit {
namespace {

constexpr size_t piece_size = 1 << 20;  // bytes

/// Copies one row of `length` numbers that lie `stride` numbers apart.
void copy_row(std::byte* out, const std::byte* in, int64_t length, int64_t stride, size_t size) {
  if (stride == 1) {
    std::memcpy(out, in, size_t(length) * size);
    return;
  }
  for (int64_t i = 0; i < length; ++i) std::memcpy(out + size_t(i) * size, in + size_t(i * stride) * size, size);
}

template <class T>
T loaded(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

/// A float of `exponent_bits` and `mantissa_bits`; `finite_only` formats (E4M3) have NaN only in the last code.
float small_float(uint32_t bits, int exponent_bits, int mantissa_bits, bool finite_only = false) {
  const uint32_t mantissa = bits & ((1u << mantissa_bits) - 1);
  const uint32_t top = (1u << exponent_bits) - 1;
  const uint32_t exponent = bits >> mantissa_bits & top;
  const float sign = bits >> (exponent_bits + mantissa_bits) & 1 ? -1.f : 1.f;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  if (finite_only && exponent == top && mantissa == (1u << mantissa_bits) - 1) return std::nanf("");
  if (!finite_only && exponent == top) return mantissa ? std::nanf("") : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(float(mantissa), 1 - bias - mantissa_bits);
  return sign * std::ldexp(float(mantissa | 1u << mantissa_bits), int(exponent) - bias - mantissa_bits);
}

float as_float(const std::byte* at, NumberType type) {
  switch (type) {
    case NumberType::f64:
      return float(loaded<double>(at));
    case NumberType::f32:
      return loaded<float>(at);
    case NumberType::f16:
      return small_float(loaded<uint16_t>(at), 5, 10);
    case NumberType::bf16:
      return small_float(loaded<uint16_t>(at), 8, 7);
    case NumberType::f8_e4m3:
      return small_float(loaded<uint8_t>(at), 4, 3, true);
    case NumberType::f8_e5m2:
      return small_float(loaded<uint8_t>(at), 5, 2);
    case NumberType::i64:
      return float(loaded<int64_t>(at));
    case NumberType::i32:
      return float(loaded<int32_t>(at));
    case NumberType::i16:
      return float(loaded<int16_t>(at));
    case NumberType::i8:
      return float(loaded<int8_t>(at));
    case NumberType::u64:
      return float(loaded<uint64_t>(at));
    case NumberType::u32:
      return float(loaded<uint32_t>(at));
    case NumberType::u16:
      return float(loaded<uint16_t>(at));
    case NumberType::u8:
    case NumberType::boolean:
      return float(loaded<uint8_t>(at));
  }
  return 0;
}

}  // namespace

int64_t StoredTensor::count() const {
  int64_t count = 1;
  for (const int64_t length : shape) count *= length;
  return count;
}

int64_t StoredTensor::byte_count() const {
  return count() * int64_t(number_size(type));
}

void StoredTensor::read(const std::function<void(std::span<const std::byte>)>& take) const {
  const size_t size = number_size(type), total = size_t(byte_count());
  if (total == 0) return;
  if (strides.empty() || shape.empty()) {
    for (size_t at = 0; at < total; at += piece_size) take(data.view.subspan(at, std::min(piece_size, total - at)));
    return;
  }
  std::vector<std::byte> piece(std::min(piece_size, total));
  size_t filled = 0;
  const size_t last = shape.size() - 1;
  std::vector<int64_t> index(shape.size(), 0);
  for (;;) {  // one row of the last dimension after the other
    int64_t offset = 0;
    for (size_t d = 0; d < last; ++d) offset += index[d] * strides[d];
    for (int64_t done = 0; done < shape[last];) {
      const auto fits = int64_t((piece.size() - filled) / size);
      const int64_t length = std::min(fits, shape[last] - done);
      copy_row(piece.data() + filled, data.view.data() + size_t(offset + done * strides[last]) * size, length,
               strides[last], size);
      filled += size_t(length) * size;
      done += length;
      if (piece.size() - filled < size) {
        take(std::span(piece).first(filled));
        filled = 0;
      }
    }
    size_t d = last;
    while (d > 0 && ++index[d - 1] == shape[d - 1]) index[--d] = 0;
    if (d == 0) break;
  }
  if (filled) take(std::span(piece).first(filled));
}

std::vector<std::byte> StoredTensor::bytes() const {
  std::vector<std::byte> all;
  all.reserve(size_t(byte_count()));
  read([&](std::span<const std::byte> piece) { all.insert(all.end(), piece.begin(), piece.end()); });
  return all;
}

std::vector<float> StoredTensor::floats() const {
  std::vector<float> all;
  all.reserve(size_t(count()));
  const size_t size = number_size(type);
  read([&](std::span<const std::byte> piece) {
    for (size_t at = 0; at < piece.size(); at += size) all.push_back(as_float(piece.data() + at, type));
  });
  return all;
}

const StoredTensor* Checkpoint::find(std::string_view name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

}  // namespace pinxit
