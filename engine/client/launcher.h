// SPDX-License-Identifier: Apache-2.0
//
// Starting the engine: found, forked away from this process, and waited for until it listens.
#pragma once

#include <string>

#include "engine/client/engine_client.h"

namespace pinxit {

/// options.program, $PINXIT_ENGINE, pinxit-engine beside this program, or the installed one. Errors: engine_missing.
Result<std::string> find_engine_program(const EngineOptions& options);

/// Starts an engine on `socket` unless one listens by then. The engine belongs to nobody: own session, no terminal,
/// none of our descriptors; it outlives this process. Errors: engine_missing, cancelled, or what the engine said.
Status start_engine(const EngineOptions& options, const std::string& socket);

}  // namespace pinxit
