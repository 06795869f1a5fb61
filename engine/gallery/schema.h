// SPDX-License-Identifier: Apache-2.0
//
// The gallery's folder and the tables of its database.
//
//     gallery.sqlite             entries, iterations, taps of the losses, pictures as shown
//     pictures/ID/result         the result in full size
//     pictures/ID/full-N         iteration N in full size
//     running/ID                 the lock of a run in progress (run_lock.h)
//     gallery.damaged-N/         what was found damaged and put aside, as it was
//
// The database says its version in `PRAGMA user_version`; an older one is brought up to date, a newer one refused.
#pragma once

#include <optional>
#include <string>

#include "engine/gallery/database.h"

namespace pinxit {

struct GalleryFolder {
  std::string root;
  std::string database() const { return root + "/gallery.sqlite"; }
  std::string pictures() const { return root + "/pictures"; }
  std::string pictures(int64_t id) const { return pictures() + "/" + std::to_string(id); }
  std::string result(int64_t id) const { return pictures(id) + "/result"; }
  std::string full(int64_t id, int iteration) const { return pictures(id) + "/full-" + std::to_string(iteration); }
  std::string lock(int64_t id) const { return root + "/running/" + std::to_string(id); }
};

/// The user's: PINXIT_DATA_DIR_USER/gallery or $XDG_DATA_HOME/pinxit/gallery.
std::string user_gallery_folder();

/// Makes the folder (0700) and the database where they are missing. A damaged database is put aside and told as
/// `trouble`. Throws file_unwritable, file_unreadable (of a newer version).
Database open_gallery_database(const GalleryFolder& folder, std::optional<Error>& trouble);

}  // namespace pinxit
