// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/search.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>

#include "engine/base/text.h"
#include "engine/optimise/level_objective.h"
#include "engine/optimise/optimizers.h"
#include "engine/optimise/resize.h"
#include "engine/optimise/start_picture.h"

namespace pinxit {
namespace {

/// Exponential mean of the pictures it was shown, each counting from the first one on.
class RunningMean {
 public:
  explicit RunningMean(double decay) : decay_(decay) {}
  bool used() const { return decay_ > 0; }
  void start(const torch::Tensor& picture) {
    if (!used()) return;
    left_ = 1;
    sum_ = torch::zeros_like(picture);
    add(picture);
  }
  void add(const torch::Tensor& picture) {
    if (!used()) return;
    left_ *= decay_;
    sum_.lerp_(picture, 1 - decay_);
  }
  torch::Tensor get() const { return sum_ / (1 - left_); }

 private:
  double decay_, left_ = 1;
  torch::Tensor sum_;
};

/// What is done and what there is to do, in pixels seen.
class Meter {
 public:
  Meter(double all, const std::function<void(double)>& tell) : all_(all), tell_(tell) {}
  void add(double work) { during(work, 1), done_ += work; }
  /// Tells of a part of `work` that is still going on.
  void during(double work, double part) const {
    if (tell_) tell_(std::min((done_ + work * part) / all_, 1.0));
  }

 private:
  double all_, done_ = 0;
  const std::function<void(double)>& tell_;
};

double pixels_of(SearchSize size) { return double(size.width) * double(size.height); }

// Work beside a step's, which is a forward and a backward pass.
constexpr double setup_share = 1, state_share = 0.35;

double all_work(const SearchPlan& plan) {
  const double full = pixels_of(plan.levels.back().size);
  double work = state_share * full * double(plan.iterations.size() + 1);
  for (const auto& level : plan.levels) work += setup_share * pixels_of(level.size);
  for (const auto& iteration : plan.iterations)
    for (const auto& stretch : iteration) work += stretch.steps * pixels_of(plan.levels[stretch.level].size);
  return work;
}

class Search {
 public:
  Search(const SearchInputs& inputs, SearchPlan plan, const SearchEvents& events)
      : inputs_(inputs),
        schedule_(inputs.preset.schedule),
        plan_(std::move(plan)),
        events_(events),
        meter_(all_work(plan_), events.progress),
        mean_(schedule_.average),
        adam_({schedule_.learning_rate, schedule_.beta1, schedule_.beta2}),
        lbfgs_({.history = schedule_.history, .unit_box = boxed()}) {}

  SearchEnd run() {
    const torch::NoGradGuard no_grad;
    const auto wake = [this] { either_.request_stop(); };
    const std::stop_callback on_stop(events_.stop, wake), on_finish(events_.finish, wake);
    stop_ = events_.stop;  // there is no result before state 0
    full_ = objective_of(plan_.levels.size() - 1);
    enter(0);
    record(0);
    stop_ = either_.get_token();
    try {
      for (size_t i = 0; i < plan_.iterations.size(); ++i) {
        if (schedule_.restart) lbfgs_.restart();
        for (const auto& [level, steps] : plan_.iterations[i]) {
          if (level != level_) enter(level);
          if (schedule_.optimizer == SearchSchedule::Optimizer::adam)
            take_adam(steps);
          else
            take_lbfgs(steps);
        }
        record(int(i) + 1);
      }
    } catch (const Cancelled&) {
      if (events_.stop.stop_requested() || !events_.finish.stop_requested()) throw;
      end_.finished_early = true;
    }
    end_.tile_side = full_->tile_side();
    full_.reset(), coarse_.reset();
    end_.picture = resized(end_.picture, plan_.levels.back().size);
    return std::move(end_);
  }

 private:
  bool boxed() const { return schedule_.clamp != SearchSchedule::Clamp::never; }
  bool at_full_size() const { return level_ + 1 == plan_.levels.size(); }

  void check_stop() const {
    if (stop_.stop_requested()) throw Cancelled();
  }

  Objective make_objective(SearchSize size, int64_t tile_side) {
    const auto type = inputs_.net->type() == torch::kFloat64 ? torch::kFloat64 : torch::kFloat32;
    const auto sized = [&](const torch::Tensor& picture, SearchSize to) {
      return resized(picture.to(inputs_.net->device(), type), to);
    };
    ObjectiveParts parts{inputs_.net, inputs_.preset, sized(inputs_.content, size), {}};
    parts.content_factor = inputs_.content_factor;
    parts.style_factor = inputs_.style_factor;
    parts.variation_factor = inputs_.variation_factor;
    for (const SearchStyle& style : inputs_.styles) {
      const auto fit = style_size(size_of(style.pixels), size, inputs_.preset.stretch_style, inputs_.style_scale);
      parts.styles.push_back({sized(style.pixels, fit), style.weight,
                              style.mask.defined() ? sized(style.mask, size) : torch::Tensor()});
    }
    const double work = setup_share * pixels_of(size);
    return Objective(std::move(parts), {tile_side}, stop_, [this, work](double done) { meter_.during(work, done); });
  }

  std::unique_ptr<LevelObjective> objective_of(size_t level) {
    const auto& [size, tile_side] = plan_.levels[level];
    auto made = std::make_unique<LevelObjective>([this, size](int64_t side) { return make_objective(size, side); }, size,
                                                 tile_side, events_.note);
    meter_.add(setup_share * pixels_of(size));
    return made;
  }

  LevelObjective& objective() { return at_full_size() ? *full_ : *coarse_; }

  /// Makes everything the size of `level`. The picture goes on from the mean of the level before.
  void enter(size_t level) {
    level_ = level;
    const SearchSize size = plan_.levels[level].size;
    coarse_.reset();
    if (!at_full_size()) coarse_ = objective_of(level);
    if (x_.defined()) {
      x_ = enlarged(mean_.used() ? mean_.get() : x_, size);
      if (boxed()) x_.clamp_(0, 1);
      adam_.resize(size.height, size.width);
    } else {
      x_ = start_picture(inputs_, size);
    }
    mean_.start(x_);
    lbfgs_.forget();
    gradient_.reset();
    known_.reset();
  }

  void take_adam(int steps) {
    for (; steps > 0; --steps) {
      check_stop();
      if (!gradient_.defined()) queue_.push_back(objective().evaluate_values(x_, &gradient_, stop_));
      // A GPU works behind; waiting for the step before the last keeps a stop near.
      if (queue_.size() > 2) {
        (void)queue_.front().sum().item<double>();
        queue_.pop_front();
      }
      adam_.step(x_, gradient_);
      gradient_.reset();
      known_.reset();
      if (boxed()) x_.clamp_(0, 1);
      mean_.add(x_);
      step_done(1);
    }
  }

  void take_lbfgs(int steps) {
    std::vector<Losses> seen;
    const auto evaluate = [&](const torch::Tensor& x, torch::Tensor& gradient) {
      check_stop();
      seen.push_back(objective().evaluate(x, &gradient, stop_));
      return seen.back().total;
    };
    while (steps > 0) {
      seen.clear();
      const auto step = lbfgs_.step(x_, evaluate, schedule_.count_evaluations ? steps : 0);
      for (const Losses& losses : seen)
        if (losses.total == step.loss) known_ = losses;
      mean_.add(x_);
      int taken = schedule_.count_evaluations ? std::max(step.evaluations, 1) : 1;
      if (step.converged) taken = steps;
      steps -= taken;
      step_done(taken);
    }
  }

  void step_done(int steps) {
    meter_.add(steps * pixels_of(plan_.levels[level_].size));
    if (events_.glimpse) events_.glimpse(mean_.used() ? mean_.get() : x_);
  }

  /// Losses of the picture as it is now. The gradient, where there is one, is kept for the next step.
  Losses losses_of(const torch::Tensor& picture) {
    if (!at_full_size()) {
      auto large = enlarged(picture, full_->size());
      if (boxed()) large.clamp_(0, 1);
      return full_->evaluate(large, nullptr, stop_);
    }
    if (mean_.used()) return full_->evaluate(picture, nullptr, stop_);
    if (!known_ && schedule_.optimizer == SearchSchedule::Optimizer::adam) known_ = full_->evaluate(x_, &gradient_, stop_);
    if (!known_) known_ = full_->evaluate(x_, nullptr, stop_);
    return *known_;
  }

  void record(int iteration) {
    auto picture = mean_.used() ? mean_.get() : x_;
    SearchState state{iteration, int(plan_.iterations.size()), losses_of(picture), {}};
    if (!std::isfinite(state.losses.total))
      throw Failure(ErrorCode::bad_argument, _("The painting ran away: its losses are no numbers any more."),
                    _("Choose smaller weights, another preset or the precision fp32."));
    state.picture = picture.clamp(0, 1);
    meter_.add(state_share * pixels_of(full_->size()));
    end_.losses.push_back(state.losses);
    end_.picture = state.picture;
    if (events_.state) events_.state(state);
  }

  const SearchInputs& inputs_;
  const SearchSchedule& schedule_;
  const SearchPlan plan_;
  const SearchEvents& events_;
  std::stop_source either_;  ///< stop or finish
  std::stop_token stop_;
  Meter meter_;
  std::unique_ptr<LevelObjective> full_, coarse_;  ///< coarse_: of the level, where that is not the full size
  size_t level_ = 0;
  torch::Tensor x_, gradient_;  ///< gradient_: at x_, where it is known already
  std::optional<Losses> known_;  ///< of x_ at full size
  RunningMean mean_;
  Adam adam_;
  Lbfgs lbfgs_;
  std::deque<torch::Tensor> queue_;
  SearchEnd end_;
};

}  // namespace

SearchEnd search(const SearchInputs& inputs, SearchPlan plan, const SearchEvents& events) {
  return Search(inputs, std::move(plan), events).run();
}

}  // namespace pinxit
