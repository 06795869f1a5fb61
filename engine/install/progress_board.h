// SPDX-License-Identifier: Apache-2.0
//
// What several workers have done together, for one listener: the workers note, the thread that called the installer
// tells.
//
//     ProgressBoard board("vgg19", progress);
//     board.begin(ProgressBoard::Phase::downloading, total_bytes);
//     board.add(bytes);                                              // a worker
//     board.say(ProgressBoard::Phase::retrying, "a.bin", note);      // a worker
//     board.tell_until([&] { return running == 0; });                // the caller: `progress` a few times a second
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "engine/install/installer.h"

namespace pinxit {

/// Bytes over time: the mean of the last seconds, so that a number can be read and still follows the line.
class SpeedMeter {
 public:
  using Clock = std::chrono::steady_clock;
  void note(int64_t done, Clock::time_point now);
  double bytes_per_second() const;                       ///< 0: not known yet
  double seconds_left(int64_t done, int64_t total) const;  ///< -1: not known

 private:
  std::deque<std::pair<Clock::time_point, int64_t>> marks_;
};

class ProgressBoard {
 public:
  using Phase = InstallProgress::Phase;
  ProgressBoard(std::string id, OnProgress progress);

  // From any thread.
  void begin(Phase phase, int64_t total, int64_t done = 0);
  void add(int64_t bytes);         ///< negative: thrown away again
  void add_total(int64_t bytes);   ///< a size that was not known before
  void say(Phase phase, const std::string& file, const std::string& note);  ///< a word in between; `phase` lasts
  /// Waits, up to `seconds`, for a stop: throws Cancelled then.
  void pause(double seconds, std::stop_token stop);
  void wake();

  // From the thread that called the installer.
  /// What is new, now; without `all` bytes at most a few times a second.
  void tell(bool all = true);
  void tell_until(const std::function<bool()>& done);

 private:
  OnProgress progress_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  InstallProgress state_;
  SpeedMeter meter_;
  SpeedMeter::Clock::time_point told_;
  bool news_ = false;
  std::deque<InstallProgress> words_;  ///< of `say`, so that none is lost
};

}  // namespace pinxit
