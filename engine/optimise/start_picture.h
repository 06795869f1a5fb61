// SPDX-License-Identifier: Apache-2.0
//
// What a search begins with: the content, the first painting, noise, or a picture that was given.
#pragma once

#include <torch/types.h>

#include "engine/optimise/search.h"

namespace pinxit {

/// [1,3,H,W] at `size` on the net's device. Noise is drawn on the CPU: the same on every device.
torch::Tensor start_picture(const SearchInputs& inputs, SearchSize size);

}  // namespace pinxit
