// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>

namespace pinxit {

/// When a file was last changed, nanoseconds; 0 where there is none. Models are loaded again when it differs.
inline int64_t modified_time(const std::string& path) {
  struct stat info;
  return ::stat(path.c_str(), &info) == 0 ? int64_t(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec : 0;
}

}  // namespace pinxit
