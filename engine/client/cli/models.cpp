// SPDX-License-Identifier: Apache-2.0
//
// pinxit models: the store of models is part of pinxit-engine's program.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "engine/base/text.h"
#include "engine/client/cli/commands.h"
#include "engine/client/launcher.h"

namespace pinxit {

int models_program_command(int count, char** words) {
  std::string program = find_engine_program({}).take(), name = "models";
  std::vector<char*> arguments = {program.data(), name.data()};
  arguments.insert(arguments.end(), words + 1, words + count);
  arguments.push_back(nullptr);
  execv(program.c_str(), arguments.data());
  throw Failure(ErrorCode::engine_missing,
                format_text(_("%s cannot be started: %s."), program.c_str(), std::strerror(errno)),
                _("Install Pinxit again."));
}

}  // namespace pinxit
