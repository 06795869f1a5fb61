// SPDX-License-Identifier: Apache-2.0
//
// One run of the host's `paint` on a worker thread, heard of on the main thread.
//
//     PaintJob job(host.paint, request, on_event, on_end);   // callbacks run on the main thread
//     job.cancel();                                          // on_end(cancelled) comes at once, whatever paint does
//
// `on_end` is called exactly once, unless the job is destroyed first (which stops it without waiting). A cancel gives
// the thread `patience_ms` to return, so that the host can usually count on it; one that hangs is left behind with its
// own copy of `paint`.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "dialogs/fast_style_dialog.h"
#include "dialogs/main_loop.h"

namespace pinxit {

class PaintJob {
 public:
  static constexpr int patience_ms = 150;

  PaintJob(decltype(FastStyleDialogHost::paint) paint, FastStyleRequest request,
           std::function<void(const Event&)> on_event, std::function<void(Status)> on_end);
  ~PaintJob();
  void cancel();

 private:
  struct Shared;
  void end(Status status);

  std::function<void(Status)> on_end_;
  std::shared_ptr<Shared> shared_;
  Mailbox mailbox_;
};

}  // namespace pinxit
