// SPDX-License-Identifier: Apache-2.0
//
// What the loaders of chain-shaped nets share: reading tensors as float32 with their shapes checked.
#pragma once

#include <string>
#include <vector>

#include "engine/weights/safetensors.h"

namespace pinxit {

/// float32, contiguous. `shape` holds -1 where any positive size will do. Throws Failure(model_damaged).
torch::Tensor checked_tensor(const Safetensors& file, const std::string& name, const std::vector<int64_t>& shape);

}  // namespace pinxit
