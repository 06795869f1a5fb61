// SPDX-License-Identifier: Apache-2.0
//
// A Workshop for tests of the engine process: it inverts the picture, and the style's name says how it behaves:
//
//     invert        at once
//     steps-N       in N steps of 10 ms, asking for a stop at each
//     deaf-N        the same without ever asking
//     refuse        returns model_missing
//     throw         throws an exception;  throw-memory: one that LibTorch throws when memory ends;  bad-alloc
//     abort         ends the process (a crash);  kill: SIGKILL
//
// Facts: {"serial":how many jobs were begun so far,"style":…}.
#include <csignal>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <thread>

#include "engine/operations/operation.h"

namespace pinxit {

struct Workshop::State {
  int serial = 0;
};

Workshop::Workshop() : state_(std::make_unique<State>()) {}
Workshop::~Workshop() = default;

std::string Workshop::describe() {
  return "{\"devices\":[\"cpu\"],\"serial\":" + std::to_string(state_->serial) + "}";
}

void Workshop::forget() {}
void Workshop::rest() {}

void prepare_process(int threads) {}

namespace {

void misbehave(const std::string& style) {
  if (style == "throw") throw std::runtime_error("a tensor of the wrong shape");
  if (style == "throw-memory") throw std::runtime_error("DefaultCPUAllocator: not enough memory: you tried to …");
  if (style == "bad-alloc") throw std::bad_alloc();
  if (style == "refuse") throw Failure(ErrorCode::model_missing, "There is no style \"refuse\".", "Take another.");
  if (style == "abort") std::abort();
  if (style == "kill") raise(SIGKILL);
}

void take_time(const std::string& style, Task& task) {
  const size_t dash = style.find('-');
  const int steps = dash == std::string::npos ? 0 : std::atoi(style.c_str() + dash + 1);
  for (int step = 1; step <= steps; ++step) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (style.starts_with("steps") && task.stop.stop_requested()) throw Cancelled();
    Event event;
    event.kind = Event::Kind::progress;
    event.step = step, event.of = steps;
    task.emit(event);
  }
}

/// Pixel (x, y) of the result comes from here in the source.
const float* source_pixel(const Task& task, int64_t x, int64_t y) {
  if (task.view == ViewKind::crop) x += task.region.x, y += task.region.y;
  if (task.view == ViewKind::fitted) {
    x = x * task.source.width / task.result.width;
    y = y * task.source.height / task.result.height;
  }
  return task.source.row(y) + 4 * x;
}

}  // namespace

Result<std::string> Workshop::fast_style(const FastStyleRequest& request, Task& task) {
  const int serial = ++state_->serial;
  const std::string& style = request.styles.at(0).style;
  misbehave(style);
  take_time(style, task);
  for (int64_t y = 0; y < task.result.height; ++y)
    for (int64_t x = 0; x < task.result.width; ++x) {
      const float* from = source_pixel(task, x, y);
      float* to = task.result.row(y) + 4 * x;
      for (int channel = 0; channel < 3; ++channel) to[channel] = 1 - from[channel];
      to[3] = from[3];
    }
  return "{\"serial\":" + std::to_string(serial) + ",\"style\":\"" + style + "\"}";
}

}  // namespace pinxit
