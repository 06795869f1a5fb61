// SPDX-License-Identifier: Apache-2.0
#include "engine/install/cli/models_command.h"

#include "engine/base/text.h"
#include "engine/client/cli/interrupt.h"
#include "engine/client/cli/options.h"
#include "engine/client/cli/report.h"
#include "engine/importers/tensors.h"
#include "engine/install/cli/models_report.h"
#include "engine/install/cli/thumbnail.h"
#include "engine/install/installer.h"

namespace pinxit {
namespace {

using Stop = std::stop_token;

struct Words {
  Words() = default;
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;
  ~Words() {
    g_free(store);
    g_free(output);
  }
  gboolean json = FALSE, no_thumbnail = FALSE, kept = FALSE;
  int parallel = 0, attempts = 0, stall_seconds = 0;  ///< 0: as InstallerOptions has it
  char *store = nullptr, *output = nullptr;
  std::vector<std::string> rest;
};

struct Subcommand {
  const char *name, *parameters, *help;
  int (*run)(const Words&);
};

InstallerOptions options_of(const Words& words, std::stop_token stop) {
  InstallerOptions options;
  if (words.store) options.store = absolute_file(words.store);
  if (words.parallel > 0) options.parallel = words.parallel;
  if (words.attempts > 0) options.attempts = words.attempts;
  if (words.stall_seconds > 0) options.stall_seconds = words.stall_seconds;
  if (!words.no_thumbnail) options.make_thumbnail = thumbnail_maker(stop);
  return options;
}

int list_models(const Words& words) {
  const Installer installer(options_of(words, {}));
  ModelsReport report(words.json);
  for (const auto& problems : {Offers::read().problems(), Catalogue::read({installer.store()}).problems()})
    for (const Error& problem : problems) report.note(problem.sentence);
  report.list(installer.list(), installer.disk_use());
  return 0;
}

/// One after the other; the exit status is that of the first that failed.
template <class Work>
int for_each_word(const Words& words, const Work& work) {
  Interrupt interrupt;
  Installer installer(options_of(words, interrupt.token()));
  ModelsReport report(words.json);
  int status = 0;
  for (const std::string& word : words.rest) {
    const Status done = guarded([&]() -> Nothing {
      work(installer, word, report, interrupt.token());
      return {};
    });
    if (done) continue;
    report.failed(word, done.error());
    if (!status) status = error_exit_status(done.error().code);
    if (done.error().code == ErrorCode::cancelled) break;
  }
  return status;
}

void need_words(const Words& words, const char* sentence) {
  if (words.rest.empty()) throw Failure(ErrorCode::bad_argument, sentence, _("See pinxit-engine models --help."));
}

int install_models(const Words& words) {
  need_words(words, _("Which model is to be installed?"));
  return for_each_word(words, [](Installer& installer, const std::string& id, ModelsReport& report, Stop stop) {
    const ModelEntry entry = installer.install(id, report.progress(), stop).take();
    report.done("installed", id, entry.folder);
  });
}

int import_models(const Words& words) {
  need_words(words, _("Which file or folder is to be imported?"));
  return for_each_word(words, [](Installer& installer, const std::string& path, ModelsReport& report, Stop stop) {
    const Imported imported = installer.import_file(absolute_file(path), report.progress(), stop).take();
    for (const std::string& note : imported.notes) report.note(note);
    for (const std::string& id : imported.ids) report.done("imported", id, installer.store() + "/" + id);
    if (imported.ids.empty() && imported.waiting.empty())
      throw Failure(ErrorCode::model_unsupported, format_text(_("No model was imported from “%s”."), path.c_str()));
  });
}

int verify_models(const Words& words) {
  Words all;
  all.json = words.json;
  all.store = g_strdup(words.store);
  all.rest = words.rest;
  if (all.rest.empty())
    for (const ModelState& model : Installer(options_of(words, {})).list())
      if (model.state == ModelState::State::installed || model.state == ModelState::State::damaged)
        all.rest.push_back(model.id);
  return for_each_word(all, [](Installer& installer, const std::string& id, ModelsReport& report, Stop stop) {
    installer.verify(id, report.progress(), stop).take();
    report.done("verified", id, "");
  });
}

int remove_models(const Words& words) {
  if (words.kept) {
    Installer installer(options_of(words, {}));
    const DiskUse use = installer.disk_use();
    installer.remove_kept().take();
    ModelsReport(words.json).done("removed", ".kept", use.kept_folder);
    if (words.rest.empty()) return 0;
  }
  need_words(words, _("Which model is to be removed?"));
  return for_each_word(words, [](Installer& installer, const std::string& id, ModelsReport& report, Stop stop) {
    installer.remove(id, report.progress(), stop).take();
    report.done("removed", id, "");
  });
}

int convert_file(const Words& words) {
  if (words.rest.size() != 1 || !words.output)
    throw Failure(ErrorCode::bad_argument, _("One file to convert and -o OUT.safetensors are needed."),
                  _("See pinxit-engine models --help."));
  ModelsReport report(words.json);
  const Checkpoint checkpoint = read_checkpoint(absolute_file(words.rest[0])).take();
  write_safetensors(absolute_file(words.output), checkpoint.tensors, checkpoint.metadata).take();
  report.done("converted", words.rest[0], words.output);
  return 0;
}

constexpr Subcommand subcommands[] = {
    {"list", "", N_("List models: what they are, whether they are installed, size and licence"), list_models},
    {"install", N_("ID…"), N_("Download, verify and install models"), install_models},
    {"import", N_("FILE|FOLDER…"), N_("Take models from files; never goes online"), import_models},
    {"verify", N_("[ID…]"), N_("Compare the files of installed models with their sums"), verify_models},
    {"remove", N_("ID…"), N_("Remove models or unfinished downloads from your store"), remove_models},
    {"convert", N_("FILE -o OUT.safetensors"), N_("Write the tensors of any readable checkpoint as safetensors"),
     convert_file},
};

void print_help(FILE* to) {
  std::string text = std::string(_("Usage:")) + "\n";
  for (const Subcommand& command : subcommands)
    text += std::string("  pinxit-engine models ") + command.name + " " +
            (*command.parameters ? _(command.parameters) : "") + "\n      " + _(command.help) + "\n";
  text += std::string("\n") + _("“pinxit-engine models COMMAND --help” lists the options.") + "\n";
  print(to, text);
}

void parse(int count, char** words, const Subcommand& command, Words& parsed) {
  Options options(*command.parameters ? _(command.parameters) : nullptr);
  options.add({"json", 0, 0, G_OPTION_ARG_NONE, &parsed.json, N_("Print one JSON object a line"), nullptr});
  options.add({"store", 0, 0, G_OPTION_ARG_FILENAME, &parsed.store, N_("Use this folder of models"), N_("FOLDER")});
  options.add({"no-thumbnail", 0, 0, G_OPTION_ARG_NONE, &parsed.no_thumbnail,
               N_("Make no pictures of imported styles"), nullptr});
  options.add({"parallel", 0, 0, G_OPTION_ARG_INT, &parsed.parallel, N_("Fetch so many files at once (install)"), "N"});
  options.add({"attempts", 0, 0, G_OPTION_ARG_INT, &parsed.attempts,
               N_("Try each address so often while nothing comes (install)"), "N"});
  options.add({"stall-seconds", 0, 0, G_OPTION_ARG_INT, &parsed.stall_seconds,
               N_("Give up a connection that brings nothing for so long (install)"), "N"});
  options.add({"kept", 0, 0, G_OPTION_ARG_NONE, &parsed.kept,
               N_("Delete for good what was put aside into .kept (remove)"), nullptr});
  options.add({"output", 'o', 0, G_OPTION_ARG_FILENAME, &parsed.output, N_("Write into this file (convert)"),
               N_("FILE")});
  options.parse(count, words);
  parsed.rest = options.words();
}

int run(int count, char** words) {
  const std::string name = count > 1 ? words[1] : "";
  if (name == "--help" || name == "-h" || name == "help") return print_help(stdout), 0;
  for (const Subcommand& command : subcommands) {
    if (name != command.name) continue;
    g_autofree char* program = g_strconcat("pinxit-engine models ", command.name, nullptr);
    g_set_prgname(program);
    Words parsed;
    parse(count - 1, words + 1, command, parsed);
    return command.run(parsed);
  }
  if (name.empty()) print_help(stderr);
  throw Failure(ErrorCode::bad_argument,
                name.empty() ? _("No command was given.") : format_text(_("There is no command “%s”."), name.c_str()),
                _("“pinxit-engine models --help” lists the commands."));
}

}  // namespace

int models_command(int count, char** words) {
  const auto status = guarded([&] { return run(count, words); });
  if (status) return *status;
  print_error(status.error());
  return error_exit_status(status.error().code);
}

}  // namespace pinxit
