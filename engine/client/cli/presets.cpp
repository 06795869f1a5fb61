// SPDX-License-Identifier: Apache-2.0
//
// pinxit presets [NAME]: the presets of Neural Style, one a line, or one of them as JSON to be changed. No engine is
// needed.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/client/cli/commands.h"
#include "engine/client/cli/options.h"
#include "engine/client/cli/report.h"
#include "engine/requests/neural_presets.h"

namespace pinxit {

int presets_command(int count, char** words) {
  Options options(_("[NAME]"));
  options.parse(count, words);
  const std::vector<std::string> names = options.words();
  if (names.size() > 1)
    throw Failure(ErrorCode::bad_argument, format_text(_("“%s” is not needed here."), names[1].c_str()));
  if (names.size() == 1) {
    print(stdout, neural_preset_to_json(neural_preset(names[0]).take()) + "\n");
    return 0;
  }
  size_t width = 0;
  for (const NeuralPreset& preset : neural_presets()) width = std::max(width, preset.id.size());
  for (const NeuralPreset& preset : neural_presets())
    print(stdout, preset.id + std::string(width - preset.id.size() + 2, ' ') + _(preset.description.c_str()) + "\n");
  return 0;
}

}  // namespace pinxit
