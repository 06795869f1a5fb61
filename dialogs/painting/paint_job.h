// SPDX-License-Identifier: Apache-2.0
//
// One run of a host's inference on a worker thread, heard of on the main thread.
//
//     PaintJob job([paint, request](const Emit& hear, std::stop_token stop, std::stop_token finish) -> Status {
//       return paint(request, hear, stop);                   // worker thread
//     }, on_event, on_end);                                  // callbacks run on the main thread
//     job.finish();                                          // asks it to end early with what there is
//     job.cancel();                                          // on_end(cancelled) comes at once, whatever the work does
//
// `on_end` is called exactly once, unless the job is destroyed first (which stops it without waiting). A cancel gives
// the thread `patience_ms` to return, so that the host can usually count on it; one that hangs is left behind with its
// own copy of the work.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "dialogs/shared/main_loop.h"
#include "engine/base/error.h"
#include "engine/requests/events.h"

namespace pinxit {

class PaintJob {
 public:
  static constexpr int patience_ms = 150;
  using Work = std::function<Status(const Emit& hear, std::stop_token stop, std::stop_token finish)>;

  PaintJob(Work work, std::function<void(const Event&)> on_event, std::function<void(Status)> on_end);
  ~PaintJob();
  void finish();
  void cancel();

 private:
  struct Shared;
  void end(Status status);

  std::function<void(Status)> on_end_;
  std::shared_ptr<Shared> shared_;
  Mailbox mailbox_;
};

}  // namespace pinxit
