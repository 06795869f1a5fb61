// SPDX-License-Identifier: Apache-2.0
//
// The two optimisers of a picture. Both work in place on `x` and end within one evaluation when the evaluation throws
// Cancelled; x is then the last accepted picture.
//
//     Adam adam({.learning_rate = 0.02});
//     adam.step(x, gradient);
//
//     Lbfgs lbfgs({.history = 10});
//     auto did = lbfgs.step(x, evaluate);          // one iteration: direction, line search, update
#pragma once

#include <torch/types.h>

#include <deque>
#include <functional>

namespace pinxit {

/// Kingma, Ba, arXiv 1412.6980, with bias correction; eps 1e-8.
class Adam {
 public:
  struct Options {
    double learning_rate = 0.02, beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8;
  };
  explicit Adam(const Options& options) : options_(options) {}
  void step(torch::Tensor& x, const torch::Tensor& gradient);
  /// Carries the moments to another size of the picture (crowsonkb: first bicubic, second bilinear and not below 0).
  void resize(int64_t height, int64_t width);
  int64_t steps() const { return steps_; }
  void forget();

 private:
  Options options_;
  torch::Tensor first_, second_;
  int64_t steps_ = 0;
};

/// Loss at x; `gradient` is set. May throw, which ends the step.
using EvaluateLoss = std::function<double(const torch::Tensor& x, torch::Tensor& gradient)>;

/// Limited-memory BFGS (Nocedal, Wright, "Numerical Optimization", 2nd ed., algorithms 7.4, 3.5 and 3.6) with a line
/// search for the strong Wolfe conditions (c1 1e-4, c2 0.9). Dot products in double.
class Lbfgs {
 public:
  struct Options {
    int history = 10;
    int line_search_evaluations = 20;  ///< at most, a step
    bool unit_box = false;             ///< x stays in 0..1: every trial is clamped
    double first_move = 0.01;          ///< root mean square change of x that a first step tries, without memory
  };
  struct Step {
    double loss = 0;       ///< at the new x
    int evaluations = 0;
    bool converged = false;  ///< no lower loss was found: further steps change nothing
  };
  explicit Lbfgs(const Options& options) : options_(options) {}
  /// `most_evaluations` (0: no bound but the line search's own) counts the one at the start too, where it is needed.
  Step step(torch::Tensor& x, const EvaluateLoss& evaluate, int most_evaluations = 0);
  /// Forgets the curvature, and keeps loss and gradient at x.
  void restart() { pairs_.clear(); }
  /// For another x or another loss.
  void forget();
  int64_t pairs() const { return int64_t(pairs_.size()); }

 private:
  struct Trial;
  torch::Tensor direction() const;
  double slope(const torch::Tensor& direction, const torch::Tensor& gradient, const torch::Tensor& at) const;
  Trial search_line(const torch::Tensor& x, const torch::Tensor& direction, double first, double slope,
                    const EvaluateLoss& evaluate, int most, int& evaluations) const;
  void learn(torch::Tensor s, torch::Tensor y);

  Options options_;
  struct Pair {
    torch::Tensor s, y;
    double rho = 0;
  };
  std::deque<Pair> pairs_;
  torch::Tensor gradient_;
  double loss_ = 0;
  bool started_ = false;
};

}  // namespace pinxit
