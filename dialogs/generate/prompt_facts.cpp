// SPDX-License-Identifier: Apache-2.0
#include "dialogs/generate/prompt_facts.h"

#include <json-glib/json-glib.h>

#include <algorithm>

#include "engine/base/text.h"

namespace pinxit {
namespace {

JsonNode* member(JsonObject* object, const char* name) {
  return object ? json_object_get_member(object, name) : nullptr;
}

std::string text_of(JsonNode* node) {
  const char* text = node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : nullptr;
  return text ? text : "";
}

bool toggle_of(JsonNode* node, bool missing) {
  return node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_boolean(node) : missing;
}

JsonArray* array_of(JsonNode* node) {
  return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : nullptr;
}
guint length(JsonArray* array) { return array ? json_array_get_length(array) : 0; }

std::vector<std::string> texts_of(JsonNode* node) {
  std::vector<std::string> texts;
  JsonArray* array = array_of(node);
  for (guint i = 0; i < length(array); i++)
    if (auto text = text_of(json_array_get_element(array, i)); !text.empty()) texts.push_back(std::move(text));
  return texts;
}

/// [[64,64],[128,96]] -> 64, 128
std::vector<int64_t> sides_of(JsonNode* node) {
  std::vector<int64_t> sides;
  JsonArray* array = array_of(node);
  for (guint i = 0; i < length(array); i++) {
    int64_t longest = 0;
    JsonArray* size = array_of(json_array_get_element(array, i));
    for (guint k = 0; k < length(size); k++)
      if (JsonNode* side = json_array_get_element(size, k); JSON_NODE_HOLDS_VALUE(side))
        longest = std::max<int64_t>(longest, json_node_get_int(side));
    if (longest > 0) sides.push_back(longest);
  }
  return sides;
}

}  // namespace

PromptFacts prompt_facts(const std::string& json) {
  PromptFacts facts;
  g_autoptr(JsonNode) root = json_from_string(json.c_str(), nullptr);
  if (!root || !JSON_NODE_HOLDS_OBJECT(root)) return facts;
  JsonObject* object = json_node_get_object(root);
  if (JsonNode* model = member(object, "model"); model && JSON_NODE_HOLDS_OBJECT(model))
    facts.model_title = text_of(member(json_node_get_object(model), "title"));
  facts.takes_prompt = toggle_of(member(object, "takes_prompt"), true);
  facts.attention = toggle_of(member(object, "attention"), false);
  facts.any_size = toggle_of(member(object, "any_size"), false);
  facts.sides = sides_of(member(object, "sizes"));
  facts.words = texts_of(member(object, "words"));
  facts.unknown_words = texts_of(member(object, "unknown_words"));
  facts.left_out = text_of(member(object, "left_out"));
  return facts;
}

std::string unread_sentence(const PromptFacts& facts) {
  std::string text;
  if (!facts.unknown_words.empty()) {
    std::string list;
    for (const std::string& word : facts.unknown_words) list += (list.empty() ? "" : ", ") + word;
    text = format_text(_("The model does not know: %s."), list.c_str());
  }
  if (!facts.left_out.empty())
    text += (text.empty() ? "" : " ") + format_text(_("Too long, left out: “%s”."), facts.left_out.c_str());
  return text;
}

}  // namespace pinxit
