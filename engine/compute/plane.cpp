// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/plane.h"

#include <fcntl.h>
#include <torch/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

using torch::indexing::Slice;

[[noreturn]] void scratch_failed() {
  throw Failure(ErrorCode::file_unwritable, format_text(_("The scratch file cannot be used: %s."), strerror(errno)),
                _("Free some disk space, raise the memory limit in Filters ▸ Neural ▸ Settings…, or set a maximum "
                  "size."));
}

}  // namespace

Plane Plane::in_memory(int64_t height, int64_t width, int64_t channels, torch::ScalarType type,
                       torch::Device device) {
  Plane plane;
  plane.height_ = height, plane.width_ = width, plane.channels_ = channels;
  plane.type_ = type, plane.device_ = device;
  plane.memory_ = torch::empty({height, width, channels}, torch::dtype(type).device(device));
  return plane;
}

Plane Plane::in_scratch_file(int64_t height, int64_t width, int64_t channels, torch::ScalarType type,
                             torch::Device device, const std::string& folder) {
  Plane plane;
  plane.height_ = height, plane.width_ = width, plane.channels_ = channels;
  plane.type_ = type, plane.device_ = device;
  plane.file_ = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (plane.file_ < 0) {  // a file system without O_TMPFILE
    std::string name = folder + "/pinxit-scratch-XXXXXX";
    plane.file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (plane.file_ < 0) scratch_failed();
    ::unlink(name.c_str());
  }
  const int64_t bytes = height * width * channels * int64_t(c10::elementSize(type));
  if (const int problem = ::posix_fallocate(plane.file_, 0, bytes)) {
    errno = problem;
    scratch_failed();
  }
  return plane;
}

Plane::Plane(Plane&& other) noexcept { *this = std::move(other); }

Plane& Plane::operator=(Plane&& other) noexcept {
  if (this == &other) return *this;
  if (file_ >= 0) ::close(file_);
  height_ = std::exchange(other.height_, 0), width_ = other.width_, channels_ = other.channels_;
  type_ = other.type_, device_ = other.device_;
  memory_ = std::exchange(other.memory_, torch::Tensor());
  file_ = std::exchange(other.file_, -1);
  return *this;
}

Plane::~Plane() {
  if (file_ >= 0) ::close(file_);
}

void Plane::write(const Region& region, const torch::Tensor& tile) {
  if (memory_.defined()) {
    if (region == Region{0, 0, width_, height_} && tile.scalar_type() == type_) memory_ = tile;
    else
      memory_.index({Slice(region.y, region.bottom()), Slice(region.x, region.right())}).copy_(tile);
    return;
  }
  const auto host = tile.to(torch::kCPU, type_).contiguous();
  const int64_t pixel = channels_ * int64_t(host.element_size()), row = region.width * pixel;
  for (int64_t y = 0; y < region.height; ++y) {
    const char* from = static_cast<const char*>(host.data_ptr()) + y * row;
    int64_t at = ((region.y + y) * width_ + region.x) * pixel, left = row;
    while (left > 0) {
      const ssize_t done = ::pwrite(file_, from, size_t(left), at);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) scratch_failed();
      from += done, at += done, left -= done;
    }
  }
}

torch::Tensor Plane::read(const Region& region) const {
  if (memory_.defined())
    return memory_.index({Slice(region.y, region.bottom()), Slice(region.x, region.right())}).contiguous();
  auto host = torch::empty({region.height, region.width, channels_}, torch::dtype(type_));
  const int64_t pixel = channels_ * int64_t(host.element_size()), row = region.width * pixel;
  for (int64_t y = 0; y < region.height; ++y) {
    char* to = static_cast<char*>(host.data_ptr()) + y * row;
    int64_t at = ((region.y + y) * width_ + region.x) * pixel, left = row;
    while (left > 0) {
      const ssize_t done = ::pread(file_, to, size_t(left), at);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) scratch_failed();
      to += done, at += done, left -= done;
    }
  }
  return host.to(device_);
}

torch::Tensor Plane::view(const Region& region) {
  if (!memory_.defined()) return {};
  return memory_.slice(0, region.y, region.bottom()).slice(1, region.x, region.right());
}

Plane::Window Plane::window(const Region& region) const {
  if (memory_.defined()) return {memory_, 0, 0};
  return {read(region), region.x, region.y};
}

}  // namespace pinxit
