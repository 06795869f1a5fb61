// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/optimizers.h"

#include <ATen/Parallel.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pinxit {
namespace {

/// Values updated at once, so that temporaries stay small beside a large picture.
constexpr int64_t slice_values = int64_t(1) << 24;

template <class Value>
double dot_of(const Value* a, const Value* b, int64_t count) {
  return at::parallel_reduce(
      0, count, 1 << 16, 0.0,
      [&](int64_t first, int64_t last, double sum) {
        double part[8] = {};
        int64_t i = first;
        for (; i + 8 <= last; i += 8)
          for (int k = 0; k < 8; ++k) part[k] += double(a[i + k]) * double(b[i + k]);
        for (; i < last; ++i) part[0] += double(a[i]) * double(b[i]);
        for (const double value : part) sum += value;
        return sum;
      },
      [](double one, double other) { return one + other; });
}

/// Σ a·b in double. Both contiguous and of one type.
double exact_dot(const torch::Tensor& a, const torch::Tensor& b) {
  if (a.is_cpu() && a.scalar_type() == torch::kFloat32)
    return dot_of(a.data_ptr<float>(), b.data_ptr<float>(), a.numel());
  if (a.is_cpu() && a.scalar_type() == torch::kFloat64)
    return dot_of(a.data_ptr<double>(), b.data_ptr<double>(), a.numel());
  return (a * b).sum(torch::kFloat64).item<double>();
}

}  // namespace

void Adam::step(torch::Tensor& x, const torch::Tensor& gradient) {
  const torch::NoGradGuard no_grad;
  if (!first_.defined()) {
    first_ = torch::zeros_like(x);
    second_ = torch::zeros_like(x);
  }
  ++steps_;
  const double correction1 = 1 - std::pow(options_.beta1, double(steps_));
  const double correction2 = 1 - std::pow(options_.beta2, double(steps_));
  const auto values = x.view(-1), g = gradient.reshape(-1), m = first_.view(-1), v = second_.view(-1);
  for (int64_t at = 0; at < values.numel(); at += slice_values) {
    const int64_t count = std::min(slice_values, values.numel() - at);
    const auto part = [&](const torch::Tensor& t) { return t.narrow(0, at, count); };
    part(m).lerp_(part(g), 1 - options_.beta1);
    part(v).mul_(options_.beta2).addcmul_(part(g), part(g), 1 - options_.beta2);
    const auto scale = part(v).sqrt().div_(std::sqrt(correction2)).add_(options_.epsilon);
    part(values).addcdiv_(part(m), scale, -options_.learning_rate / correction1);
  }
}

void Adam::resize(int64_t height, int64_t width) {
  if (!first_.defined()) return;
  const torch::NoGradGuard no_grad;
  const std::vector<int64_t> size = {height, width};
  first_ = at::upsample_bicubic2d(first_, size, false).contiguous();
  second_ = at::upsample_bilinear2d(second_, size, false).clamp_min_(0).contiguous();
}

void Adam::forget() {
  first_.reset(), second_.reset();
  steps_ = 0;
}

/// A point on the line: x + length · direction, clamped where the box says so.
struct Lbfgs::Trial {
  double length = 0, loss = std::numeric_limits<double>::infinity(), slope = 0;
  torch::Tensor x, gradient;
};

namespace {

/// The minimum of the cubic through two losses and slopes, kept off the ends of the interval.
double cubic_minimum(double a, double loss_a, double slope_a, double b, double loss_b, double slope_b) {
  const double low = std::min(a, b), high = std::max(a, b), margin = 0.1 * (high - low);
  double at = (low + high) / 2;
  if (std::isfinite(loss_a) && std::isfinite(loss_b) && std::isfinite(slope_b)) {
    const double d1 = slope_a + slope_b - 3 * (loss_a - loss_b) / (a - b);
    const double square = d1 * d1 - slope_a * slope_b;
    if (square >= 0) {
      const double d2 = std::copysign(std::sqrt(square), b - a);
      const double found = b - (b - a) * (slope_b + d2 - d1) / (slope_b - slope_a + 2 * d2);
      if (std::isfinite(found)) at = found;
    }
  }
  return std::clamp(at, low + margin, high - margin);
}

}  // namespace

/// Derivative of the loss along `direction`: what the box holds back does not count.
double Lbfgs::slope(const torch::Tensor& direction, const torch::Tensor& gradient, const torch::Tensor& at) const {
  if (!options_.unit_box) return exact_dot(direction, gradient);
  const auto held = ((at <= 0).logical_and_(direction < 0)).logical_or_((at >= 1).logical_and_(direction > 0));
  return exact_dot(direction.masked_fill(held, 0), gradient);
}

Lbfgs::Trial Lbfgs::search_line(const torch::Tensor& x, const torch::Tensor& direction, double first, double slope_0,
                                const EvaluateLoss& evaluate, int most, int& evaluations) const {
  constexpr double c1 = 1e-4, c2 = 0.9, growth = 4;
  const auto try_length = [&](double length) {
    Trial trial;
    trial.length = length;
    trial.x = x.add(direction, length);
    if (options_.unit_box) trial.x.clamp_(0, 1);
    ++evaluations;
    trial.loss = evaluate(trial.x, trial.gradient);
    trial.slope = slope(direction, trial.gradient, trial.x);
    if (!std::isfinite(trial.loss)) trial.loss = std::numeric_limits<double>::infinity();
    return trial;
  };
  const auto enough = [&](const Trial& t) { return t.loss <= loss_ + c1 * t.length * slope_0; };
  const auto flat = [&](const Trial& t) { return std::abs(t.slope) <= -c2 * slope_0; };

  Trial low, high;  // an interval with a good point: low fulfils `enough` and has the lowest loss so far
  low.length = 0, low.loss = loss_, low.slope = slope_0;
  bool bracketed = false;
  double length = first;
  while (evaluations < most) {
    Trial trial = try_length(length);
    if (!enough(trial) || trial.loss >= low.loss) {
      high = std::move(trial);
      high.x.reset(), high.gradient.reset();
      bracketed = true;
    } else {
      if (flat(trial)) return trial;
      const bool turned = bracketed ? trial.slope * (high.length - low.length) >= 0 : trial.slope >= 0;
      if (turned) {
        high = std::move(low);
        high.x.reset(), high.gradient.reset();
        bracketed = true;
      }
      low = std::move(trial);
    }
    if (!bracketed) {
      length *= growth;
      continue;
    }
    if (std::abs(high.length - low.length) * std::abs(low.slope) <= 1e-12 * std::abs(loss_)) break;
    length = cubic_minimum(low.length, low.loss, low.slope, high.length, high.loss, high.slope);
  }
  return low;  // the best there is; length 0 where nothing was lower
}

/// -H·gradient by the two-loop recursion.
torch::Tensor Lbfgs::direction() const {
  torch::Tensor d = gradient_.neg();
  std::vector<double> alpha(pairs_.size());
  for (size_t i = pairs_.size(); i-- > 0;) {
    alpha[i] = pairs_[i].rho * exact_dot(pairs_[i].s, d);
    d.add_(pairs_[i].y, -alpha[i]);
  }
  if (!pairs_.empty()) {
    const Pair& last = pairs_.back();
    d.mul_(1 / (last.rho * exact_dot(last.y, last.y)));
  }
  for (size_t i = 0; i < pairs_.size(); ++i)
    d.add_(pairs_[i].s, alpha[i] - pairs_[i].rho * exact_dot(pairs_[i].y, d));
  return d;
}

void Lbfgs::learn(torch::Tensor s, torch::Tensor y) {
  const double curvature = exact_dot(s, y);
  if (options_.history <= 0 || !(curvature > 1e-10 * std::sqrt(exact_dot(s, s) * exact_dot(y, y)))) return;
  while (pairs_.size() >= size_t(options_.history)) pairs_.pop_front();
  pairs_.push_back({std::move(s), std::move(y), 1 / curvature});
}

Lbfgs::Step Lbfgs::step(torch::Tensor& x, const EvaluateLoss& evaluate, int most_evaluations) {
  const torch::NoGradGuard no_grad;
  Step step;
  const int bound = most_evaluations > 0 ? most_evaluations : std::numeric_limits<int>::max();
  if (!started_) {
    ++step.evaluations;
    torch::Tensor gradient;
    loss_ = evaluate(x, gradient);
    gradient_ = gradient;
    started_ = true;
  }
  // Twice: where memory leads nowhere, straight downhill.
  for (bool again = true; again && step.evaluations < bound;) {
    again = !pairs_.empty();
    torch::Tensor d = direction();
    double downhill = slope(d, gradient_, x);
    if (!(downhill < 0) && again) {
      restart();
      continue;
    }
    if (!(downhill < 0)) break;
    const double norm = std::sqrt(exact_dot(d, d));
    const double first = pairs_.empty() ? options_.first_move * std::sqrt(double(x.numel())) / norm : 1;
    const int most = int(std::min<int64_t>(bound, int64_t(step.evaluations) + options_.line_search_evaluations));
    Trial found = search_line(x, d, first, downhill, evaluate, most, step.evaluations);
    if (found.length > 0) {
      d.reset();
      learn(found.x - x, found.gradient - gradient_);
      x.copy_(found.x);
      gradient_ = found.gradient;
      step.loss = loss_ = found.loss;
      return step;
    }
    restart();
  }
  step.loss = loss_;
  step.converged = step.evaluations < bound;
  return step;
}

void Lbfgs::forget() {
  pairs_.clear();
  gradient_.reset();
  started_ = false;
}

}  // namespace pinxit
