// SPDX-License-Identifier: Apache-2.0
#include "engine/client/finisher.h"

#include "engine/base/error.h"
#include "engine/client/exchange.h"

namespace pinxit {
namespace {

constexpr double answer_seconds = 20;

}  // namespace

Finisher::Finisher(std::string socket, std::stop_token wish) : socket_(std::move(socket)), wish_(std::move(wish)) {
  if (!wish_.stop_possible()) return;
  thread_ = std::jthread([this](const std::stop_token& over) { wait_and_tell(over); });
  on_wish_.emplace(wish_, Wake{this});
}

Finisher::~Finisher() {
  on_wish_.reset();
  thread_.request_stop();
}

void Finisher::Wake::operator()() const {
  { const std::lock_guard lock(finisher->mutex_); }  // or the thread could miss it between its look and its sleep
  finisher->changed_.notify_all();
}

void Finisher::job_is(uint64_t number) {
  {
    const std::lock_guard lock(mutex_);
    job_ = number;
  }
  changed_.notify_all();
}

void Finisher::wait_and_tell(const std::stop_token& over) {
  std::string line;
  {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, over, [this] { return job_ > 0 && wish_.stop_requested(); })) return;
    line = "{\"job\":" + std::to_string(job_) + "}";
  }
  const auto told = guarded([&] {
    Exchange exchange(socket_, {"POST", "/v1/finish", line}, answer_seconds, over);
    return exchange.line();
  });
  static_cast<void>(told);
}

}  // namespace pinxit
