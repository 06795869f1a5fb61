// SPDX-License-Identifier: Apache-2.0
//
// What both Neural Style commands make of their words: presets from files, and the pictures that go with a request.
#pragma once

#include <string>
#include <vector>

#include "engine/client/engine_client.h"
#include "engine/requests/neural_style.h"

namespace pinxit {

/// The name of a built-in preset stays; a file (with a "/" or ending in .json) becomes its JSON text. Throws
/// file_unreadable, bad_argument.
std::string preset_of(const std::string& name_or_file);

/// "style-0", "style-1", … read from the request's files, and "mask-0", … where style_masks names one.
std::vector<NamedPicture> style_pictures(const NeuralStyleRequest& request);

}  // namespace pinxit
