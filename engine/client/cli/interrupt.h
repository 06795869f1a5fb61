// SPDX-License-Identifier: Apache-2.0
//
// Ctrl-C, hang-up and SIGTERM as a stop token: as long as an Interrupt lives they end the job instead of the program.
// One at a time.
//
//     Interrupt interrupt(Interrupt::Manner::finish_first);
//     job.finish = interrupt.finish();     // fires with the first Ctrl-C
//     job.stop = interrupt.token();        // fires with the second, or with any other signal
#pragma once

#include <stop_token>
#include <thread>

namespace pinxit {

class Interrupt {
 public:
  enum class Manner { stop, finish_first };
  explicit Interrupt(Manner manner = Manner::stop);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  std::stop_token token() const { return stop_.get_token(); }
  std::stop_token finish() const { return finish_.get_token(); }

 private:
  std::stop_source stop_, finish_;
  std::thread watcher_;
};

}  // namespace pinxit
