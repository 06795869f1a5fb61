// SPDX-License-Identifier: Apache-2.0
//
// One HTTP request over the engine's socket and the frames of its response, read as they come.
//
//     Exchange exchange(socket, {"GET", "/v1/status", {}}, 10, stop);
//     while (auto line = exchange.line()) …
//
// Everything blocks, and everything ends at once with Cancelled when `stop` fires, from whatever thread, also when the
// engine hangs. The connection closes with the object, which cancels the job it carried. Only AF_UNIX sockets are
// opened: no proxy, no name is looked up.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/pixels.h"

namespace pinxit {

class Exchange {
 public:
  struct Request {
    const char* method;
    const char* path;
    std::string line;                ///< the frame sent as the body; empty: no body
    std::vector<SrgbView> pixels{};  ///< raw bytes after the line, must live as long as the exchange
  };

  /// Connects, sends and waits for the head of the response. `silence_seconds`: how long nothing may arrive.
  /// Throws Failure: engine_missing when nobody listens, or the engine went away before it answered (asking again is
  /// safe); engine_lost when it stays silent; Cancelled.
  Exchange(const std::string& socket, const Request& request, double silence_seconds, std::stop_token stop);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// The next line without its line feed; nothing at the end of the response. Throws engine_lost, Cancelled, protocol.
  std::optional<std::string> line();
  /// Exactly so many raw bytes behind the last line; null destination: skipped.
  void bytes(void* destination, size_t size);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pinxit
