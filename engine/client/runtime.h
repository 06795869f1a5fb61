// SPDX-License-Identifier: Apache-2.0
//
// Where client and engine meet: a private folder of the user with a socket and two locks.
//
//     $PINXIT_RUNTIME_DIR, else $XDG_RUNTIME_DIR/pinxit, else /tmp/pinxit-UID
//       engine.socket         the engine listens here (0600)
//       engine.socket.lock    locked (flock) by the engine that listens, so that there is one; holds its process id
//       engine.socket.start   locked by a client while it starts an engine, so that two clients start one
//       engine.log            with PINXIT_RUNTIME_DIR only
//
// The folder is 0700 and the user's own; anything else is refused, for who controls it sees the user's pictures.
#pragma once

#include <string>

#include "engine/base/error.h"

namespace pinxit {

/// The folder, made if it is missing. Errors: engine_missing, naming what is wrong with it.
Result<std::string> runtime_folder();

std::string socket_in(const std::string& folder);
std::string engine_lock_of(const std::string& socket);
std::string start_lock_of(const std::string& socket);

/// $XDG_STATE_HOME/pinxit/engine.log; with PINXIT_RUNTIME_DIR (tests) in that folder.
std::string engine_log_file();

/// Whether an engine takes connections on the socket.
bool somebody_listens(const std::string& socket);

/// A file descriptor that is closed with its holder.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }
  int release();
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// Opens and locks `file`, waiting up to `seconds`; without a value when somebody else keeps it that long.
/// `give_up` is asked every few milliseconds. The lock ends with the descriptor, also when the process is killed.
Descriptor lock_file(const std::string& file, double seconds, bool (*give_up)(void*) = nullptr, void* data = nullptr);

}  // namespace pinxit
