// SPDX-License-Identifier: Apache-2.0
//
// The subcommands of `pinxit`. Each gets the words after its own name, as main got them, and returns the exit status;
// it may throw a Failure, which main reports.
#pragma once

namespace pinxit {

/// `words[0]` is the subcommand's name.
int fast_style_command(int count, char** words);
int neural_style_command(int count, char** words);
int generate_command(int count, char** words);
int evaluate_command(int count, char** words);
int presets_command(int count, char** words);
int styles_command(int count, char** words);
int engine_command(int count, char** words);
/// Becomes `pinxit-engine models`, which may go online; this program never does.
int models_program_command(int count, char** words);

}  // namespace pinxit
