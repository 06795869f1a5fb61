// SPDX-License-Identifier: Apache-2.0
//
// What `models` tells: lines and a line of progress for people, or one JSON object a line for programs.
//
//     ModelsReport report(json);
//     installer.install(id, report.progress(), stop);     // each step
//     report.done("installed", id, folder);
#pragma once

#include <string>
#include <vector>

#include "engine/install/installer.h"

namespace pinxit {

class ModelsReport {
 public:
  explicit ModelsReport(bool json);
  ~ModelsReport();
  OnProgress progress();
  void list(const std::vector<ModelState>& models, const DiskUse& use);
  /// "installed", "imported", "removed", "verified", "converted"; `where` may be empty.
  void done(const char* what, const std::string& id, const std::string& where);
  void note(const std::string& text);
  void failed(const std::string& id, const Error& error);

 private:
  void show(const InstallProgress& progress);
  void clear();
  bool json_, terminal_, shown_ = false;
};

}  // namespace pinxit
