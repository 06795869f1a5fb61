// SPDX-License-Identifier: Apache-2.0
//
// Something on the engine's socket that answers what the test wrote down: engines of other versions, and broken ones.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>
#include <thread>

#include "engine/client/runtime.h"

namespace pinxit {

class ScriptedEngine {
 public:
  /// From the request (head, and what came with it) to the body of the answer; the connection closes behind it.
  /// An answer shorter than `announced` bytes looks like an engine that died.
  using Script = std::function<std::string(const std::string& request)>;

  ScriptedEngine(std::string path, Script script, size_t missing_bytes = 0)
      : path_(std::move(path)), script_(std::move(script)), missing_(missing_bytes) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.size());
    listener_ = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::perror("bind");
    if (listen(listener_.get(), 8) != 0) std::perror("listen");
    thread_ = std::thread([this] { serve(); });
  }
  ~ScriptedEngine() {
    leave();
    thread_.join();
  }
  /// Nobody is listening from now on.
  void leave() {
    unlink(path_.c_str());
    shutdown(listener_.get(), SHUT_RDWR);
  }

 private:
  void serve() {
    for (;;) {
      const Descriptor connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection) return;
      const std::string request = read_request(connection.get());
      if (request.empty()) continue;  // somebody only looked whether anybody listens
      const std::string body = script_(request);
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: " +
                                 std::to_string(body.size() + missing_) + "\r\n\r\n" + body;
      if (send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL) < 0) continue;
    }
  }

  /// Head and body; what is left unread would reset the connection and take the answer along.
  static std::string read_request(int connection) {
    std::string request;
    std::array<char, 4096> part;
    size_t wanted = SIZE_MAX;
    while (request.size() < wanted) {
      const ssize_t got = read(connection, part.data(), part.size());
      if (got <= 0) break;
      request.append(part.data(), size_t(got));
      const size_t head = request.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      const size_t length = request.find("Content-Length: ");
      wanted = head + 4 + (length < head ? size_t(std::atoll(request.c_str() + length + 16)) : 0);
    }
    return request;
  }

  std::string path_;
  Script script_;
  size_t missing_;
  Descriptor listener_;
  std::thread thread_;
};

}  // namespace pinxit
