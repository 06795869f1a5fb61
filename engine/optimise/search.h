// SPDX-License-Identifier: Apache-2.0
//
// The search itself: a picture's pixels from coarse to fine until they share content and style.
//
//     SearchInputs inputs{net, preset, content, styles};
//     auto end = search(inputs, plan, [&](const SearchState& s) { show(s); });
//     end.picture                                           // [1,3,H,W] R'G'B' 0..1 at plan.levels.back().size
//
// State 0 is the start; a state follows after each iteration. Losses of all states are of the full-size objective, so
// that they compare (at coarse levels the picture is enlarged and evaluated once).
#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/nets/vgg19.h"
#include "engine/optimise/objective.h"
#include "engine/optimise/search_plan.h"

namespace pinxit {

struct SearchStyle {
  torch::Tensor pixels;  ///< [1,3,h,w] R'G'B' 0..1 at its own size; made to fit each level
  double weight = 1;
  torch::Tensor mask;    ///< [1,1,H,W] at the content's own size; undefined: everywhere
};

struct SearchInputs {
  std::shared_ptr<const Vgg19> net;
  NeuralPreset preset;
  torch::Tensor content;  ///< [1,3,H,W] R'G'B' 0..1, at its own size (reduced here)
  std::vector<SearchStyle> styles;
  torch::Tensor start;  ///< [1,3,h,w], any size; undefined: made as `start_from` says
  std::string start_from = "content";
  int seed = 0;
  double content_factor = 1, style_factor = 1, variation_factor = 1, style_scale = 1;
};

struct SearchState {
  int iteration = 0, of = 0;
  Losses losses;
  torch::Tensor picture;  ///< [1,3,h,w] R'G'B' 0..1 at the level's size (the mean of the iterates where there is one)
};

struct SearchEvents {
  std::function<void(const SearchState&)> state;
  std::function<void(double done)> progress;               ///< 0..1, after every step
  std::function<void(const torch::Tensor& picture)> glimpse;  ///< the picture between states, after every step
  std::function<void(const std::string& sentence)> note;   ///< something the painter should know
  std::stop_token stop;    ///< throws Cancelled
  std::stop_token finish;  ///< ends within one evaluation with the last recorded state
};

struct SearchEnd {
  torch::Tensor picture;  ///< of the last recorded state, at the full size
  std::vector<Losses> losses;  ///< of all states
  bool finished_early = false;
  int64_t tile_side = 0;  ///< of the last level, as it ended up
};

/// Out of memory: the level is tried again with smaller tiles, down to 128 pixels (told through `note`), then the
/// exception passes on. Same inputs, device and thread count: the same picture.
SearchEnd search(const SearchInputs& inputs, SearchPlan plan, const SearchEvents& events);

}  // namespace pinxit
