// SPDX-License-Identifier: Apache-2.0
//
// Turns shares of work into progress events with a time left, and a stop request into Cancelled.
#pragma once

#include <chrono>
#include <stop_token>

#include "engine/requests/events.h"

namespace pinxit {

class ProgressMeter {
 public:
  static constexpr int steps = 1000;
  ProgressMeter(const Emit& emit, std::stop_token stop) : emit_(emit), stop_(std::move(stop)) {}

  /// The part of the whole job that the next `at` calls stand for: first … first + share, in 0..1.
  void part(double first, double share) { first_ = first, share_ = share; }

  /// Throws Cancelled when a stop was asked for; tells progress at most ten times a second.
  void at(double done) {
    if (stop_.stop_requested()) throw Cancelled();
    const double whole = first_ + share_ * done;
    const auto now = std::chrono::steady_clock::now();
    if (!emit_ || (whole < 1 && now - told_ < std::chrono::milliseconds(100))) return;
    told_ = now;
    Event event;
    event.kind = Event::Kind::progress;
    event.step = int(whole * steps), event.of = steps;
    const double elapsed = std::chrono::duration<double>(now - start_).count();
    if (whole > 0.02) event.seconds_left = elapsed * (1 - whole) / whole;
    emit_(event);
  }

 private:
  const Emit& emit_;
  std::stop_token stop_;
  double first_ = 0, share_ = 1;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), told_{};
};

}  // namespace pinxit
