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
//
// Neural Style goes from the picture to its inverse: state K of N has K/N of the way, and the loss 1000/(1+K). Here it
// is the encoder's name that says how: any of the above (steps-N: 10 ms for each of N steps an iteration), and
//
//     abort-K       ends the process after state K
//     previews-N    N previews in the first iteration, as fast as they go;  slow-previews-N: 210 ms apart
//
// Facts: {"serial":…,"encoder":{"id":…},"preset":…,"iterations":those recorded,"pictures":["style-0 4x3",…]}.
// `evaluate` tells fixed losses, and twice the picture "at" as the gradient.
//
// Generate from Text: fake_generate.cpp.
#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>
#include <stdexcept>
#include <thread>

#include "engine/operations/operation.h"
#include "engine/requests/neural_presets.h"
#include "fake_generate.h"

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

int number_behind(const std::string& name, const char* stem) {
  return name.starts_with(stem) ? std::atoi(name.c_str() + std::strlen(stem)) : -1;
}

/// `share` of the way from the source to its inverse.
void paint(const Task& task, float share, SrgbSpan into) {
  for (int64_t y = 0; y < into.height; ++y)
    for (int64_t x = 0; x < into.width; ++x) {
      const int64_t from_x = x * task.source.width / into.width, from_y = y * task.source.height / into.height;
      const float* from = task.source.row(from_y) + 4 * from_x;
      float* to = into.row(y) + 4 * x;
      for (int channel = 0; channel < 3; ++channel)
        to[channel] = (1 - share) * from[channel] + share * (1 - from[channel]);
      to[3] = from[3];
    }
}

std::shared_ptr<const SrgbPicture> painted(const Task& task, float share, int64_t side) {
  const double longest = double(std::max(task.source.width, task.source.height));
  const double scale = std::min(1., double(side) / longest);
  auto picture = std::make_shared<SrgbPicture>(std::max<int64_t>(1, std::lround(double(task.source.width) * scale)),
                                               std::max<int64_t>(1, std::lround(double(task.source.height) * scale)));
  paint(task, share, picture->span());
  return picture;
}

void emit_state(const Task& task, const NeuralStyleRequest& request, int iteration) {
  Event event;
  event.kind = Event::Kind::state;
  event.step = iteration, event.of = request.iterations;
  Losses losses;
  losses.total = 1000. / (1 + iteration);
  losses.content = losses.total / 10, losses.style = losses.total / 2, losses.variation = losses.total * 400;
  losses.taps = {{"conv1_1", 2, losses.total / 8}, {"conv2_1", 1, losses.total / 4}};
  event.losses = losses;
  const float share = float(iteration) / float(request.iterations);
  if (task.preview_side > 0) event.picture = painted(task, share, task.preview_side);
  task.emit(event);
  if (request.keep_every == 0 || iteration % request.keep_every != 0 || iteration == 0) return;
  event.full = true;
  event.picture = painted(task, share, std::max(task.source.width, task.source.height));
  task.emit(event);
}

void emit_previews(const Task& task, const std::string& encoder) {
  const bool slowly = encoder.starts_with("slow-");
  const int count = number_behind(encoder, slowly ? "slow-previews-" : "previews-");
  for (int i = 0; i < count; ++i) {
    if (slowly) std::this_thread::sleep_for(std::chrono::milliseconds(210));
    Event event;
    event.kind = Event::Kind::preview;
    event.picture = painted(task, float(i) / float(count), std::max(1, task.preview_side));
    task.emit(event);
  }
}

/// False when somebody asked to finish.
bool take_an_iteration(const NeuralStyleRequest& request, const Task& task) {
  for (int step = std::max(1, number_behind(request.encoder, "steps-")); step > 0; --step) {
    if (task.stop.stop_requested()) throw Cancelled();
    if (task.finish.stop_requested()) return false;
    if (request.encoder.starts_with("steps-")) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

}  // namespace

Result<std::string> Workshop::neural_style(const NeuralStyleRequest& request, Task& task) {
  const int serial = ++state_->serial;
  misbehave(request.encoder);
  int iteration = 0;
  emit_state(task, request, 0);
  emit_previews(task, request.encoder);
  while (iteration < request.iterations && take_an_iteration(request, task)) {
    emit_state(task, request, ++iteration);
    if (iteration == number_behind(request.encoder, "abort-")) std::abort();
  }
  paint(task, float(iteration) / float(request.iterations), task.result);
  std::string pictures;
  for (const NamedView& one : task.pictures)
    pictures += (pictures.empty() ? "\"" : ",\"") + one.name + " " + std::to_string(one.pixels.width) + "x" +
                std::to_string(one.pixels.height) + "\"";
  return "{\"serial\":" + std::to_string(serial) + ",\"encoder\":{\"id\":\"" + request.encoder + "\"},\"preset\":\"" +
         neural_preset(request.preset).take().id + "\",\"iterations\":" + std::to_string(iteration) +
         ",\"pictures\":[" + pictures + "]}";
}

Result<std::string> Workshop::evaluate(const NeuralStyleRequest& request, Task& task) {
  misbehave(request.encoder);
  const SrgbView* at = task.picture("at");
  if (!at || !task.picture("style-0")) return Error{ErrorCode::bad_argument, "A picture is missing.", {}};
  for (size_t i = 0; i < at->bytes() / sizeof(float); ++i) task.result.data[i] = 2 * at->data[i];
  return std::string(R"({"total":9.5,"content":1.5,"style":[{"layer":"conv1_1","loss":0.25,"weight":20}],"tv":3})");
}

Result<std::string> Workshop::generate(const GenerateRequest& request, Task& task) {
  ++state_->serial;
  misbehave(request.model);
  return fake_generate(request, task, [&] { take_time(request.model, task); });
}

Result<std::string> Workshop::read_prompt(const GenerateRequest& request, Task&) {
  misbehave(request.model);
  return fake_read_prompt(request);
}

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
