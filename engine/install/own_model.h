// SPDX-License-Identifier: Apache-2.0
//
// Checkpoints that no offer knows: told by their tensors which network they are of, they become models named after
// their file.
//
//     OwnModels own(options, board, stop);
//     own.look_at(path);                        // several parts of one network come together by their kind
//     own.finish(imported, folder_name);
#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/importers/recognise.h"
#include "engine/install/installer.h"
#include "engine/install/progress_board.h"

namespace pinxit {

class OwnModels {
 public:
  OwnModels(const InstallerOptions& options, ProgressBoard& board, std::stop_token stop)
      : options_(options), board_(board), stop_(std::move(stop)) {}

  /// Errors: what read_checkpoint and recognise say.
  Status look_at(const std::string& path);
  /// Makes the models. `name`: what to call a network that came in several files.
  void finish(Imported& imported, const std::string& name);

 private:
  struct Part {
    std::string path;
    RecognisedNet net;
  };
  void make(const std::vector<Part>& parts, const std::string& name, Imported& imported);

  const InstallerOptions& options_;
  ProgressBoard& board_;
  std::stop_token stop_;
  std::vector<Part> single_;
  std::map<std::string, std::vector<Part>> in_parts_;  ///< by kind
};

/// "Mosaic (2)" -> "mosaic-2"; "model" where nothing is left.
std::string id_of_name(const std::string& name);

}  // namespace pinxit
