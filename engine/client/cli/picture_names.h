// SPDX-License-Identifier: Apache-2.0
//
// The files that the pictures of `pinxit generate` become. No word of a prompt is in them.
//
//     PictureNames names("tulips/");                         // throws where nothing could be written
//     names.file({.index = 0, .seed = 100}, 128, 128, 0)     // "tulips/0001-seed-100.png"
//     names.file({.role = "attention", …}, 64, 64, 0)        // "tulips/0001-seed-100-map-64x64-01.png"
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/requests/events.h"

namespace pinxit {

class PictureNames {
 public:
  /// A file for one picture, or a folder (a name ending in "/", or a folder that is there). Nothing is made here.
  /// Throws Failure: bad_argument (an unknown ending, no name), file_unwritable (the folder is missing, or is a file).
  explicit PictureNames(const std::string& output);

  bool folder() const { return folder_; }

  /// The file for `made`; smaller pictures, maps and strips belong to the picture named last. In a folder the numbers
  /// go on after the highest that is there, so no file is replaced. `line` of the captions file, 0: there is none.
  /// Empty for roles of a newer engine.
  std::string file(const Made& made, int64_t width, int64_t height, int line);

 private:
  void begin(const Made& made, int line);
  std::string output_;
  bool folder_;
  int number_ = 0;                   ///< of the last picture in the folder
  std::string stem_, ending_;        ///< of the last picture
  std::map<std::string, int> maps_;  ///< of the last picture: how many of each size
};

}  // namespace pinxit
