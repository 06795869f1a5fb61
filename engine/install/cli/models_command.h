// SPDX-License-Identifier: Apache-2.0
//
// pinxit-engine models list | install | import | verify | remove | convert. See docs/models.md.
//
//     if (count > 1 && words[1] == "models") return models_command(count - 1, words + 1);
#pragma once

namespace pinxit {

/// `words[0]` is "models". Returns the exit status; reports errors itself.
int models_command(int count, char** words);

}  // namespace pinxit
