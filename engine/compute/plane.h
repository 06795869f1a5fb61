// SPDX-License-Identifier: Apache-2.0
//
// One layer's values for the whole picture, [height, width, channels], written and read by regions: in memory, or in
// an unlinked scratch file when memory does not suffice (read and written with pread/pwrite, so that the operating
// system may keep it in memory as long as nobody else needs it).
#pragma once

#include <torch/types.h>

#include <string>

#include "engine/base/pixels.h"

namespace pinxit {

class Plane {
 public:
  Plane() = default;
  static Plane in_memory(int64_t height, int64_t width, int64_t channels, torch::ScalarType type,
                         torch::Device device);
  /// Errors (thrown): file_unwritable when the folder cannot hold it.
  static Plane in_scratch_file(int64_t height, int64_t width, int64_t channels, torch::ScalarType type,
                               torch::Device device, const std::string& folder);
  Plane(Plane&& other) noexcept;
  Plane& operator=(Plane&& other) noexcept;
  ~Plane();

  explicit operator bool() const { return height_ > 0; }
  int64_t height() const { return height_; }
  int64_t width() const { return width_; }

  void write(const Region& region, const torch::Tensor& tile);
  /// The plane around `region`: `tile` [h, w, c] whose first pixel is pixel (x, y) of the plane. In memory this is
  /// the plane itself, without a copy.
  struct Window {
    torch::Tensor tile;
    int64_t x, y;
  };
  Window window(const Region& region) const;
  /// In memory: `region` itself, to be written to (rows have gaps). In a scratch file: undefined.
  torch::Tensor view(const Region& region);
  /// A contiguous copy of exactly `region`.
  torch::Tensor read(const Region& region) const;

 private:
  int64_t height_ = 0, width_ = 0, channels_ = 0;
  torch::ScalarType type_ = torch::kFloat32;
  torch::Device device_ = torch::kCPU;
  torch::Tensor memory_;
  int file_ = -1;
};

}  // namespace pinxit
