// SPDX-License-Identifier: Apache-2.0
//
// Which file each input becomes.
#pragma once

#include <string>
#include <vector>

namespace pinxit {

struct InOut {
  std::string input, output;
};

/// One input and a file name, or any number and a folder (a name ending in "/", or a folder that is there), where each
/// keeps its name. Nothing is made here. Throws Failure: bad_argument for unknown endings, for two inputs of one name,
/// and where a result would take the place of an input or of one of `others` that are read; file_unwritable where the
/// folder for a file is missing.
std::vector<InOut> plan_outputs(const std::vector<std::string>& inputs, const std::string& output,
                                const std::vector<std::string>& others = {});

/// A name ending in "/", or a folder that is there.
bool names_folder(const std::string& output);

/// Throws Failure: bad_argument for an unknown ending, file_unwritable where the folder for the file is missing.
void check_output_file(const std::string& output);

/// "out.png" and 5: "out-0005.png".
std::string numbered_output(const std::string& output, int number);

/// Makes the folder of `output` if it is missing. Throws Failure(file_unwritable).
void make_folder_of(const std::string& output);

}  // namespace pinxit
