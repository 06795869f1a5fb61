// SPDX-License-Identifier: Apache-2.0
//
// Passes a wish to finish on to the engine, whenever it comes: before the engine has named the job, or in the middle.
//
//     Finisher finisher(socket, job.finish);
//     …
//     finisher.job_is(17);     // from the first event
//
// The wish goes over a connection of its own, from a thread of its own. Where it does not reach the engine, nothing is
// said here: the job's own connection tells of an engine that is gone.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace pinxit {

class Finisher {
 public:
  Finisher(std::string socket, std::stop_token wish);
  ~Finisher();
  Finisher(const Finisher&) = delete;
  Finisher& operator=(const Finisher&) = delete;
  void job_is(uint64_t number);

 private:
  struct Wake {
    Finisher* finisher;
    void operator()() const;
  };
  void wait_and_tell(const std::stop_token& over);

  std::string socket_;
  std::stop_token wish_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  uint64_t job_ = 0;  ///< 0: not known yet
  std::jthread thread_;
  std::optional<std::stop_callback<Wake>> on_wish_;  ///< last: it uses the others
};

}  // namespace pinxit
