// SPDX-License-Identifier: Apache-2.0
//
// Generate from Text of the fake workshop: plain pictures, 64 × 64 pixels, on the way 32 × 32. The colour is
// fake_color(seed of the picture, share); a word that starts with "x" is unknown; the eighteenth word is the last one
// that is read. The model's name says how it behaves: as in fake_workshop.cpp, steps-N and deaf-N for each picture, and
//
//     digits        takes no prompt, knows no attention
//     abort-K       ends the process after K pictures
//     tally         adds a line to `painted` in the runtime folder before each picture
//     cpu-only      tells a note that is about no prompt
//
// Any other is a model that takes prompts. Facts as of the engine, with "id" and "title" the model's name (auto: fake).
#pragma once

#include <array>
#include <functional>

#include "engine/operations/operation.h"

namespace pinxit {

/// R', G', B' of a fake picture.
std::array<float, 3> fake_color(int64_t seed, double share);
/// `take_time` is called before each picture.
std::string fake_generate(const GenerateRequest& request, const Task& task, const std::function<void()>& take_time);
std::string fake_read_prompt(const GenerateRequest& request);

}  // namespace pinxit
