// SPDX-License-Identifier: Apache-2.0
//
// Feed-forward style nets: which kinds there are, and how to load whichever a weights file holds.
//
// Every network is one pair of files with the same verbs. For the nets here, which are all chains:
//
//     load       a weights file -> StyleChain               <kind>.h
//     plan       picture size, memory -> tiles              plan_chain      compute/chain_plan.h
//     run        picture -> picture, progress, stop         run_chain       compute/chain_run.h
//
// A new kind is a new pair of files and one line in style_net.cpp.
#pragma once

#include <string>

#include "engine/base/error.h"
#include "engine/compute/style_chain.h"
#include "engine/weights/safetensors.h"

namespace pinxit {

struct StyleNet {
  std::string kind;         ///< "transformernet", "slimnet"
  StyleChain chain;
  /// Pixels of reflected picture put around the picture and cropped from the result, because such nets draw a frame.
  int64_t border = 0;
};

/// Recognises the net by its tensors and loads it. Sizes and widths are read from the weights.
/// Errors: file_unreadable, model_damaged, model_unsupported.
Result<StyleNet> load_style_net(const std::string& path);

}  // namespace pinxit
