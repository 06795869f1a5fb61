// SPDX-License-Identifier: Apache-2.0
//
// Sums of a file in one pass, and whether it is the one that an offer means.
//
//     const FileSums sums = sum_file(path, add_progress, stop);
//     if (auto fault = mismatch(file, sums)) …            // translated: what does not fit
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/install/offer.h"

namespace pinxit {

struct FileSums {
  int64_t bytes = 0;
  std::string sha256, git_blob;  ///< lower-case hex
};

/// Throws file_unreadable or Cancelled. `read_bytes` is told how much more was read.
FileSums sum_file(const std::string& path, const std::function<void(int64_t)>& read_bytes = {},
                  std::stop_token stop = {});

/// Nothing where everything that is stated of the file fits.
std::optional<std::string> mismatch(const OfferFile& file, const FileSums& sums);

}  // namespace pinxit
