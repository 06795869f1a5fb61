// SPDX-License-Identifier: Apache-2.0
//
// Adam against its formulas, L-BFGS on functions whose minimum is known, and both stopped in the middle.
#include "engine/optimise/optimizers.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "engine/base/error.h"

namespace pinxit {
namespace {

torch::Tensor values(const std::vector<double>& list) { return torch::tensor(list, torch::kFloat64); }
double at(const torch::Tensor& t, int64_t i) { return t.view(-1)[i].item<double>(); }

TEST(Adam, follows_the_paper) {
  Adam adam({.learning_rate = 0.1, .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-8});
  auto x = values({1.0, -2.0});
  double m[2] = {}, v[2] = {}, expected[2] = {1.0, -2.0};
  for (int k = 1; k <= 7; ++k) {
    const double gradients[2] = {std::sin(k), 3.0 - k};
    adam.step(x, values({gradients[0], gradients[1]}));
    for (int i = 0; i < 2; ++i) {
      m[i] = 0.8 * m[i] + 0.2 * gradients[i];
      v[i] = 0.95 * v[i] + 0.05 * gradients[i] * gradients[i];
      const double first = m[i] / (1 - std::pow(0.8, k)), second = v[i] / (1 - std::pow(0.95, k));
      expected[i] -= 0.1 * first / (std::sqrt(second) + 1e-8);
      EXPECT_NEAR(at(x, i), expected[i], 1e-12);
    }
  }
  EXPECT_EQ(adam.steps(), 7);
}

TEST(Adam, moments_grow_with_the_picture) {
  Adam adam({});
  auto small = torch::rand({1, 3, 8, 12}, torch::kFloat64);
  adam.step(small, torch::full_like(small, 0.25));
  adam.resize(16, 24);
  auto large = torch::zeros({1, 3, 16, 24}, torch::kFloat64);
  const auto before = large.clone();
  adam.step(large, torch::full_like(large, 0.25));
  // The same gradient again and again moves every pixel by the learning rate, whatever its size.
  EXPECT_NEAR((before - large - 0.02).abs().max().item<double>(), 0, 1e-6);
  adam.forget();
  EXPECT_EQ(adam.steps(), 0);
}

struct Counted {
  EvaluateLoss function;
  int evaluations = 0;
  EvaluateLoss counting() {
    return [this](const torch::Tensor& x, torch::Tensor& gradient) {
      ++evaluations;
      return function(x, gradient);
    };
  }
};

double rosenbrock(const torch::Tensor& x, torch::Tensor& gradient) {
  const double a = at(x, 0), b = at(x, 1);
  gradient = values({-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)});
  return (1 - a) * (1 - a) + 100 * (b - a * a) * (b - a * a);
}

TEST(Lbfgs, finds_the_bottom_of_rosenbrocks_valley) {
  Lbfgs lbfgs({.history = 10});
  Counted counted{rosenbrock};
  auto x = values({-1.2, 1.0});
  double last = 1e9;
  for (int i = 0; i < 45; ++i) {
    const auto step = lbfgs.step(x, counted.counting());
    EXPECT_LE(step.loss, last);
    last = step.loss;
    if (step.converged) break;
  }
  EXPECT_NEAR(at(x, 0), 1, 1e-6);
  EXPECT_NEAR(at(x, 1), 1, 1e-6);
  EXPECT_LE(counted.evaluations, 90);
}

/// Σ scale·(x - 3)², with scales from 1 to 1000.
double quadratic(const torch::Tensor& x, torch::Tensor& gradient) {
  const auto scale = torch::logspace(0, 3, x.numel(), 10, x.options()), away = x - 3;
  gradient = 2 * scale * away;
  return (scale * away * away).sum().item<double>();
}

TEST(Lbfgs, needs_few_evaluations_for_a_quadratic) {
  for (const auto type : {torch::kFloat64, torch::kFloat32}) {
    Lbfgs lbfgs({.history = 20});
    Counted counted{quadratic};
    auto x = torch::zeros({40}, type);
    double loss = 0;
    for (int i = 0; i < 60; ++i) loss = lbfgs.step(x, counted.counting()).loss;
    EXPECT_LE(loss, 0.2);  // of 54 thousand; PyTorch's L-BFGS: 0.19 after 60 steps and 65 evaluations
    EXPECT_LE(counted.evaluations, 70);
  }
}

TEST(Lbfgs, keeps_no_more_pairs_than_it_may_and_forgets) {
  Lbfgs lbfgs({.history = 3});
  auto x = torch::zeros({40}, torch::kFloat64);
  for (int i = 0; i < 6; ++i) lbfgs.step(x, quadratic);
  EXPECT_EQ(lbfgs.pairs(), 3);
  Counted counted{quadratic};
  lbfgs.restart();  // loss and gradient are still known
  EXPECT_EQ(lbfgs.pairs(), 0);
  const auto step = lbfgs.step(x, counted.counting());
  EXPECT_EQ(step.evaluations, counted.evaluations);
  EXPECT_EQ(lbfgs.pairs(), 1);
}

TEST(Lbfgs, a_stop_inside_the_line_search_leaves_the_accepted_picture) {
  for (int stop_at = 1; stop_at < 25; ++stop_at) {
    Lbfgs lbfgs({.history = 10});
    auto x = values({-1.2, 1.0}), accepted = x.clone();
    int evaluations = 0;
    const EvaluateLoss evaluate = [&](const torch::Tensor& at_x, torch::Tensor& gradient) {
      if (++evaluations == stop_at) throw Cancelled();
      return rosenbrock(at_x, gradient);
    };
    try {
      for (;;) {
        lbfgs.step(x, evaluate);
        accepted = x.clone();
      }
    } catch (const Cancelled&) {
    }
    EXPECT_EQ(evaluations, stop_at);
    EXPECT_TRUE(x.equal(accepted));
    EXPECT_NO_THROW(lbfgs.step(x, rosenbrock));  // and goes on from there
  }
}

TEST(Lbfgs, counts_every_evaluation_and_keeps_to_their_bound) {
  for (int bound = 1; bound < 8; ++bound) {
    Lbfgs lbfgs({.history = 10});
    Counted counted{rosenbrock};
    auto x = values({-1.2, 1.0});
    int told = 0;
    for (int i = 0; i < 5; ++i) {
      const auto step = lbfgs.step(x, counted.counting(), bound);
      EXPECT_LE(step.evaluations, bound);
      told += step.evaluations;
    }
    EXPECT_EQ(told, counted.evaluations);
  }
}

TEST(Lbfgs, stays_in_the_box_and_finds_its_border) {
  // The free minimum is at 3: every value ends at 1.
  Lbfgs lbfgs({.history = 10, .unit_box = true});
  auto x = torch::linspace(0, 0.9, 30, torch::kFloat64);
  const EvaluateLoss evaluate = [](const torch::Tensor& at_x, torch::Tensor& gradient) {
    EXPECT_GE(at_x.min().item<double>(), 0);
    EXPECT_LE(at_x.max().item<double>(), 1);
    return quadratic(at_x, gradient);
  };
  Lbfgs::Step step;
  for (int i = 0; i < 60 && !step.converged; ++i) step = lbfgs.step(x, evaluate);
  EXPECT_NEAR((x - 1).abs().max().item<double>(), 0, 1e-6);
  EXPECT_TRUE(step.converged);
}

TEST(Lbfgs, says_when_nothing_is_lower) {
  Lbfgs lbfgs({});
  auto x = torch::full({4}, 3.0, torch::kFloat64);
  const auto step = lbfgs.step(x, quadratic);
  EXPECT_TRUE(step.converged);
  EXPECT_EQ(step.loss, 0);
  EXPECT_TRUE(x.equal(torch::full({4}, 3.0, torch::kFloat64)));
}

}  // namespace
}  // namespace pinxit
