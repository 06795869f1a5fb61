// SPDX-License-Identifier: Apache-2.0
#include "engine/client/cli/interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace pinxit {
namespace {

constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP};
constexpr char key_byte = 'k', stop_byte = 's', end_byte = 'e';

/// Signal handlers may write to a pipe and little else; a thread reads it and does the rest.
int pipe_ends[2] = {-1, -1};

void put(char byte) {
  const int kept = errno;
  while (write(pipe_ends[1], &byte, 1) < 0 && errno == EINTR) {
  }
  errno = kept;
}

void on_signal(int number) {
  put(number == SIGINT ? key_byte : stop_byte);
}

void handle(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  for (const int number : signals) sigaction(number, &action, nullptr);
}

}  // namespace

Interrupt::Interrupt(Manner manner) {
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return;
  watcher_ = std::thread([this, manner] {
    char byte = 0;
    while (byte != end_byte) {
      const ssize_t got = read(pipe_ends[0], &byte, 1);
      if (got < 0 && errno != EINTR) return;
      if (got != 1 || byte == end_byte) continue;
      const bool gently = manner == Manner::finish_first && byte == key_byte;
      if (!gently || !finish_.request_stop()) stop_.request_stop();
    }
  });
  handle(on_signal);
}

Interrupt::~Interrupt() {
  if (!watcher_.joinable()) return;
  handle(SIG_DFL);
  put(end_byte);
  watcher_.join();
  for (int& end : pipe_ends) {
    close(end);
    end = -1;
  }
}

}  // namespace pinxit
