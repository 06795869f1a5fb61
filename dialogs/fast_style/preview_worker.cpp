// SPDX-License-Identifier: Apache-2.0
#include "dialogs/fast_style/preview_worker.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "dialogs/fast_style/preview_dump.h"

namespace pinxit {

using Clock = std::chrono::steady_clock;

/// What the window and the thread both hold; it outlives whichever goes first.
struct PreviewWorker::Shared {
  explicit Shared(SharedPicture picture) : source(std::move(picture)) {}
  const SharedPicture source;

  std::mutex mutex;
  std::condition_variable changed;
  std::optional<PreviewWish> wish;  ///< waiting
  Clock::time_point due;            ///< when it may start
  std::stop_source running;         ///< of the one being computed
  uint64_t number = 0;              ///< of the newest wish; reports of older ones are dropped
  bool closing = false;
};

namespace {

/// The thread's own things: nobody else touches them.
class Painter {
 public:
  Painter(const SharedPicture& source, std::function<void(std::string)> on_engine)
      : source_(source), on_engine_(std::move(on_engine)) {}

  Result<PreviewFrame> paint(const PreviewWish& wish, const std::stop_token& stop,
                             const std::function<void(const Event&)>& on_event) {
    auto frame = attempt(wish, stop, on_event);
    const bool lost = !frame && frame.error().code == ErrorCode::engine_lost && !stop.stop_requested();
    return lost ? attempt(wish, stop, on_event) : std::move(frame);
  }

 private:
  Result<PreviewFrame> attempt(const PreviewWish& wish, const std::stop_token& stop,
                               const std::function<void(const Event&)>& on_event) {
    return guarded([&]() -> PreviewFrame {
      if (!client_) {
        EngineOptions options;
        options.stop = stop;
        client_.emplace(EngineClient::connect(options).take());
        if (auto status = client_->status()) on_engine_(*status);
      }
      auto picture = SharedPicture::create(wish.size.width, wish.size.height).take();
      auto outcome = client_->run(wish.request, {source_, picture, wish.view, on_event, stop});
      if (!outcome) {
        const ErrorCode code = outcome.error().code;
        if (code == ErrorCode::engine_lost || code == ErrorCode::engine_old || code == ErrorCode::protocol)
          client_.reset();
      }
      return {wish, picture, outcome.take().facts};
    });
  }

  SharedPicture source_;
  std::function<void(std::string)> on_engine_;
  std::optional<EngineClient> client_;
};

}  // namespace

PreviewWorker::PreviewWorker(SharedPicture source, Reports reports)
    : reports_(std::move(reports)), shared_(std::make_shared<Shared>(std::move(source))) {
  // The thread owns a share of `shared` and copies of the callbacks; letters reach the window only while it lives.
  std::thread([shared = shared_, reports = reports_, letters = mailbox_.sender()] {
    const auto report = [&](uint64_t number, std::function<void()> what) {
      letters.post([shared, number, what = std::move(what)] {
        if (number == shared->number) what();  // `number` changes on the main thread only
      });
    };
    Painter painter(shared->source, [&](std::string status) {
      letters.post([reports, status = std::move(status)] { reports.on_engine(status); });
    });

    while (true) {
      PreviewWish wish;
      std::stop_token stop;
      uint64_t number;
      {
        std::unique_lock lock(shared->mutex);
        while (!shared->closing && !(shared->wish && Clock::now() >= shared->due)) {
          if (shared->wish) shared->changed.wait_until(lock, shared->due);
          else shared->changed.wait(lock);
        }
        if (shared->closing) return;
        wish = std::move(*shared->wish);
        shared->wish.reset();
        shared->running = std::stop_source();
        stop = shared->running.get_token();
        number = shared->number;
      }
      auto frame = painter.paint(wish, stop, [&](const Event& event) {
        report(number, [reports, event] { reports.on_event(event); });
      });
      if (stop.stop_requested()) continue;
      if (frame) {
        dump_preview(*frame);
        report(number, [reports, frame = std::move(*frame)] { reports.on_frame(frame); });
      } else {
        report(number, [reports, error = frame.error()] { reports.on_error(error); });
      }
    }
  }).detach();
}

PreviewWorker::~PreviewWorker() {
  replace([this] {
    shared_->wish.reset();
    shared_->closing = true;
  });
}

void PreviewWorker::ask(PreviewWish wish, int delay_ms) {
  replace([&] {
    shared_->wish = std::move(wish);
    shared_->due = Clock::now() + std::chrono::milliseconds(delay_ms);
  });
}

void PreviewWorker::rest() {
  replace([this] { shared_->wish.reset(); });
}

void PreviewWorker::replace(std::function<void()> change) {
  std::stop_source running = std::stop_source(std::nostopstate);
  {
    const std::lock_guard lock(shared_->mutex);
    change();
    shared_->number++;
    running = shared_->running;
  }
  shared_->changed.notify_all();
  running.request_stop();  // outside the lock: the client's stop callbacks run in here
}

}  // namespace pinxit
