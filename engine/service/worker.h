// SPDX-License-Identifier: Apache-2.0
//
// The one thread that computes, and the way back to the main loop.
#pragma once

#include <glib.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace pinxit {

/// Runs `work` on the main loop's thread, in the order of the calls. From any thread.
void on_main(GMainContext* context, std::function<void()> work);

class Worker {
 public:
  /// `at_rest` runs on the worker's thread once it had nothing to do for a while; it must not throw.
  explicit Worker(std::function<void()> at_rest = {}, std::chrono::milliseconds rest_after = std::chrono::seconds(10));
  /// Waits for the work under way; what was not begun is dropped.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  /// `work` must not throw.
  void post(std::function<void()> work);

 private:
  void loop(const std::stop_token& stop);
  std::function<void()> at_rest_;
  std::chrono::milliseconds rest_after_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> waiting_;
  std::jthread thread_;  ///< last: it uses the others
};

}  // namespace pinxit
