// SPDX-License-Identifier: Apache-2.0
//
// The Fast Style operation: resolves the styles, plans, runs each net over the picture, blends, finishes.
//
//     source ─ (max-size: reduce) ─ net₁…netₙ, weighted ─ (enlarge) ─ keep colours, strength, alpha ─ result
#pragma once

#include "engine/operations/learnt.h"
#include "engine/operations/model_shelf.h"
#include "engine/operations/operation.h"

namespace pinxit {

/// Throws Failure or Cancelled; returns the facts for the recipe (JSON object text).
std::string run_fast_style(const FastStyleRequest& request, Task& task, ModelShelf& shelf, Learnt& learnt);

}  // namespace pinxit
