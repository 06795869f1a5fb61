// SPDX-License-Identifier: Apache-2.0
//
// safetensors files without their numbers: what stands in front of the data, read and checked, or made. Format: 8 bytes
// little-endian header length N, N bytes of JSON {name: {dtype, shape, data_offsets}}, then the data.
//
//     const SafetensorsHeader header = read_safetensors_header(file);           // throws BrokenSafetensors
//     for (const SafetensorsEntry& entry : header.entries)
//       use(entry.name, file.substr(header.data + size_t(entry.begin), size_t(entry.end - entry.begin)));
//
//     out << safetensors_head({{"a", NumberType::f32, {2, 3}}}, {{"made", "by hand"}}) << six_floats;
//
// Every rule of the format is checked before an entry is handed out (lengths, ranges, overlaps, holes, duplicate names,
// number types, shape × size = range, UTF-8), because files come from strangers; only truth values other than 0 and 1
// are left to whoever reads the data. The standard library alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace pinxit {

/// The number types of safetensors; little-endian in memory and file.
enum class NumberType { f64, f32, f16, bf16, f8_e4m3, f8_e5m2, i64, i32, i16, i8, u64, u32, u16, u8, boolean };
/// "F32", "BF16", …: safetensors' names.
std::string_view number_type_name(NumberType type);
std::optional<NumberType> number_type_named(std::string_view name);
size_t number_size(NumberType type);

constexpr size_t dimension_limit = 32;
/// Bytes of a tensor, lengths ≥ 0. Nothing where the size, or the strides, do not fit 63 bits.
std::optional<int64_t> tensor_bytes(NumberType type, std::span<const int64_t> shape);

/// The file is broken; the text is a clause: "its header is not UTF-8 text".
struct BrokenSafetensors : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct SafetensorsEntry {
  std::string name;
  NumberType type = NumberType::f32;
  std::vector<int64_t> shape;
  int64_t begin = 0, end = 0;  ///< bytes, relative to the data
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  ///< in the order of the data, which they fill exactly
  std::map<std::string, std::string> metadata;
  size_t data = 0;  ///< where the data begins in the file
};

/// `file` is the whole file.
SafetensorsHeader read_safetensors_header(std::string_view file);

/// What stands in front of data that has the tensors one after the other: a multiple of eight bytes. `begin` and `end`
/// are not looked at. Throws Failure(bad_argument) for names that occur twice and texts that are not UTF-8.
std::string safetensors_head(const std::vector<SafetensorsEntry>& tensors,
                             const std::map<std::string, std::string>& metadata = {});

}  // namespace pinxit
