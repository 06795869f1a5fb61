// SPDX-License-Identifier: Apache-2.0
//
// What the stand-alone hosts of our windows share; see dialog_host.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/client/engine_client.h"

/// A gradient with rings and a transparent corner.
pinxit::SharedPicture made_picture(int64_t width, int64_t height);
/// The word after `name` on the command line.
std::optional<std::string> option(int argc, char** argv, const char* name);

int neural_style_host(int argc, char** argv);
int generate_host(int argc, char** argv);
