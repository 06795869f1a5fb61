// SPDX-License-Identifier: Apache-2.0
//
// What went wrong with a picture file, without its name: files.cpp makes the whole sentence.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "engine/base/error.h"

namespace pinxit {

struct PictureProblem : std::runtime_error {
  PictureProblem(ErrorCode c, const std::string& reason, std::string h = {})
      : std::runtime_error(reason), code(c), hint(std::move(h)) {}
  ErrorCode code;
  std::string hint;  ///< empty: the usual one
};

}  // namespace pinxit
