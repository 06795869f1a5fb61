// SPDX-License-Identifier: Apache-2.0
//
// pinxit: the operations of the plug-in for shells and scripts. See docs/command-line.md.
#include <glib.h>

#include <clocale>
#include <csignal>
#include <cstdio>
#include <string>

#include "engine/base/text.h"
#include "engine/client/cli/commands.h"
#include "engine/client/cli/report.h"

namespace pinxit {
namespace {

struct Command {
  const char* name;
  const char* help;  ///< N_() marked
  int (*run)(int, char**);
};

constexpr Command commands[] = {
    {"fast-style", N_("Paint pictures in one or several trained styles"), fast_style_command},
    {"neural-style", N_("Paint a picture in the style of others, step by step"), neural_style_command},
    {"generate", N_("Paint pictures of what a prompt says"), generate_command},
    {"evaluate", N_("Tell losses and gradient of neural-style at a picture"), evaluate_command},
    {"presets", N_("List the presets of neural-style, or print one as JSON"), presets_command},
    {"styles", N_("List the styles there are"), styles_command},
    {"models", N_("List, install, import, verify, remove and convert models"), models_program_command},
    {"engine", N_("Ask the engine how it is (status), or end it (stop)"), engine_command},
};

const Command* find(const std::string& name) {
  for (const Command& command : commands)
    if (name == command.name) return &command;
  return nullptr;
}

void print_help(FILE* to) {
  std::fprintf(to, "%s\n  pinxit %s\n\n%s\n", _("Usage:"), _("COMMAND [OPTION…] [FILE…]"), _("Commands:"));
  for (const Command& command : commands) std::fprintf(to, "  %-12s %s\n", command.name, _(command.help));
  std::fprintf(to, "  %-12s %s\n\n%s\n", "help", _("Explain a command: pinxit help fast-style"),
               _("pinxit --version prints the version."));
}

int run_command(const Command& command, int count, char** words) {
  g_autofree char* name = g_strconcat("pinxit ", command.name, nullptr);
  g_set_prgname(name);
  return command.run(count, words);
}

int help_command(int count, char** words) {
  const Command* command = count > 1 ? find(words[1]) : nullptr;
  if (!command) {
    print_help(stdout);
    return 0;
  }
  char ask[] = "--help";
  char* help_words[] = {words[1], ask, nullptr};
  return run_command(*command, 2, help_words);
}

int run(int count, char** words) {
  const std::string name = count > 1 ? words[1] : "";
  if (name == "--version") {
    std::printf("pinxit %s\n", PINXIT_VERSION);
    return 0;
  }
  if (name == "help" || name == "--help" || name == "-h") return help_command(count - 1, words + 1);
  if (const Command* command = find(name)) return run_command(*command, count - 1, words + 1);
  if (name.empty()) print_help(stderr);
  throw Failure(ErrorCode::bad_argument,
                name.empty() ? _("No command was given.") : format_text(_("There is no command “%s”."), name.c_str()),
                _("“pinxit help” lists the commands."));
}

}  // namespace
}  // namespace pinxit

int main(int count, char** words) {
  std::setlocale(LC_ALL, "");
  bindtextdomain(PINXIT_TEXT_DOMAIN, PINXIT_LOCALE_DIR);
  bind_textdomain_codeset(PINXIT_TEXT_DOMAIN, "UTF-8");
  std::signal(SIGPIPE, SIG_IGN);  // an engine that goes away is an error to tell, not a reason to die
  const auto status = pinxit::guarded([&] { return pinxit::run(count, words); });
  if (status) return *status;
  pinxit::print_error(status.error());
  return pinxit::error_exit_status(status.error().code);
}
