// SPDX-License-Identifier: Apache-2.0
//
// What a file is called among people: file_title("/home/me/starry night.jpg") is "starry night".
#pragma once

#include <glib.h>

#include <string>

namespace pinxit {

/// The name without folder and ending; a name that begins with its only dot stays.
inline std::string file_title(const std::string& path) {
  g_autofree char* name = g_path_get_basename(path.c_str());
  const std::string base(name);
  const size_t ending = base.rfind('.');
  return ending == 0 ? base : base.substr(0, ending);
}

}  // namespace pinxit
