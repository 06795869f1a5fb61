// SPDX-License-Identifier: Apache-2.0
#include "plugin/names.h"

#include <filesystem>

#include "engine/base/text.h"
#include "plugin/items.h"
#include "plugin/recipe.h"
#include "plugin/references.h"

namespace pinxit {
namespace {

std::string style_name(GimpImage* image, const std::string& style) {
  GimpLayer* layer = layer_of(image, style);
  return layer ? name_of(GIMP_ITEM(layer)) : std::filesystem::path(style).stem().string();
}

std::string style_names(GimpImage* image, const std::vector<WeightedStyle>& styles) {
  std::string names;
  for (const WeightedStyle& style : styles) names += (names.empty() ? "" : " + ") + style_name(image, style.style);
  return names;
}

}  // namespace

std::string layer_name(GimpImage* image, const AnyRequest& request, const std::string& facts) {
  if (const auto* neural = std::get_if<NeuralStyleRequest>(&request))
    return format_text(_("Neural Style – %s"), style_names(image, neural->styles).c_str());
  const std::string titles = style_titles(facts);
  return titles.empty() ? style_names(image, std::get<FastStyleRequest>(request).styles) : titles;
}

std::string iteration_name(const std::string& layer, int iteration) {
  return format_text(_("%s (iteration %d)"), layer.c_str(), iteration);
}

}  // namespace pinxit
