// SPDX-License-Identifier: Apache-2.0
//
// The Neural Style operation, and the same objective measured without painting.
//
//     source ─ reduce to `size` ─ search (states, glimpses) ─ enlarge ─ keep colours, alpha ─ result
#pragma once

#include <string>

#include "engine/operations/model_shelf.h"
#include "engine/operations/operation.h"

namespace pinxit {

/// Throws Failure or Cancelled; returns the facts for the recipe (JSON object text).
std::string run_neural_style(const NeuralStyleRequest& request, Task& task, ModelShelf& shelf);

/// Losses as facts, the gradient of their sum at the picture "at" in task.result's R, G, B; pictures at their own sizes.
std::string run_evaluation(const NeuralStyleRequest& request, Task& task, ModelShelf& shelf);

}  // namespace pinxit
