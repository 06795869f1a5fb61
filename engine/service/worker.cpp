// SPDX-License-Identifier: Apache-2.0
#include "engine/service/worker.h"

#include <exception>
#include <string>

#include "engine/service/log.h"

namespace pinxit {

void on_main(GMainContext* context, std::function<void()> work) {
  using Work = std::function<void()>;
  GSource* source = g_idle_source_new();
  g_source_set_priority(source, G_PRIORITY_DEFAULT);
  g_source_set_callback(
      source,
      [](gpointer data) -> gboolean {
        try {
          (*static_cast<Work*>(data))();
        } catch (const std::exception& problem) {
          log_line(std::string("a bug: ") + problem.what());
        }
        return G_SOURCE_REMOVE;
      },
      new Work(std::move(work)), [](gpointer data) { delete static_cast<Work*>(data); });
  g_source_attach(source, context);
  g_source_unref(source);
}

Worker::Worker(std::function<void()> at_rest, std::chrono::milliseconds rest_after)
    : at_rest_(std::move(at_rest)), rest_after_(rest_after), thread_([this](const std::stop_token& stop) { loop(stop); }) {}

Worker::~Worker() {
  thread_.request_stop();
  changed_.notify_all();
}

void Worker::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void Worker::loop(const std::stop_token& stop) {
  const auto something = [this] { return !waiting_.empty(); };
  bool rested = !at_rest_;
  while (!stop.stop_requested()) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      const bool found = rested ? changed_.wait(lock, stop, something)
                                : changed_.wait_for(lock, stop, rest_after_, something);
      if (stop.stop_requested()) return;
      if (found) {
        work = std::move(waiting_.front());
        waiting_.pop_front();
      } else {
        work = at_rest_;
      }
      rested = !found || !at_rest_;
    }
    work();
  }
}

}  // namespace pinxit
