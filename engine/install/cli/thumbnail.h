// SPDX-License-Identifier: Apache-2.0
//
// InstallerOptions::make_thumbnail by way of the user's engine.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "engine/base/error.h"

namespace pinxit {

/// Paints thumbnail_scene with the weights and writes it as a JPEG of 256 × 256 pixels.
std::function<Status(const std::string& weights, const std::string& picture)> thumbnail_maker(std::stop_token stop);

}  // namespace pinxit
