// SPDX-License-Identifier: Apache-2.0
//
// Requests to and from JSON text, by walking their declaration. Reading checks kinds, ranges and choices; fields it
// does not know are kept in `request.unknown` and written back.
#pragma once

#include <string>
#include <variant>

#include "engine/requests/fast_style.h"
#include "engine/requests/generate.h"
#include "engine/requests/neural_style.h"

namespace pinxit {

/// A request of whichever operation; what a recipe holds and a job carries.
using AnyRequest = std::variant<FastStyleRequest, NeuralStyleRequest, GenerateRequest>;

/// {"operation":"fast-style","version":1,"styles":[{"style":"candy","weight":1}],"strength":100,…}
std::string to_json(const FastStyleRequest& request);
std::string to_json(const NeuralStyleRequest& request);
std::string to_json(const GenerateRequest& request);
std::string to_json(const AnyRequest& request);

/// Errors: bad_argument naming the field; protocol for text that is not such an object.
Result<FastStyleRequest> fast_style_from_json(const std::string& text);
Result<NeuralStyleRequest> neural_style_from_json(const std::string& text);
Result<GenerateRequest> generate_from_json(const std::string& text);
/// By its field "operation".
Result<AnyRequest> request_from_json(const std::string& text);

/// Ranges, choices, at least one style with a positive weight, not both prompt and captions. Also called by from_json.
/// A request without a prompt passes: recipes and presets may be without, and a model may take none.
Status validate(const FastStyleRequest& request);
Status validate(const NeuralStyleRequest& request);
Status validate(const GenerateRequest& request);

/// Sets one argument from text (command line, PDB string): "strength", "80".
Status set_argument(FastStyleRequest& request, const std::string& name, const std::string& text);
Status set_argument(NeuralStyleRequest& request, const std::string& name, const std::string& text);
Status set_argument(GenerateRequest& request, const std::string& name, const std::string& text);

}  // namespace pinxit
