// SPDX-License-Identifier: Apache-2.0
//
// Named user presets of one operation: one JSON file each, PINXIT_CONFIG_DIR/presets/OPERATION/NAME.json, the text of
// `to_json`.
//
//     PresetStore presets("fast-style");                 // the user's own
//     presets.save("Evening light", request);
//     for (auto& name : presets.names()) …               // sorted as people sort
//     auto request = presets.load("Evening light");      // std::get<FastStyleRequest>(*request)
//
// Files are written beside their place and renamed, so a preset is either the old one or the new one. Fields a newer
// Pinxit wrote stay in the file, also when the preset is saved again under its name. Names are free text; characters
// a file name cannot hold are written as %XX. No GTK here.
#pragma once

#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/requests/json.h"

namespace pinxit {

class PresetStore {
 public:
  /// Empty folder: the user's ($XDG_CONFIG_HOME/pinxit/presets/OPERATION, or below PINXIT_CONFIG_DIR).
  explicit PresetStore(std::string operation, std::string folder = {});

  std::vector<std::string> names() const;
  /// A request of this operation. Errors: file_unreadable, bad_argument, protocol; the sentence names the preset.
  Result<AnyRequest> load(const std::string& name) const;
  /// Errors: bad_argument (a name of nothing but spaces, or longer than 100 bytes), file_unwritable.
  Status save(const std::string& name, const AnyRequest& request) const;
  Status remove(const std::string& name) const;

  /// The file a preset is kept in.
  std::string file(const std::string& name) const;

 private:
  std::string operation_, folder_;
};

}  // namespace pinxit
