// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>
#include <sched.h>
#include <torch/types.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <utility>

#include "engine/operations/operation.h"

namespace pinxit {
namespace {

/// Cores this process may use, hyper-threads of one core counted once.
int physical_cores() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 0;
  std::set<std::pair<int, int>> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    const std::string folder = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
    int package = 0, core = cpu;
    std::ifstream(folder + "physical_package_id") >> package;
    std::ifstream(folder + "core_id") >> core;
    cores.insert({package, core});
  }
  return int(cores.size());
}

}  // namespace

void prepare_process(int threads) {
  // Large tensors come from the heap and stay there: page faults of fresh mappings cost half the time of a net.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2000 << 20);
  mallopt(M_TOP_PAD, 64 << 20);
  mallopt(M_ARENA_MAX, 1);
  setenv("CUDA_MODULE_LOADING", "LAZY", 0);
  if (threads <= 0) threads = physical_cores();
  if (threads > 0) at::set_num_threads(threads);
  at::globalContext().setFlushDenormal(true);
  at::globalContext().setBenchmarkCuDNN(true);
  at::globalContext().setAllowTF32CuDNN(true);
}

}  // namespace pinxit
