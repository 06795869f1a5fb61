// SPDX-License-Identifier: Apache-2.0
//
// The pixels of one picture in the engine: a client's shared memory, or memory of our own for pixels that travel in
// the body. Either way they are mapped, never copied, and freed with the last handle.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>

#include "engine/base/pixels.h"
#include "engine/client/wire.h"

namespace pinxit {

class PictureMemory {
 public:
  /// Maps descriptor `line.descriptor` of process `peer`. It must be a memfd of this user, large enough and sealed
  /// against shrinking, so that the client cannot make us fault. Errors: protocol (also where the system does not let
  /// us, as in a sandbox, or PINXIT_SHARED_MEMORY=off says so).
  static Result<std::shared_ptr<PictureMemory>> shared(const PictureLine& line, pid_t peer, bool writable);
  /// Fresh memory, zero. Errors: out_of_memory.
  static Result<std::shared_ptr<PictureMemory>> own(const PictureLine& line);
  ~PictureMemory();
  PictureMemory(const PictureMemory&) = delete;
  PictureMemory& operator=(const PictureMemory&) = delete;

  SrgbSpan span() const { return {static_cast<float*>(data_), width_, height_}; }
  size_t bytes() const { return bytes_; }

 private:
  PictureMemory(const PictureLine& line, void* data)
      : data_(data), bytes_(line.bytes()), width_(line.width), height_(line.height) {}
  void* data_;
  size_t bytes_;
  int64_t width_, height_;
};

}  // namespace pinxit
