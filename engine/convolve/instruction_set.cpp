// SPDX-License-Identifier: Apache-2.0
#include "engine/convolve/instruction_set.h"

#include <cstdlib>

#include "engine/convolve/kernels.h"

namespace pinxit::convolve {

extern const Kernels kernels_portable;
#ifdef PINXIT_CONVOLVE_X86
extern const Kernels kernels_avx2;
extern const Kernels kernels_avx512;
#endif

std::string_view instruction_set_name(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx2: return "avx2";
    case InstructionSet::avx512: return "avx512";
    default: return "portable";
  }
}

std::vector<InstructionSet> instruction_sets() {
  std::vector<InstructionSet> sets = {InstructionSet::portable};
#ifdef PINXIT_CONVOLVE_X86
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets.push_back(InstructionSet::avx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq"))
    sets.push_back(InstructionSet::avx512);
#endif
  return sets;
}

InstructionSet best_instruction_set() {
  static const InstructionSet best = [] {
    const auto sets = instruction_sets();
    const char* wanted = std::getenv("PINXIT_INSTRUCTION_SET");
    for (const InstructionSet set : sets)
      if (wanted && instruction_set_name(set) == wanted) return set;
    return sets.back();
  }();
  return best;
}

const Kernels& kernels(InstructionSet set) {
#ifdef PINXIT_CONVOLVE_X86
  if (set == InstructionSet::avx512) return kernels_avx512;
  if (set == InstructionSet::avx2) return kernels_avx2;
#endif
  return kernels_portable;
}

}  // namespace pinxit::convolve
