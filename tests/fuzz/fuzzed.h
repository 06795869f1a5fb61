// SPDX-License-Identifier: Apache-2.0
//
// What the fuzz targets share. A target is a file with LLVMFuzzerTestOneInput: libFuzzer's interface. replay.cpp is
// our own main for it, which needs no clang.
#pragma once

#include <cstdint>
#include <cstring>

#include "engine/importers/formats.h"
#include "engine/importers/held_bytes.h"
#include "engine/importers/recognise.h"

namespace pinxit::fuzzed {

/// A copy with nothing behind it, so that the sanitizer sees a read beyond its end.
inline HeldBytes held(const uint8_t* data, size_t size) {
  std::shared_ptr<std::byte[]> copy(new std::byte[size]);
  if (size) std::memcpy(copy.get(), data, size);
  return {{copy.get(), size}, copy};
}

/// Reads all numbers, as the writer does, and has the net recognised.
inline void use(Tensors tensors, size_t file_size) {
  check_tensors(tensors, file_size);
  uint64_t sum = 0, bytes = 0;
  for (const StoredTensor& tensor : tensors) {
    bytes += uint64_t(tensor.byte_count());
    if (bytes > (uint64_t(16) << 20)) break;
    tensor.read([&](std::span<const std::byte> piece) {
      for (const std::byte byte : piece) sum += uint64_t(byte);
    });
  }
  volatile uint64_t used = sum;
  (void)used;
  const Checkpoint checkpoint{"", "", std::move(tensors), {}};
  (void)recognise(checkpoint);
}

/// Refusals are what the readers are for.
template <class F>
int reading(F&& work) {
  try {
    work();
  } catch (const Unsound&) {
  } catch (const Unread&) {
  }
  return 0;
}

}  // namespace pinxit::fuzzed
