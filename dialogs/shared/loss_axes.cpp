// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/loss_axes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr int most_ticks = 8;

/// The smallest of 1, 2, 5 times a power of ten that is at least `step`.
double round_step(double step) {
  const double power = std::pow(10.0, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= step * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

/// "0", "250", "0.5", "1.5e+06": as short as it goes.
std::string tick_text(double value) { return format_text("%.4g", value); }

}  // namespace

std::string loss_curve_title(LossCurve curve) {
  switch (curve) {
    case LossCurve::total: return _("Total");
    case LossCurve::content: return _("Content");
    case LossCurve::style: return _("Style");
    case LossCurve::variation: return _("Variation");
  }
  return {};
}

double loss_value(const Losses& losses, LossCurve curve) {
  switch (curve) {
    case LossCurve::total: return losses.total;
    case LossCurve::content: return losses.content;
    case LossCurve::style: return losses.style;
    case LossCurve::variation: return losses.variation;
  }
  return 0;
}

LossAxis::LossAxis(const std::vector<Losses>& losses, bool logarithmic) : logarithmic_(logarithmic) {
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (const Losses& state : losses)
    for (const LossCurve curve : loss_curves) {
      const double value = loss_value(state, curve);
      if (!std::isfinite(value) || (logarithmic && value <= 0)) continue;
      least = std::min(least, value);
      most = std::max(most, value);
    }
  if (least > most) least = logarithmic ? 1 : 0, most = logarithmic ? 10 : 1;  // nothing to show yet
  if (logarithmic) choose_logarithmic(least, most);
  else choose_linear(least, most);
}

void LossAxis::choose_linear(double least, double most) {
  least = std::min(least, 0.0);
  if (most <= least) most = least + 1;
  const double step = round_step((most - least) / (most_ticks - 3));
  bottom_ = std::floor(least / step + 1e-9) * step;
  const auto steps = int(std::ceil((most - bottom_) / step - 1e-9));
  top_ = bottom_ + steps * step;
  for (int i = 0; i <= steps; i++) {
    const double value = bottom_ + i * step;
    ticks_.push_back({value, tick_text(std::abs(value) < step * 1e-9 ? 0 : value)});
  }
}

void LossAxis::choose_logarithmic(double least, double most) {
  const auto lowest = int(std::floor(std::log10(least) + 1e-9));
  auto highest = int(std::ceil(std::log10(most) - 1e-9));
  if (highest <= lowest) highest = lowest + 1;
  bottom_ = lowest;
  top_ = highest;
  if (highest - lowest <= 2) {  // few decades: 1, 2, 5 in each
    for (int decade = lowest; decade < highest; decade++)
      for (const double factor : {1.0, 2.0, 5.0}) {
        const double value = factor * std::pow(10.0, decade);
        ticks_.push_back({value, tick_text(value)});
      }
    ticks_.push_back({std::pow(10.0, highest), tick_text(std::pow(10.0, highest))});
    return;
  }
  const int step = (highest - lowest + most_ticks - 2) / (most_ticks - 1);
  for (int decade = lowest; decade <= highest; decade += step)
    ticks_.push_back({std::pow(10.0, decade), format_text("1e%d", decade)});
}

double LossAxis::place(double value) const {
  if (!std::isfinite(value) || (logarithmic_ && value <= 0)) return std::numeric_limits<double>::quiet_NaN();
  return ((logarithmic_ ? std::log10(value) : value) - bottom_) / (top_ - bottom_);
}

std::vector<int> iteration_ticks(int last, int most) {
  const int step = std::max(1, int(round_step(double(std::max(last, 1)) / std::max(most, 1))));
  std::vector<int> ticks;
  for (int iteration = 0; iteration <= last; iteration += step) ticks.push_back(iteration);
  return ticks;
}

int iteration_at(double share, int last) {
  return std::clamp(int(std::lround(share * last)), 0, std::max(last, 0));
}

std::string exponent_text(double value) { return format_text("%.2e", value); }

std::string losses_sentence(int iteration, const Losses& losses) {
  return format_text(_("Iteration %d: total %s, content %s, style %s, variation %s"), iteration,
                     exponent_text(losses.total).c_str(), exponent_text(losses.content).c_str(),
                     exponent_text(losses.style).c_str(), exponent_text(losses.variation).c_str());
}

}  // namespace pinxit
