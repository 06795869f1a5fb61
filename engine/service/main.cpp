// SPDX-License-Identifier: Apache-2.0
//
// pinxit-engine: started by clients when they need it, ends by itself when idle.
//
//     pinxit-engine [--socket PATH] [--foreground] [--ready-fd N] [--version]
//     pinxit-engine models COMMAND …       another program in the same file: the store of models; serves nobody
//
// --ready-fd N: writes "ready" and a line feed to descriptor N when it listens, or one error event, and closes it.
#include <fcntl.h>
#include <glib-unix.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "engine/base/text.h"
#include "engine/client/runtime.h"
#include "engine/client/wire.h"
#include "engine/install/cli/models_command.h"
#include "engine/operations/operation.h"
#include "engine/service/log.h"
#include "engine/service/server.h"

namespace pinxit {
namespace {

struct Options {
  std::string socket;
  bool foreground = false;
  bool version = false;
  int ready = -1;
};

Options read_options(int argc, char** argv) {
  g_autofree char* socket = nullptr;
  gboolean foreground = false, version = false;
  int ready = -1;
  const GOptionEntry entries[] = {
      {"socket", 0, 0, G_OPTION_ARG_FILENAME, &socket, N_("Listen on this socket"), "PATH"},
      {"foreground", 0, 0, G_OPTION_ARG_NONE, &foreground, N_("Write the log to standard error"), nullptr},
      {"ready-fd", 0, 0, G_OPTION_ARG_INT, &ready, N_("Tell on this descriptor when the engine listens"), "N"},
      {"version", 0, 0, G_OPTION_ARG_NONE, &version, N_("Show the version"), nullptr},
      {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr}};
  g_autoptr(GOptionContext) context = g_option_context_new(_("— Pinxit's engine; started when it is needed"));
  g_option_context_add_main_entries(context, entries, PINXIT_TEXT_DOMAIN);
  g_autoptr(GError) problem = nullptr;
  if (!g_option_context_parse(context, &argc, &argv, &problem))
    throw Failure(ErrorCode::bad_argument, problem->message, _("See pinxit-engine --help."));
  return {socket ? socket : "", bool(foreground), bool(version), ready};
}

void tell(int descriptor, const std::string& words) {
  if (descriptor < 0) return;
  if (write(descriptor, words.data(), words.size()) < 0) log_line("nobody listens on the ready descriptor");
  close(descriptor);
}

/// When memory runs out the system shall end the engine, not the painter's GIMP.
void go_first_when_memory_ends() {
  if (FILE* file = std::fopen("/proc/self/oom_score_adj", "w")) {
    std::fputs("500", file);
    std::fclose(file);
  }
}

Nothing serve(const Options& options) {
  const std::string socket = options.socket.empty() ? socket_in(runtime_folder().take()) : options.socket;
  open_log(engine_log_file(), options.foreground);
  Server server(socket);
  for (const int number : {SIGTERM, SIGINT, SIGHUP})
    g_unix_signal_add(
        number, [](gpointer s) -> gboolean { return static_cast<Server*>(s)->retire(true), G_SOURCE_CONTINUE; },
        &server);
  server.listen().take();
  log_line("engine " PINXIT_VERSION " listens");
  tell(options.ready, "ready\n");
  server.run();
  log_line("engine ends");
  return {};
}

int run(int argc, char** argv) {
  int ready = -1;
  const auto done = guarded([&]() -> Nothing {
    const Options options = read_options(argc, argv);
    ready = options.ready;
    if (ready >= 0) fcntl(ready, F_SETFD, FD_CLOEXEC);
    if (options.version) return std::puts("pinxit-engine " PINXIT_VERSION), Nothing{};
    return serve(options);
  });
  if (done) return 0;
  tell(ready, error_line(done.error()) + "\n");
  log_line(std::string(error_name(done.error().code)) + ": " + done.error().sentence + " " + done.error().hint);
  return error_exit_status(done.error().code);
}

}  // namespace
}  // namespace pinxit

int main(int argc, char** argv) {
  const auto settings = pinxit::Settings::load();
  pinxit::prepare_process(settings ? settings->threads : 0);
  std::setlocale(LC_ALL, "");
  std::setlocale(LC_NUMERIC, "C");
  bindtextdomain(PINXIT_TEXT_DOMAIN, PINXIT_LOCALE_DIR);
  bind_textdomain_codeset(PINXIT_TEXT_DOMAIN, "UTF-8");
  std::signal(SIGPIPE, SIG_IGN);
  if (argc > 1 && std::strcmp(argv[1], "models") == 0) return pinxit::models_command(argc - 1, argv + 1);
  umask(0077);
  pinxit::go_first_when_memory_ends();
  return pinxit::run(argc, argv);
}
