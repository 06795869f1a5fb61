// SPDX-License-Identifier: Apache-2.0
//
// Pictures on their way to a client that has not read them yet. They are in memory until they are sent, so whoever
// makes them waits:
//
//     Backlog unread;                                                   // one for each job
//     send(picture, unread.add());                                      // kept as long as the picture
//     unread.wait_for_reader(2, patience, others_wait, stop, finish);   // on the worker's thread
//
// From any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

namespace pinxit {

class Backlog {
 public:
  using Clock = std::chrono::steady_clock;
  /// One unread picture, until the last copy is gone; may outlive the backlog.
  using Place = std::shared_ptr<const void>;

  Place add();
  int size() const;

  /// Returns when at most `most` pictures are unread, or `stop` or `finish` is requested. Where others wait for the
  /// engine and nothing was read for `patience`: throws Failure(engine_busy).
  void wait_for_reader(int most, Clock::duration patience, const std::function<bool()>& others_wait,
                       const std::stop_token& stop, const std::stop_token& finish) const;

 private:
  struct State {
    mutable std::mutex mutex;
    std::condition_variable changed;
    int unread = 0;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace pinxit
