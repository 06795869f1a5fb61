// SPDX-License-Identifier: Apache-2.0
//
// The presets of Neural Style: the built-in ones, and JSON for the user's own.
//
//     auto preset = neural_preset("best");                 // an id, or the JSON text of a preset
//     if (!preset) return preset.error();
//     std::string text = neural_preset_to_json(*preset);   // {"pinxit-preset": 1, "id": "best", …}, indented
//
// classic     ProGamerGov/neural-style-pt's defaults: Gram, L-BFGS at one size
// pycasso     Keras' neural_style_transfer example as Deep Painting used it: sums, restarts of L-BFGS
// picstylist  PicStylist's iterative mode: average pooling, taps before ReLU
// crowsonkb   crowsonkb/style-transfer-pytorch: Wasserstein-2, pyramid, mean of the iterates
// best        ours
#pragma once

#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/neural_preset.h"

namespace pinxit {

/// In the order a window lists them; `best` first.
const std::vector<NeuralPreset>& neural_presets();

/// A built-in one by its id, or one read from JSON text (beginning with "{"). Fields that are missing keep the values
/// of the preset named by "based-on" (default: best). Errors: bad_argument naming the field, or the ids there are.
Result<NeuralPreset> neural_preset(const std::string& id_or_json);

/// All fields. Kinds by name: "gram", "wasserstein", "moments", …
std::string neural_preset_to_json(const NeuralPreset& preset);

}  // namespace pinxit
