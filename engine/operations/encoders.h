// SPDX-License-Identifier: Apache-2.0
//
// Which VGG19 Neural Style looks through.
#pragma once

#include <string>
#include <vector>

#include "engine/operations/operation.h"
#include "engine/store/catalogue.h"

namespace pinxit {

/// "auto": the installed encoder with the most bytes; else an id of the catalogue or a weights file. Throws Failure:
/// model_missing, model_damaged.
ModelEntry choose_encoder(const std::string& name, const Settings& settings);

/// What a painter should know of a preset on this encoder: layers it lacks. Empty: nothing.
std::vector<std::string> encoder_notes(const std::vector<std::string>& layers, const NeuralPreset& preset,
                                       const std::string& title);

}  // namespace pinxit
