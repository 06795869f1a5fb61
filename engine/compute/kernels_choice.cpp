// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/kernels.h"

namespace pinxit {

extern const Kernels kernels_portable;
#ifdef PINXIT_KERNELS_X86
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;
#endif

const Kernels& kernels() {
#ifdef PINXIT_KERNELS_X86
  static const Kernels& best = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                                       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
                                   ? kernels_avx512
                               : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? kernels_avx2
                                                                                                 : kernels_portable;
  return best;
#else
  return kernels_portable;
#endif
}

}  // namespace pinxit
