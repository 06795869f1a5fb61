// SPDX-License-Identifier: Apache-2.0
//
// Checkpoints as other programs write them, read without running anything from the file.
//
//     auto file = read_checkpoint("mosaic.pth");               // safetensors, PyTorch, OpenVINO IR, ONNX, TFLite
//     if (!file) return file.error();                          // says what is wrong, or what is not supported
//     write_safetensors("out.safetensors", file->tensors, {}); // under their own names; or first:
//     auto ours = recognise(*file);                            // engine/importers/recognise.h: which network is it?
//
// The format is told by the content, never by the file's name. Tensors are views of the mapped file, so a checkpoint
// takes no memory to speak of until somebody reads the numbers, one tensor after the other. The mapping lives as long
// as any tensor of it. Nobody may shorten the file meanwhile.
//
// Files come from strangers: lengths, offsets, counts and depths are checked before they are believed. Only the
// standard library, GLib (XML) and zlib are used; no LibTorch. Everything may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/safetensors_header.h"

namespace pinxit {

/// Bytes that stay as long as anybody holds them: a mapped file, or what was unpacked from one.
struct HeldBytes {
  std::span<const std::byte> view;
  std::shared_ptr<const void> owner;
  size_t size() const { return view.size(); }
  /// The caller has checked the range.
  HeldBytes part(size_t offset, size_t length) const { return {view.subspan(offset, length), owner}; }
};

struct StoredTensor {
  std::string name;  ///< UTF-8
  NumberType type = NumberType::f32;
  std::vector<int64_t> shape;    ///< lengths ≥ 0; empty: a single number
  std::vector<int64_t> strides;  ///< in numbers, ≥ 0, one per dimension; empty: row-major without gaps
  HeldBytes data;                ///< from the first number on; maybe unaligned, maybe longer than needed

  int64_t count() const;       ///< numbers
  int64_t byte_count() const;  ///< of the numbers in row-major order
  /// Gives the numbers in row-major order, little-endian, in pieces of at most about 1 MiB.
  void read(const std::function<void(std::span<const std::byte>)>& take) const;
  std::vector<std::byte> bytes() const;  ///< the same in one piece
  std::vector<float> floats() const;     ///< converted (f64 and whole numbers are rounded)
};

struct Checkpoint {
  std::string path;
  std::string format;                           ///< "safetensors", "pytorch", "openvino", "onnx" or "tflite"
  std::vector<StoredTensor> tensors;            ///< in the file's order, names unique
  std::map<std::string, std::string> metadata;  ///< safetensors' own; else empty
  const StoredTensor* find(std::string_view name) const;
};

/// Reads the list of tensors. OpenVINO keeps it in two files: give either; the other is the one of the same name, or
/// the only one in the folder whose layers fit the size of the weights.
/// Errors: file_unreadable; model_damaged (broken, cut, or not what it claims to be); model_unsupported (not a
/// checkpoint, a format that is not read, a program object instead of weights, numbers of an unknown type).
Result<Checkpoint> read_checkpoint(const std::string& path);

/// Writes a safetensors file: temporary file beside it, fsync, rename; nothing is left behind on failure. Streams:
/// no tensor is held in memory. Data is sorted for alignment; names must be unique UTF-8.
/// Errors: file_unwritable, disk_full, bad_argument (a name occurs twice).
Status write_safetensors(const std::string& path, std::span<const StoredTensor> tensors,
                         const std::map<std::string, std::string>& metadata = {});

}  // namespace pinxit
