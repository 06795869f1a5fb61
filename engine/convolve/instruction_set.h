// SPDX-License-Identifier: Apache-2.0
//
// Which of the builds of the inner loops runs. kernels.cpp is compiled once per set; the machine decides at run time, a
// test or PINXIT_INSTRUCTION_SET=portable|avx2|avx512 in the environment may choose a lesser one.
#pragma once

#include <string_view>
#include <vector>

namespace pinxit::convolve {

enum class InstructionSet { portable, avx2, avx512 };

/// "portable", "avx2", "avx512".
std::string_view instruction_set_name(InstructionSet set);

/// The sets this machine and this build can run, portable first.
std::vector<InstructionSet> instruction_sets();

/// The last of instruction_sets(), or the one the environment asks for where it can run.
InstructionSet best_instruction_set();

}  // namespace pinxit::convolve
