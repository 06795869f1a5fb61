// SPDX-License-Identifier: Apache-2.0
//
// Tiles of the gallery without their widgets: what they say and how they are found.
#include <glib.h>

#include <cmath>

#include "dialogs/fast_style/style_gallery.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

std::string file_stem(const std::string& path) {
  g_autofree char* name = g_path_get_basename(path.c_str());
  std::string stem = name;
  const size_t dot = stem.rfind('.');
  return dot == std::string::npos || dot == 0 ? stem : stem.substr(0, dot);
}

std::string name_of(const std::string& style) { return g_path_is_absolute(style.c_str()) ? file_stem(style) : style; }

}  // namespace

Tile tile_of(const ModelEntry& entry) {
  std::string description = entry.description;
  if (!entry.licence.empty())
    description += (description.empty() ? "" : "\n") + format_text(_("License: %s"), entry.licence.c_str());
  return {{{entry.id, 1}},
          entry.title.empty() ? entry.id : entry.title,
          description,
          entry.thumbnail,
          entry.title + " " + entry.id + " " + entry.description + " " + entry.licence};
}

Tile tile_of_styles(const std::vector<WeightedStyle>& styles) {
  double sum = 0;
  for (const auto& style : styles) sum += style.weight;
  std::string title, description;
  for (const auto& style : styles) {
    if (!title.empty()) title += " + ";
    title += name_of(style.style);
    if (styles.size() > 1 && sum > 0)
      title += format_text(_(" %d %%"), int(std::lround(100 * style.weight / sum)));
    description += (description.empty() ? "" : "\n") + style.style;
  }
  return {styles, title, description, {}, title + " " + description};
}

bool tile_fits(const Tile& tile, const std::string& search) {
  return g_strstrip(std::string(search).data())[0] == '\0' ||
         g_str_match_string(search.c_str(), tile.search_text.c_str(), TRUE);
}

}  // namespace pinxit
