// SPDX-License-Identifier: Apache-2.0
//
// The folder STORE/ID: whose it is, and how a model gets there without harm to what somebody else put there.
//
//     put_model_in_place(work, store, id, board);          // work.ready() becomes STORE/ID
//     if (origin_of(folder).made_here) …                   // all of it may go
#pragma once

#include <optional>
#include <string>

#include "engine/install/offer.h"
#include "engine/install/progress_board.h"
#include "engine/install/work.h"

namespace pinxit {

/// What the model.json of a folder tells of how it came there.
struct Origin {
  bool made_here = false;      ///< `Installer` made the folder
  std::optional<Trust> trust;  ///< how its files were verified then
};
Origin origin_of(const std::string& folder);

std::string kept_root(const std::string& store);  ///< STORE/.kept

/// Moves STORE/ID to STORE/.kept/ID-N unless `Installer` made it, and tells so. Throws file_unwritable, disk_full.
void keep_foreign_folder(const std::string& store, const std::string& id, ProgressBoard& board);

/// Makes work.ready() STORE/ID and finishes the work. An older model of ours is replaced, a foreign folder kept.
void put_model_in_place(Work& work, const std::string& store, const std::string& id, ProgressBoard& board);

}  // namespace pinxit
