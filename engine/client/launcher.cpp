// SPDX-License-Identifier: Apache-2.0
#include "engine/client/launcher.h"

#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "engine/base/text.h"
#include "engine/client/runtime.h"

namespace pinxit {
namespace {

constexpr int ready_descriptor = 3;

std::string beside_this_program() {
  g_autofree char* self = g_file_read_link("/proc/self/exe", nullptr);
  if (!self) return {};
  g_autofree char* folder = g_path_get_dirname(self);
  g_autofree char* program = g_build_filename(folder, "pinxit-engine", nullptr);
  return program;
}

bool runnable(const std::string& program) {
  return !program.empty() && g_file_test(program.c_str(), G_FILE_TEST_IS_REGULAR) && access(program.c_str(), X_OK) == 0;
}

Error missing(const std::string& sentence, const std::string& hint) {
  return {ErrorCode::engine_missing, sentence, hint};
}

/// In the child: only calls that are safe after fork in a program with threads. Never returns.
[[noreturn]] void become_engine(char* const* arguments, char* const* environment, int ready) {
  setsid();
  const pid_t grandchild = fork();  // the engine's parent shall be init, so that it leaves no zombie here
  if (grandchild != 0) _exit(grandchild < 0 ? 1 : 0);
  const int nothing = open("/dev/null", O_RDWR);
  dup2(nothing, 0);
  dup2(nothing, 1);
  dup2(nothing, 2);
  if (ready == ready_descriptor)
    fcntl(ready, F_SETFD, 0);
  else
    dup2(ready, ready_descriptor);
  close_range(ready_descriptor + 1, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) signal(number, SIG_DFL);
  if (chdir("/") != 0) _exit(126);
  execve(arguments[0], arguments, environment);
  const char* why = strerrordesc_np(errno);
  if (why && write(ready_descriptor, why, std::strlen(why)) < 0) _exit(126);
  _exit(127);
}

/// Reads what the engine says on the ready pipe until it is closed or a line is complete.
std::string wait_for_words(int ready, gint64 deadline, const std::stop_token& stop) {
  std::string words;
  while (words.find('\n') == std::string::npos) {
    if (stop.stop_requested()) throw Cancelled();
    const gint64 left = deadline - g_get_monotonic_time();
    if (left <= 0)
      throw Failure(missing(_("The engine takes too long to start."),
                            format_text(_("Its log may say why: %s"), engine_log_file().c_str())));
    pollfd wait = {ready, POLLIN, 0};
    const int step = int(std::min<gint64>(left / 1000 + 1, 50));
    if (poll(&wait, 1, step) <= 0) continue;
    std::array<char, 512> part;
    const ssize_t got = read(ready, part.data(), part.size());
    if (got == 0) break;
    if (got > 0) words.append(part.data(), size_t(got));
    if (got < 0 && errno != EINTR && errno != EAGAIN) break;
  }
  return words;
}

Nothing launch(const std::string& program, const std::string& socket, gint64 deadline, const std::stop_token& stop) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Failure(ErrorCode::internal, g_strerror(errno));
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  const std::string descriptor = std::to_string(ready_descriptor);
  const std::array<const char*, 6> words = {program.c_str(), "--socket",         socket.c_str(),
                                            "--ready-fd",    descriptor.c_str(), nullptr};
  // OpenMP reads this when the program is loaded: threads that wait for work sleep instead of spinning, which would
  // cost other programs their processor time.
  char** environment = g_environ_setenv(g_get_environ(), "OMP_WAIT_POLICY", "PASSIVE", false);
  const pid_t child = fork();
  if (child == 0) become_engine(const_cast<char* const*>(words.data()), environment, writing.get());
  g_strfreev(environment);
  if (child < 0) throw Failure(missing(_("The engine cannot be started."), g_strerror(errno)));
  writing = Descriptor();
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  const std::string said = wait_for_words(reading.get(), deadline, stop);
  if (said.starts_with("ready")) return {};
  if (const Event event = event_from_json(said); event.error) {
    if (event.error->code == ErrorCode::engine_busy && somebody_listens(socket)) return {};
    throw Failure(*event.error);
  }
  throw Failure(missing(format_text(_("The engine %s does not start."), program.c_str()),
                        said.empty() ? format_text(_("Its log may say why: %s"), engine_log_file().c_str()) : said));
}

bool stop_requested(void* token) {
  return static_cast<std::stop_token*>(token)->stop_requested();
}

}  // namespace

Result<std::string> find_engine_program(const EngineOptions& options) {
  const char* named = std::getenv("PINXIT_ENGINE");
  const std::string wanted = !options.program.empty() ? options.program : named ? named : "";
  if (!wanted.empty()) {
    if (runnable(wanted)) return wanted;
    return missing(format_text(_("The engine program %s is not there."), wanted.c_str()),
                   _("Check PINXIT_ENGINE, or install Pinxit again."));
  }
  for (const std::string& place : {beside_this_program(), std::string(PINXIT_LIBEXECDIR "/pinxit-engine")})
    if (runnable(place)) return place;
  return missing(_("The engine program pinxit-engine cannot be found."),
                 _("Install Pinxit completely, or name the program in PINXIT_ENGINE."));
}

Status start_engine(const EngineOptions& options, const std::string& socket) {
  return guarded([&]() -> Nothing {
    const std::string program = find_engine_program(options).take();
    const gint64 deadline = g_get_monotonic_time() + gint64(options.start_seconds * G_USEC_PER_SEC);
    std::stop_token stop = options.stop;
    const Descriptor lock = lock_file(start_lock_of(socket), options.start_seconds, stop_requested, &stop);
    if (stop.stop_requested()) throw Cancelled();
    if (!lock)
      throw Failure(missing(_("Another program is starting the engine and does not finish."),
                            _("End the programs named pinxit-engine and try again.")));
    if (somebody_listens(socket)) return {};
    return launch(program, socket, deadline, stop);
  });
}

}  // namespace pinxit
