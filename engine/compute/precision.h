// SPDX-License-Identifier: Apache-2.0
//
// Whether bfloat16 pays: measured once on the machine at hand, because the instruction set does not tell (AVX512-BF16
// without AMX is slower than float32).
#pragma once

#include <torch/types.h>

namespace pinxit {

/// Times a 3×3 convolution of `channels` channels in both types, each as it would be done (float32 on the CPU by our own
/// library), a few tens of milliseconds; remembered for the process. Narrow nets (fewer than 64 channels) are always float32.
bool bf16_pays(torch::Device device, int64_t channels);

}  // namespace pinxit
