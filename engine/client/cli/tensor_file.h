// SPDX-License-Identifier: Apache-2.0
//
// One tensor as a safetensors file: eight bytes with the header's length, the header in JSON, the values.
#pragma once

#include <string>

#include "engine/base/pixels.h"

namespace pinxit {

/// R, G and B of the picture as the float32 tensor `name` [3, height, width], as the bytes of a file.
std::string tensor_file(const std::string& name, SrgbView picture);

}  // namespace pinxit
