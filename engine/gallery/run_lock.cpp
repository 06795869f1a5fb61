// SPDX-License-Identifier: Apache-2.0
#include "engine/gallery/run_lock.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/text.h"

namespace pinxit {

std::optional<RunLock> RunLock::take(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    throw Failure(ErrorCode::file_unwritable, format_text(_("%s cannot be written."), path.c_str()),
                  g_strerror(errno));
  RunLock lock(descriptor, path);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return lock;
  const int problem = errno;
  lock.keep_file();  // it is another's
  if (problem != EWOULDBLOCK)
    throw Failure(ErrorCode::file_unwritable, format_text(_("%s cannot be locked."), path.c_str()),
                  g_strerror(problem));
  return {};
}

std::optional<RunLock> RunLock::wait(const std::string& path, double seconds) {
  constexpr int step_us = 20000;
  for (double waited = 0; waited < seconds; waited += step_us / 1e6) {
    if (auto lock = take(path)) return lock;
    g_usleep(step_us);
  }
  return {};
}

bool RunLock::held(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0;
  ::close(descriptor);
  return held;
}

RunLock::RunLock(RunLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)), keep_file_(other.keep_file_) {}

RunLock& RunLock::operator=(RunLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  std::swap(keep_file_, other.keep_file_);
  return *this;
}

RunLock::~RunLock() {
  if (descriptor_ < 0) return;
  if (!keep_file_) ::unlink(path_.c_str());
  ::close(descriptor_);
}

}  // namespace pinxit
