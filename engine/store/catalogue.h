// SPDX-License-Identifier: Apache-2.0
//
// The catalogue: which models there are. One entry is one `model.json` beside its files; dropping such a folder into
// a place that is searched adds a model. Nothing is loaded or run here.
//
//     {"pinxit": 1, "id": "great-wave", "kind": "slimnet", "operation": "fast-style", "title": "The Great Wave",
//      "description": "…", "files": [{"role": "weights", "path": "great-wave.safetensors", "bytes": 113000,
//      "sha256": "…"}], "thumbnail": "thumbnail.jpg", "licence": {"id": "Apache-2.0", "url": "…"}, "source": "…"}
//
// Search path, first hit of an id wins: PINXIT_MODEL_PATH (colon separated), the settings' model folder, the user's
// data folder ($XDG_DATA_HOME/pinxit/models), the installed models (datadir/pinxit/models, or the build's).
// Folders are searched three levels deep; file paths in an entry may not leave its folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/error.h"

namespace pinxit {

/// a–z, 0–9, - . and _, at most 100, beginning with a letter or digit: safe as the name of a folder.
bool is_model_id(const std::string& id);

struct ModelFile {
  std::string role;    ///< "weights", later "config", "vocabulary", …
  std::string path;    ///< absolute
  int64_t bytes = 0;   ///< 0: not stated
  std::string sha256;  ///< lower-case hex; empty: not stated
};

struct ModelEntry {
  std::string id, kind, operation, title, description, licence, licence_url, source;
  std::string thumbnail;  ///< absolute path or empty
  std::vector<ModelFile> files;
  std::string folder;
  const ModelFile* file(const std::string& role) const;
};

class Catalogue {
 public:
  /// Reads the search path (plus `extra` folders in front). Broken entries are skipped and listed in `problems`.
  static Catalogue read(const std::vector<std::string>& extra = {});
  const std::vector<ModelEntry>& entries() const { return entries_; }
  const std::vector<Error>& problems() const { return problems_; }
  const ModelEntry* find(const std::string& id) const;

 private:
  std::vector<ModelEntry> entries_;
  std::vector<Error> problems_;
};

/// Folders searched, in order, whether they exist or not.
std::vector<std::string> model_search_path();

/// Lower-case hex; errors: file_unreadable.
Result<std::string> file_sha256(const std::string& path);

/// Finds an id in the catalogue, or takes `id_or_file` as the path of a weights file (title: the file's name).
/// Errors: model_missing, with the nearest ids in the hint. Checks size and sha256 where the entry states them
/// (model_damaged); a sha256 once checked is remembered by path, size and time. The entry returned states the real
/// size and sha256 of each of its files, also where the catalogue does not.
Result<ModelEntry> resolve_model(const Catalogue& catalogue, const std::string& id_or_file,
                                 const std::string& operation);

}  // namespace pinxit
