// SPDX-License-Identifier: Apache-2.0
//
// The body of a job's request, taken apart while it arrives: one line of JSON, then perhaps the pixels of the source
// and of the other pictures, which go straight into the pictures they will be worked on in.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/client/wire.h"
#include "engine/requests/json.h"
#include "engine/service/picture_memory.h"

namespace pinxit {

class Upload {
 public:
  /// `peer`: the client's process, whose shared memory is opened; 0 when there is none (TCP).
  explicit Upload(pid_t peer) : peer_(peer) {}
  void feed(const char* data, size_t size);
  /// To be called at the end of the body. The error, if anything was wrong with it.
  std::optional<Error> finish();
  /// The error is about shared memory: the same job may work with the pixels in the body.
  bool repeat_in_body() const { return repeat_in_body_; }

  AnyRequest request;
  JobLine line;
  std::shared_ptr<PictureMemory> source, result;         ///< null where the job has none
  std::vector<std::shared_ptr<PictureMemory>> pictures;  ///< in the order of line.pictures

 private:
  void take(const char* data, size_t size);
  void read_line();
  void fill(const char* data, size_t size);
  std::shared_ptr<PictureMemory> memory(const PictureLine& picture, bool writable);

  pid_t peer_;
  std::string text_;
  bool has_line_ = false;
  size_t filled_ = 0;               ///< bytes of the body so far
  std::vector<PictureMemory*> to_;  ///< the pictures they go to, the one being filled first
  size_t at_ = 0;                   ///< bytes of that one
  bool repeat_in_body_ = false;
  std::optional<Error> error_;
};

}  // namespace pinxit
