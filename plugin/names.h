// SPDX-License-Identifier: Apache-2.0
//
// What new layers are called: after the paintings they were painted like. Main thread.
#pragma once

#include <libgimp/gimp.h>

#include <string>

#include "engine/requests/json.h"

namespace pinxit {

/// "The Great Wave + Sien" for Fast Style, "Neural Style – starry-night" for Neural Style. `facts` are Outcome::facts;
/// where they name no titles, files are called without folder and ending, and layers of `image` by their names.
std::string layer_name(GimpImage* image, const AnyRequest& request, const std::string& facts);

/// "starry-night (iteration 3)"
std::string iteration_name(const std::string& layer, int iteration);

}  // namespace pinxit
