// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/kernels.h"

#include <cstdlib>
#include <string_view>

namespace pinxit {

extern const Kernels kernels_portable;
#ifdef PINXIT_KERNELS_X86
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;
#endif

const Kernels& kernels() {
#ifdef PINXIT_KERNELS_X86
  static const Kernels& best = [&]() -> const Kernels& {
    const char* asked = std::getenv("PINXIT_INSTRUCTION_SET");  // as engine/convolve does
    const std::string_view limit = asked ? asked : "avx512";
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && limit != "portable";
    const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && avx2 &&
                        limit != "avx2";
    return avx512 ? kernels_avx512 : avx2 ? kernels_avx2 : kernels_portable;
  }();
  return best;
#else
  return kernels_portable;
#endif
}

}  // namespace pinxit
