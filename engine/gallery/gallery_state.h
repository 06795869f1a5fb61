// SPDX-License-Identifier: Apache-2.0
//
// What a Gallery has, for the files that implement it. Members throw Failures.
#pragma once

#include <map>

#include "engine/gallery/gallery.h"
#include "engine/gallery/run_lock.h"
#include "engine/gallery/schema.h"

namespace pinxit {

struct Gallery::State {
  GalleryFolder folder;
  std::optional<Error> trouble;
  Database database;
  std::map<int64_t, RunLock> running;  ///< runs of ours

  explicit State(const std::string& root) : folder{root}, database(open_gallery_database(folder, trouble)) {}

  RunState state_of(int64_t id);
  /// Throws bad_argument unless the run is ours and in progress.
  void require_running(int64_t id);
  /// Ends a run of ours.
  void end(int64_t id, RunState state, const std::string& error, const std::string& facts, int64_t result_bytes);
  void end_with_result(int64_t id, RunState state, SrgbView result, const std::string& facts);

  /// Runs whose process is gone become failed.
  void recover();
  /// Removes pictures that no entry knows of: a process was killed between two steps.
  void sweep();
  int64_t bytes();
  void tidy(int64_t limit);
  void remove(int64_t id);
  /// Gives the file's unused pages back to the disk.
  void shrink();
};

}  // namespace pinxit
