// SPDX-License-Identifier: Apache-2.0
//
// Only some tensors of a safetensors file on a server: its header says which bytes they are, and range requests bring
// those. What is written is a safetensors file of its own, from the first byte on, so that it can be resumed.
//
//     download_tensors({file, part, note, address}, http, on_total, on_bytes);
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/install/http.h"
#include "engine/install/offer.h"

namespace pinxit {

struct TensorDownload {
  const OfferFile& file;
  const std::string& part;
  const std::string& note;
  const std::string& address;
};

/// `on_total`: length of the new file; `on_bytes`: bytes that came to it (or negative, were thrown away).
/// Throws TransferProblem (elsewhere: the server has no ranges, or the file is not what was offered) and Failures of
/// writing.
void download_tensors(const TensorDownload& download, HttpClient& http, const std::function<void(int64_t)>& on_total,
                      const std::function<void(int64_t)>& on_bytes);

/// A run of bytes of the original, and what the new file is made of.
struct TensorSelection {
  struct Range {
    int64_t from = 0, size = 0;  ///< in the original file
  };
  std::string head;           ///< length and header of the new file
  std::vector<Range> ranges;  ///< follow it, in this order
  int64_t total() const;
};

/// `header`: the original's JSON. Throws std::invalid_argument where it breaks a rule that is needed here, or has none
/// of the tensors.
TensorSelection select_tensors(const std::string& header, const std::vector<std::string>& prefixes);

}  // namespace pinxit
