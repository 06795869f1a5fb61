// SPDX-License-Identifier: Apache-2.0
#include "dialogs/painting/paint_job.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/base/text.h"

namespace pinxit {

struct PaintJob::Shared {
  std::stop_source stop, finish;
  std::mutex mutex;
  std::condition_variable returned;
  bool done = false;
};

PaintJob::PaintJob(Work work, std::function<void(const Event&)> on_event, std::function<void(Status)> on_end)
    : on_end_(std::move(on_end)), shared_(std::make_shared<Shared>()) {
  std::thread([this, shared = shared_, letters = mailbox_.sender(), work = std::move(work),
               on_event = std::move(on_event)]() mutable {
    auto status = guarded([&]() -> Nothing {
      const auto hear = [&](const Event& event) { letters.post([on_event, event] { on_event(event); }); };
      return work(hear, shared->stop.get_token(), shared->finish.get_token()).take();
    });
    work = nullptr;  // what the host captured is let go before the job counts as done
    letters.post([this, status = std::move(status)] { end(status); });
    {
      const std::lock_guard lock(shared->mutex);
      shared->done = true;
    }
    shared->returned.notify_all();
  }).detach();
}

PaintJob::~PaintJob() {
  on_end_ = nullptr;
  shared_->stop.request_stop();
}

void PaintJob::finish() { shared_->finish.request_stop(); }

void PaintJob::cancel() {
  shared_->stop.request_stop();
  {
    std::unique_lock lock(shared_->mutex);
    shared_->returned.wait_for(lock, std::chrono::milliseconds(patience_ms), [this] { return shared_->done; });
  }
  end(Cancelled().error);
}

void PaintJob::end(Status status) {
  if (auto on_end = std::exchange(on_end_, nullptr)) on_end(std::move(status));
}

}  // namespace pinxit
