// SPDX-License-Identifier: Apache-2.0
//
// How much memory a run may plan with.
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace pinxit {

/// Bytes that could be allocated now: MemAvailable and the control group's limit on the CPU, free memory on a GPU.
int64_t free_memory(torch::Device device);

/// The planes-and-tiles budget of a run: `limit_bytes` (0: none set) and free memory less a reserve, at most 2 GiB on
/// the CPU so that other programs keep theirs.
int64_t memory_budget(torch::Device device, int64_t limit_bytes);

}  // namespace pinxit
