// SPDX-License-Identifier: Apache-2.0
#include "plugin/forget_prompt.h"

#include <algorithm>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/text.h"
#include "plugin/generate_recipe.h"
#include "plugin/items.h"

namespace pinxit {
namespace {

void call(GimpItem* item, const std::string& name) {
  gimp_item_set_name(item, name.c_str());
}

/// Whether the layer keeps a prompt after which a group is called that.
bool keeps_prompt_of(GimpItem* item, const std::string& group) {
  const auto recipe = recipe_of(GIMP_LAYER(item));
  if (!recipe || !*recipe) return false;
  const auto* request = std::get_if<GenerateRequest>(&(**recipe).request);
  if (!request || request->prompt.empty()) return false;
  GeneratedPicture picture;
  picture.request = *request;
  picture.request.keep_prompt = true;
  picture.facts = (**recipe).facts;
  return generated_group_name(picture) == group;
}

/// "flower (64 × 64)" becomes "Word 3 (64 × 64)"; what GIMP or somebody put behind it goes.
void forget_words(const std::vector<GimpItem*>& details) {
  g_autoptr(GRegex) map = g_regex_new("^.* (\\([0-9]+ × [0-9]+\\))", G_REGEX_DOTALL, {}, nullptr);
  const std::string strip = format_text(_("Strongest words: %s"), "");
  std::map<std::string, int> words;  // of each size
  for (GimpItem* detail : details) {
    const std::string name = name_of(detail);
    g_autoptr(GMatchInfo) match = nullptr;
    if (name.starts_with(strip)) {
      call(detail, _("Strongest words"));
    } else if (g_regex_match(map, name.c_str(), {}, &match)) {
      g_autofree char* size = g_match_info_fetch(match, 1);
      call(detail, format_text(_("Word %d"), ++words[size]) + " " + size);
    }
  }
}

}  // namespace

void call_group_anew(GimpImage* image, GimpLayer* layer, const GeneratedPicture& old, const GeneratedPicture& now) {
  GimpItem* parent = gimp_item_get_parent(GIMP_ITEM(layer));
  const std::string name = generated_group_name(old), anew = generated_group_name(now);
  if (!parent || name == anew || !old.request.keep_prompt || old.request.prompt.empty() || !is_called(parent, name))
    return;
  if (std::ranges::none_of(children_of(image, parent), [&](GimpItem* each) { return keeps_prompt_of(each, name); }))
    call(parent, anew);
}

void forget_prompt_around(GimpImage* image, GimpLayer* layer, GimpLayer* details, const GeneratedPicture& old) {
  const std::vector<GimpItem*> siblings = children_of(image, gimp_item_get_parent(GIMP_ITEM(layer)));
  auto below = size_t(gimp_image_get_item_position(image, GIMP_ITEM(layer))) + 1;
  for (; below < siblings.size() && gimp_item_is_group(siblings[below]); ++below)
    if (siblings[below] == GIMP_ITEM(details) || is_called(siblings[below], generated_details_name(old)))
      forget_words(children_of(image, siblings[below]));
}

}  // namespace pinxit
