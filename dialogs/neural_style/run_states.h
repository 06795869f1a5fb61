// SPDX-License-Identifier: Apache-2.0
//
// The iterations of one run as a window holds them: losses, pictures, and which of them are to become layers.
//
//     RunStates states;
//     states.add(event);                                 // each event of kind `state`
//     states.keep(3, true);
//     auto layers = states.kept_pictures(from_gallery);
//
// Pictures in full size are held up to `full_budget` bytes; older ones that are not kept are let go then, and fetched
// again (the gallery has them) when they are needed. No GTK here. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "dialogs/neural_style/neural_style_dialog.h"

namespace pinxit {

struct IterationState {
  Losses losses;
  std::shared_ptr<const SrgbPicture> shown;  ///< at most neural_preview_side
  std::shared_ptr<const SrgbPicture> full;   ///< may be empty though `has_full`
  bool has_full = false;
  bool kept = false;
};

class RunStates {
 public:
  explicit RunStates(int64_t full_budget = int64_t(1) << 30) : full_budget_(full_budget) {}

  void clear() { states_.clear(); }
  void add(const Event& state);
  bool empty() const { return states_.empty(); }
  int newest() const { return states_.empty() ? -1 : states_.rbegin()->first; }
  /// Nothing where there is no such iteration.
  const IterationState* at(int iteration) const;
  /// [i] of iteration i, 0 … newest; values that never came are NaN.
  std::vector<Losses> losses() const;

  void keep(int iteration, bool kept);
  std::vector<int> kept() const;
  /// Ascending. `fetch` is asked for full-size pictures that were let go; where it fails, the picture is as shown.
  using Fetch = std::function<Result<SrgbPicture>(int iteration)>;
  std::vector<KeptIteration> kept_pictures(const Fetch& fetch) const;

 private:
  void let_go();

  int64_t full_budget_;
  std::map<int, IterationState> states_;
};

/// A picture whose longest side is at most `side`: means of the pixels, alpha considered. Smaller ones are copied.
SrgbPicture reduced_picture(const SrgbView& picture, int side);

}  // namespace pinxit
