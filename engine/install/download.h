// SPDX-License-Identifier: Apache-2.0
//
// One file of an offer, from whichever of its addresses gives it: resumed, retried with pauses, checked, and only then
// under its name.
//
//     HttpClient http(options.stall_seconds, cancellable);
//     download_file({file, work, board, options, stop}, http);     // afterwards work.whole(file.path) is there
//
// What came so far is kept in work.part(…), with a note of where it is from: a later call goes on from there. It goes
// on from another address only where a sum of the file is known.
#pragma once

#include <stop_token>

#include "engine/install/http.h"
#include "engine/install/installer.h"
#include "engine/install/progress_board.h"
#include "engine/install/work.h"

namespace pinxit {

struct DownloadTask {
  const OfferFile& file;
  const Work& work;
  ProgressBoard& board;
  const InstallerOptions& options;
  std::stop_token stop;
};

/// Throws Failure (download_failed, model_damaged, disk_full, file_unwritable) and Cancelled.
void download_file(const DownloadTask& task, HttpClient& http);

/// Bytes that are there already, whole or in part.
int64_t fetched_bytes(const OfferFile& file, const Work& work);

/// Throws disk_full, with both numbers, where `bytes` more leave less than the margin.
void check_space(const InstallerOptions& options, int64_t bytes);

}  // namespace pinxit
