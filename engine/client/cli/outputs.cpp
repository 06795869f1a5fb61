// SPDX-License-Identifier: Apache-2.0
#include "engine/client/cli/outputs.h"

#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "engine/base/text.h"
#include "engine/pictures/files.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

Failure bad(const std::string& sentence, const std::string& hint) {
  return {ErrorCode::bad_argument, sentence, hint};
}

/// The same for all names of one file.
using FileId = std::pair<dev_t, ino_t>;
std::optional<FileId> file_id(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) return {};
  return FileId{facts.st_dev, facts.st_ino};
}

void check_clashes(const std::vector<InOut>& plan, const std::vector<std::string>& others) {
  std::map<std::string, std::string> taken;
  for (const InOut& file : plan) {
    const auto [first, fresh] = taken.emplace(file.output, file.input);
    if (!fresh)
      throw bad(format_text(_("“%s” and “%s” would both become “%s”."), first->second.c_str(), file.input.c_str(),
                            file.output.c_str()),
                _("Paint them in two calls with different folders."));
  }
  std::set<FileId> inputs;
  for (const InOut& file : plan)
    if (const auto id = file_id(file.input)) inputs.insert(*id);
  for (const std::string& other : others)
    if (const auto id = file_id(other)) inputs.insert(*id);
  for (const InOut& file : plan)
    if (const auto id = file_id(file.output); id && inputs.contains(*id))
      throw bad(format_text(_("“%s” would replace one of the files that are read."), file.output.c_str()),
                _("Choose another folder or name for the result."));
}

}  // namespace

std::vector<InOut> plan_outputs(const std::vector<std::string>& inputs, const std::string& output,
                                const std::vector<std::string>& others) {
  if (inputs.empty()) throw bad(_("No picture was given."), _("Name one or several picture files."));
  if (output.empty())
    throw bad(_("The name of the result is missing."), _("Give it after -o: a file, or a folder ending in “/”."));
  const bool folder = names_folder(output);
  if (!folder && inputs.size() > 1)
    throw bad(format_text(_("Several pictures cannot all become “%s”."), output.c_str()),
              _("Give a folder after -o, ending in “/”."));
  std::vector<InOut> plan;
  for (const std::string& input : inputs)
    plan.push_back({input, folder ? (fs::path(output) / fs::path(input).filename()).string() : output});
  for (const InOut& file : plan) format_of(file.output).take();
  check_clashes(plan, others);
  if (!folder) check_output_file(output);
  return plan;
}

bool names_folder(const std::string& output) {
  std::error_code none;
  return output.ends_with('/') || fs::is_directory(output, none);
}

void check_output_file(const std::string& output) {
  format_of(output).take();
  const fs::path parent = fs::path(output).parent_path();
  std::error_code none;
  if (!parent.empty() && !fs::is_directory(parent, none))
    throw Failure(ErrorCode::file_unwritable, format_text(_("There is no folder “%s”."), parent.c_str()),
                  _("Make it first, or choose another one."));
}

std::string numbered_output(const std::string& output, int number) {
  const fs::path path(output);
  const std::string name = path.stem().string() + format_text("-%04d", number) + path.extension().string();
  return (path.parent_path() / name).string();
}

void make_folder_of(const std::string& output) {
  const fs::path folder = fs::path(output).parent_path();
  std::error_code problem;
  if (!folder.empty()) fs::create_directories(folder, problem);
  if (problem)
    throw Failure(ErrorCode::file_unwritable,
                  format_text(_("The folder “%s” cannot be made: %s."), folder.c_str(), problem.message().c_str()),
                  _("Check the path and its permissions."));
}

}  // namespace pinxit
