// SPDX-License-Identifier: Apache-2.0
//
// Where things are in a chart of losses, and how numbers are written there. Nothing here draws.
//
//     const LossAxis axis(losses, true);                 // logarithmic
//     for (const LossTick& tick : axis.ticks()) label(height * (1 - axis.place(tick.value)), tick.text);
//     if (auto at = axis.place(losses[3].total); std::isfinite(at)) …
#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/base/neural_preset.h"

namespace pinxit {

/// The curves of a chart, in the order of its legend.
enum class LossCurve { total, content, style, variation };
constexpr std::array<LossCurve, 4> loss_curves = {LossCurve::total, LossCurve::content, LossCurve::style,
                                                  LossCurve::variation};
std::string loss_curve_title(LossCurve curve);  ///< translated: "Total", …
double loss_value(const Losses& losses, LossCurve curve);

struct LossTick {
  double value = 0;
  std::string text;
};

/// The vertical axis that holds all values that can be shown. Values that are not finite are never shown, those not
/// above 0 not on a logarithmic axis.
class LossAxis {
 public:
  LossAxis(const std::vector<Losses>& losses, bool logarithmic);
  /// 0 at the bottom, 1 at the top; NaN for what cannot be shown.
  double place(double value) const;
  /// From the bottom to the top, at most 8, at least 2.
  const std::vector<LossTick>& ticks() const { return ticks_; }

 private:
  void choose_linear(double least, double most);
  void choose_logarithmic(double least, double most);

  bool logarithmic_;
  double bottom_ = 0, top_ = 1;  ///< logarithmic: exponents of 10
  std::vector<LossTick> ticks_;
};

/// Round numbers from 0 to at most `last`, at most `most` + 1 of them; the step is 1, 2 or 5 times a power of ten.
std::vector<int> iteration_ticks(int last, int most);
/// The iteration nearest to `share` 0..1 of an axis from 0 to `last`.
int iteration_at(double share, int last);

/// "1.23e+04".
std::string exponent_text(double value);
/// "Iteration 3: total 1.23e+04, content 5.60e+03, style 6.61e+03, variation 1.00e+02".
std::string losses_sentence(int iteration, const Losses& losses);

}  // namespace pinxit
