// SPDX-License-Identifier: Apache-2.0
//
// The Generate from Text operation:
//
//     prompt ─ words the model knows (notes of the others) ─ N pictures, one by one ─ (scaled to `size`) ─ events
//
// Each picture goes out as soon as it is there, and what belongs to it behind it: smaller sizes, attention maps, the
// strip. "auto" is the starter model, else the first installed by id (generator_files.h).
#pragma once

#include <string>

#include "engine/operations/generator_shelf.h"
#include "engine/operations/operation.h"

namespace pinxit {

/// Throws Failure or Cancelled; returns the facts for the recipe (JSON object text).
std::string run_generate(const GenerateRequest& request, Task& task, GeneratorShelf& shelf);

/// What the model would read of the prompt, as facts; an empty prompt is no error here.
std::string run_read_prompt(const GenerateRequest& request, Task& task, GeneratorShelf& shelf);

}  // namespace pinxit
