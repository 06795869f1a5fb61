// SPDX-License-Identifier: Apache-2.0
#include "engine/service/backlog.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/base/text.h"

namespace pinxit {

Backlog::Place Backlog::add() {
  {
    const std::lock_guard lock(state_->mutex);
    ++state_->unread;
  }
  // The pointer only has to be one; what counts is the end.
  return {static_cast<const void*>(state_.get()), [state = state_](const void*) {
            {
              const std::lock_guard lock(state->mutex);
              --state->unread;
            }
            state->changed.notify_all();
          }};
}

int Backlog::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->unread;
}

void Backlog::wait_for_reader(int most, Clock::duration patience, const std::function<bool()>& others_wait,
                              const std::stop_token& stop, const std::stop_token& finish) const {
  constexpr Clock::duration look_around = std::chrono::seconds(1);  ///< how often `others_wait` is asked
  const auto wake = [this] {
    { const std::lock_guard lock(state_->mutex); }
    state_->changed.notify_all();
  };
  const std::stop_callback on_stop(stop, wake), on_finish(finish, wake);
  std::unique_lock lock(state_->mutex);
  int before = state_->unread;
  Clock::time_point read = Clock::now();
  while (state_->unread > most && !stop.stop_requested() && !finish.stop_requested()) {
    state_->changed.wait_for(lock, std::min(patience, look_around));
    const Clock::time_point now = Clock::now();
    if (state_->unread < before) read = now;
    before = state_->unread;
    if (now - read < patience || state_->unread <= most || !others_wait()) continue;
    throw Failure(ErrorCode::engine_busy, _("The finished pictures were not fetched, and other jobs wait."),
                  _("Start the work again, and let the program that asked for it run."));
  }
}

}  // namespace pinxit
