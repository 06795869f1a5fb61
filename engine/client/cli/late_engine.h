// SPDX-License-Identifier: Apache-2.0
//
// The engine of a command, connected when it is first needed: a call that fails before starts none.
//
//     LateEngine engine(interrupt.token());
//     engine.get().run(request, job).take();
#pragma once

#include <optional>
#include <stop_token>
#include <utility>

#include "engine/client/engine_client.h"

namespace pinxit {

class LateEngine {
 public:
  explicit LateEngine(std::stop_token stop) : stop_(std::move(stop)) {}

  bool connected() const { return client_.has_value(); }
  /// Throws Failure as EngineClient::connect, and Cancelled once it is stopped.
  EngineClient& get() {
    if (stop_.stop_requested()) throw Cancelled();
    if (!client_) {
      EngineOptions options;
      options.stop = stop_;
      client_ = EngineClient::connect(options).take();
    }
    return *client_;
  }

 private:
  std::stop_token stop_;
  std::optional<EngineClient> client_;
};

}  // namespace pinxit
