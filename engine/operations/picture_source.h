// SPDX-License-Identifier: Apache-2.0
//
// A picture as a style chain sees it: colours 0..255 without alpha, a border of reflected picture around it.
#pragma once

#include <array>

#include "engine/base/pixels.h"
#include "engine/compute/chain_run.h"

namespace pinxit {

/// Mean colour (0..1) of what is visible, weighted by alpha; mid grey where nothing is. `opaque` where alpha is 1
/// everywhere, and then the mean is not needed.
struct VisibleMean {
  std::array<float, 3> colour{0.5f, 0.5f, 0.5f};
  bool opaque = true;
};
VisibleMean visible_mean(SrgbView picture);

/// Values are clamped to 0..1 and NaN is 0 (floating-point layers hold such). Colours hidden under transparency fade
/// to the visible mean below alpha 1/4, so that they cannot bleed into the styled picture.
class PictureSource : public ChainSource {
 public:
  PictureSource(SrgbView picture, int64_t border, const VisibleMean& mean)
      : picture_(picture), border_(border), mean_(mean) {}
  int64_t width() const override { return picture_.width + 2 * border_; }
  int64_t height() const override { return picture_.height + 2 * border_; }
  torch::Tensor gather(const std::vector<int32_t>& rows, const std::vector<int32_t>& columns) const override;

 private:
  SrgbView picture_;
  int64_t border_;
  VisibleMean mean_;
};

}  // namespace pinxit
