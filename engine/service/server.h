// SPDX-License-Identifier: Apache-2.0
//
// The engine process's life: it listens, queues jobs, lets one worker do them, tells how it goes, and ends when it has
// been idle long enough or is asked to. docs/protocol.md describes what it understands.
//
//     Server server("/run/user/1000/pinxit/engine.socket");
//     if (auto listening = server.listen(); !listening) …
//     server.run();   // returns when the engine shall end
//
// Everything but the work itself happens on the thread that calls run(). The Workshop lives on the worker's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/base/error.h"

namespace pinxit {

class Server {
 public:
  explicit Server(std::string socket);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Errors: engine_busy when another engine keeps the socket, engine_missing when it cannot be made.
  Status listen();
  void run();
  /// Asks the engine to end: `now`, or when its jobs are done. On run's thread.
  void retire(bool now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pinxit
