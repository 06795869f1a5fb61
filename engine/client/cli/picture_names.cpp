// SPDX-License-Identifier: Apache-2.0
#include "engine/client/cli/picture_names.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/client/cli/outputs.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

/// The highest number that a file's name in the folder begins with, as in "0007-seed-100.png".
int highest_number(const std::string& folder) {
  int highest = 0;
  std::error_code problem;
  for (fs::directory_iterator file(folder, problem), end; !problem && file != end; file.increment(problem)) {
    const std::string name = file->path().filename().string();
    const size_t digits = std::min(name.find_first_not_of("0123456789"), name.size());
    if (digits >= 4 && digits <= 8 && name[digits] == '-') highest = std::max(highest, std::atoi(name.c_str()));
  }
  return highest;
}

}  // namespace

PictureNames::PictureNames(const std::string& output) : output_(output), folder_(names_folder(output)) {
  if (output.empty())
    throw Failure(ErrorCode::bad_argument, _("The name of the result is missing."),
                  _("Give it after -o: a file, or a folder ending in “/”."));
  if (!folder_) {
    check_output_file(output);
    return;
  }
  std::error_code none;
  std::string without = output;
  while (without.size() > 1 && without.ends_with('/')) without.pop_back();
  if (fs::exists(without, none) && !fs::is_directory(without, none))
    throw Failure(ErrorCode::file_unwritable, format_text(_("“%s” is a file, no folder."), without.c_str()),
                  _("Choose another folder."));
  number_ = highest_number(output);
}

void PictureNames::begin(const Made& made, int line) {
  maps_.clear();
  if (!folder_) {
    const fs::path path(output_);
    stem_ = (path.parent_path() / path.stem()).string();
    ending_ = path.extension().string();
    return;
  }
  ending_ = ".png";
  const std::string in_captions = line > 0 ? format_text("-line-%d", line) : "";
  const std::string vary = made.share > 0 ? format_text("-vary-%d", int(std::lround(100 * made.share))) : "";
  do {
    ++number_;
    stem_ = (fs::path(output_) / (format_text("%04d", number_) + in_captions +
                                  format_text("-seed-%lld", static_cast<long long>(made.seed)) + vary))
                .string();
  } while (fs::exists(stem_ + ending_));
}

std::string PictureNames::file(const Made& made, int64_t width, int64_t height, int line) {
  if (made.role == "picture") {
    begin(made, line);
    return folder_ ? stem_ + ending_ : output_;
  }
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  if (made.role == "smaller") return stem_ + "-" + size + ending_;
  if (made.role == "attention") return stem_ + "-map-" + size + format_text("-%02d", ++maps_[size]) + ending_;
  if (made.role == "strip") return stem_ + "-strip" + ending_;
  return {};
}

}  // namespace pinxit
