// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/memory.h"

#include <torch/types.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace pinxit {
namespace {

constexpr int64_t mib = int64_t(1) << 20;

int64_t meminfo_available() {
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("MemAvailable:", 0) == 0) return std::stoll(line.substr(13)) * 1024;
  return 2048 * mib;
}

int64_t read_number(const char* path) {
  std::ifstream file(path);
  int64_t value = -1;
  return file >> value ? value : -1;
}

}  // namespace

int64_t free_memory(torch::Device device) {
  if (device.is_cuda()) {
    // What LibTorch's stable interface tells of a GPU differs between versions; asking for the memory is the one
    // question that always has an answer.
    for (int64_t size = 64 * 1024 * mib; size > 128 * mib; size = size / 4 * 3) try {
        torch::empty({size}, torch::dtype(torch::kUInt8).device(device));
        return size;
      } catch (const c10::Error&) {
      }
    return 128 * mib;
  }
  int64_t free = meminfo_available();
  const int64_t limit = read_number("/sys/fs/cgroup/memory.max"), used = read_number("/sys/fs/cgroup/memory.current");
  if (limit > 0 && used >= 0) free = std::min(free, std::max<int64_t>(limit - used, 0));
  return free;
}

int64_t memory_budget(torch::Device device, int64_t limit_bytes) {
  const int64_t free = free_memory(device);
  if (device.is_cuda()) return std::max<int64_t>(free - 1024 * mib, 256 * mib);
  // What LibTorch, the weights and the convolutions' own buffers take beside planes and tiles.
  constexpr int64_t reserve = 512 * mib;
  int64_t budget = std::min(free - reserve, 2048 * mib);
  if (limit_bytes > 0) budget = std::min(budget, limit_bytes - reserve);
  return std::max(budget, 96 * mib);
}

}  // namespace pinxit
