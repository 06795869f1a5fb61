// SPDX-License-Identifier: Apache-2.0
//
// The user's settings (Filters ▸ Neural ▸ Settings…), kept as a key file in the user's configuration folder
// ($XDG_CONFIG_HOME/pinxit/settings.ini, or PINXIT_CONFIG_DIR) and read by the engine when it starts and again before
// each job. Unknown groups and keys are kept.
#pragma once

#include <string>

#include "engine/base/error.h"

namespace pinxit {

struct Settings {
  std::string device = "auto";  ///< default for requests that say auto
  int threads = 0;              ///< 0: one per physical core
  int memory_limit_mib = 0;     ///< 0: chosen from free memory before each run
  double idle_minutes = 10;     ///< the engine ends after so long without a request; 0: at once when idle
  std::string model_folder;     ///< an additional folder to search for models; may be empty
  bool keep_prompts = true;     ///< whether "Keep the prompt with the layer" may begin ticked

  /// Defaults where the file or a key is missing; bad_argument (naming the key) where one is unusable.
  static Result<Settings> load();
  Status save() const;
  static std::string file();
};

}  // namespace pinxit
