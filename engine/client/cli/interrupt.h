// SPDX-License-Identifier: Apache-2.0
//
// Ctrl-C, hang-up and SIGTERM as a stop token: as long as an Interrupt lives they end the job instead of the program.
// One at a time.
#pragma once

#include <stop_token>
#include <thread>

namespace pinxit {

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::thread watcher_;
};

}  // namespace pinxit
