// SPDX-License-Identifier: Apache-2.0
#include "dialogs/neural_style/run_states.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pinxit {

void RunStates::add(const Event& event) {
  IterationState& state = states_[event.step];
  if (event.losses) state.losses = *event.losses;
  if (!event.picture) return;
  if (event.full) {
    state.full = event.picture;
    state.has_full = true;
    if (!state.shown)
      state.shown = std::make_shared<SrgbPicture>(reduced_picture(event.picture->view(), neural_preview_side));
    let_go();
  } else {
    state.shown = event.picture;
  }
}

void RunStates::let_go() {
  int64_t held = 0;
  for (const auto& [iteration, state] : states_)
    if (state.full) held += int64_t(state.full->view().bytes());
  for (auto& [iteration, state] : states_) {
    if (held <= full_budget_) return;
    if (!state.full || state.kept || iteration == newest()) continue;
    held -= int64_t(state.full->view().bytes());
    state.full.reset();
  }
}

const IterationState* RunStates::at(int iteration) const {
  const auto found = states_.find(iteration);
  return found == states_.end() ? nullptr : &found->second;
}

std::vector<Losses> RunStates::losses() const {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  Losses missing;
  missing.total = missing.content = missing.style = missing.variation = unknown;
  std::vector<Losses> losses(size_t(newest() + 1), missing);
  for (const auto& [iteration, state] : states_)
    if (iteration >= 0) losses[size_t(iteration)] = state.losses;
  return losses;
}

void RunStates::keep(int iteration, bool kept) {
  if (const auto found = states_.find(iteration); found != states_.end()) found->second.kept = kept;
}

std::vector<int> RunStates::kept() const {
  std::vector<int> iterations;
  for (const auto& [iteration, state] : states_)
    if (state.kept) iterations.push_back(iteration);
  return iterations;
}

std::vector<KeptIteration> RunStates::kept_pictures(const Fetch& fetch) const {
  std::vector<KeptIteration> pictures;
  for (const auto& [iteration, state] : states_) {
    if (!state.kept) continue;
    if (state.full) {
      pictures.push_back({iteration, *state.full, true});
      continue;
    }
    if (state.has_full && fetch)
      if (auto fetched = fetch(iteration)) {
        pictures.push_back({iteration, fetched.take(), true});
        continue;
      }
    if (state.shown) pictures.push_back({iteration, *state.shown, false});
  }
  return pictures;
}

SrgbPicture reduced_picture(const SrgbView& picture, int side) {
  const int64_t longest = std::max(picture.width, picture.height);
  if (longest <= side) {
    SrgbPicture copy(picture.width, picture.height);
    std::copy_n(picture.data, copy.data.size(), copy.data.data());
    return copy;
  }
  const double factor = double(longest) / side;
  SrgbPicture small(std::max<int64_t>(1, std::lround(double(picture.width) / factor)),
                    std::max<int64_t>(1, std::lround(double(picture.height) / factor)));
  for (int64_t y = 0; y < small.height; y++) {
    const int64_t top = y * picture.height / small.height, bottom = (y + 1) * picture.height / small.height;
    for (int64_t x = 0; x < small.width; x++) {
      const int64_t left = x * picture.width / small.width, right = (x + 1) * picture.width / small.width;
      double sum[4] = {0, 0, 0, 0};  // colours times alpha, alpha
      for (int64_t row = top; row < bottom; row++) {
        const float* pixel = picture.row(row) + 4 * left;
        for (int64_t column = left; column < right; column++, pixel += 4) {
          for (int c = 0; c < 3; c++) sum[c] += double(pixel[c]) * double(pixel[3]);
          sum[3] += double(pixel[3]);
        }
      }
      float* to = small.span().row(y) + 4 * x;
      for (int c = 0; c < 3; c++) to[c] = sum[3] > 0 ? float(sum[c] / sum[3]) : 0;
      to[3] = float(sum[3] / double((bottom - top) * (right - left)));
    }
  }
  return small;
}

}  // namespace pinxit
