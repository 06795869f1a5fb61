// SPDX-License-Identifier: Apache-2.0
//
// InstallerOptions::make_thumbnail by way of the user's engine: an imported style is shown on a small landscape.
//
//     InstallerOptions options;
//     options.make_thumbnail = thumbnail_painter(stop);
//
// Works on any thread, and blocks it.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "engine/base/error.h"

namespace pinxit {

/// Paints with the weights file and writes a JPEG of 256 × 256 pixels. Errors: those of EngineClient, file_unwritable.
std::function<Status(const std::string& weights, const std::string& picture)> thumbnail_painter(std::stop_token stop);

}  // namespace pinxit
