// SPDX-License-Identifier: Apache-2.0
//
// A script's run in the gallery, one entry for each source. (A window's run is recorded by the window.)
//
//     GalleryRecord record(request, sources);       // refuses a name that is taken, before anything is painted
//     record.begin();
//     record.state(0, event);                       // as the states come
//     record.complete(canvas.painted);              // or fail(error)
//
// With an empty name nothing is recorded and every call does nothing. Trouble with the gallery during a run is told
// in a message and does not stop the run. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/gallery/gallery.h"
#include "plugin/canvas.h"

namespace pinxit {

class GalleryRecord {
 public:
  /// Longest side of the pictures of iterations.
  static constexpr int shown_side = 512;

  /// Throws Failure: bad_argument for a name that is taken, file_unwritable.
  GalleryRecord(const NeuralStyleRequest& request, const std::vector<Source>& sources);
  bool wanted() const { return gallery_.has_value(); }
  void begin();
  void state(size_t source, const Event& event);
  void complete(const std::vector<Painted>& painted);
  void fail(const Error& error);

 private:
  void note(const Status& status);

  std::optional<Gallery> gallery_;
  std::vector<int64_t> ids_;
  std::vector<int> recorded_;  ///< of each entry the last iteration
  bool complained_ = false;
};

}  // namespace pinxit
