// SPDX-License-Identifier: Apache-2.0
//
// Where an unfinished download is from: kept beside it, so that another process can go on with it.
#pragma once

#include <string>

namespace pinxit {

struct PartNote {
  std::string address;
  std::string validator;      ///< strong ETag or Last-Modified of that file at that address
  std::string stated_sha256;  ///< told by the server
  static PartNote read(const std::string& path);  ///< empty where there is none, or a broken one
  void write(const std::string& path) const;
};

}  // namespace pinxit
