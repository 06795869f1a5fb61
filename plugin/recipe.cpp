// SPDX-License-Identifier: Apache-2.0
#include "plugin/recipe.h"

#include "engine/base/text.h"
#include "engine/requests/json_building.h"

namespace pinxit {
namespace {

/// `text` as it is, if it is JSON; an empty object otherwise.
void add_json(JsonBuilder* builder, const char* name, const std::string& text) {
  g_autoptr(JsonNode) node = json_from_string(text.c_str(), nullptr);
  json_builder_set_member_name(builder, name);
  if (node && JSON_NODE_HOLDS_OBJECT(node)) {
    json_builder_add_value(builder, g_steal_pointer(&node));
    return;
  }
  json_builder_begin_object(builder);
  json_builder_end_object(builder);
}

JsonObject* object_in(JsonObject* object, const char* name) {
  JsonNode* node = json_object_get_member(object, name);
  return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : nullptr;
}

bool holds_value(JsonObject* object, const char* name) {
  JsonNode* node = json_object_get_member(object, name);
  return node && JSON_NODE_HOLDS_VALUE(node);
}

std::string string_in(JsonObject* object, const char* name) {
  if (!holds_value(object, name)) return {};
  const char* text = json_object_get_string_member(object, name);
  return text ? text : "";
}

int64_t integer_in(JsonObject* object, const char* name) {
  return holds_value(object, name) ? json_object_get_int_member(object, name) : 0;
}

std::string text_of(JsonObject* object) {
  g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
  json_node_set_object(node, object);
  g_autofree char* text = json_to_string(node, false);
  return text;
}

/// JSON text without any character beyond ASCII: GIMP's Python hands out others as numbers that are no bytes.
std::string only_ascii(const char* json) {
  std::string text;
  for (const char* at = json; *at; at = g_utf8_next_char(at)) {
    const gunichar character = g_utf8_get_char(at);
    if (character < 0x80) {
      text += char(character);
    } else if (character < 0x10000) {
      text += format_text("\\u%04x", character);
    } else {
      text += format_text("\\u%04x\\u%04x", 0xd800 + ((character - 0x10000) >> 10), 0xdc00 + (character & 0x3ff));
    }
  }
  return text;
}

}  // namespace

std::string recipe_to_json(const Recipe& recipe) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_add(builder, "recipe", Recipe::version);
  json_add(builder, "procedure", recipe.procedure);
  add_json(builder, "request", to_json(recipe.request));
  add_json(builder, "facts", recipe.facts);
  json_add(builder, "pinxit", recipe.pinxit);
  json_add(builder, "gimp", recipe.gimp);
  if (recipe.source.tattoo > 0) {
    json_begin_object(builder, "source");
    json_add(builder, "tattoo", recipe.source.tattoo);
    json_add(builder, "name", recipe.source.name);
    json_add(builder, "checksum", recipe.source.checksum);
    json_add(builder, "width", recipe.source.width);
    json_add(builder, "height", recipe.source.height);
    json_builder_end_object(builder);
  }
  json_builder_set_member_name(builder, "selection");
  json_builder_add_boolean_value(builder, recipe.selection);
  if (recipe.iteration >= 0) json_add(builder, "iteration", recipe.iteration);
  json_builder_end_object(builder);
  return only_ascii(json_text(builder).c_str());
}

Result<Recipe> recipe_from_json(const std::string& text) {
  g_autoptr(JsonNode) root = json_from_string(text.c_str(), nullptr);
  const bool is_object = root && JSON_NODE_HOLDS_OBJECT(root);
  JsonObject* object = is_object ? json_node_get_object(root) : nullptr;
  JsonObject* request = object ? object_in(object, "request") : nullptr;
  if (!request || integer_in(object, "recipe") < 1)
    return Error{ErrorCode::protocol, _("The recipe of this layer cannot be read."), {}};
  if (integer_in(object, "recipe") > Recipe::version)
    return Error{ErrorCode::protocol, _("The recipe of this layer was written by a newer Pinxit."),
                 _("Update Pinxit to use it.")};
  auto known = request_from_json(text_of(request));
  if (!known) return known.error();
  Recipe recipe;
  recipe.procedure = string_in(object, "procedure");
  recipe.request = *known;
  if (JsonObject* facts = object_in(object, "facts")) recipe.facts = text_of(facts);
  recipe.pinxit = string_in(object, "pinxit");
  recipe.gimp = string_in(object, "gimp");
  if (JsonObject* source = object_in(object, "source"))
    recipe.source = {unsigned(integer_in(source, "tattoo")), string_in(source, "name"), string_in(source, "checksum"),
                     integer_in(source, "width"), integer_in(source, "height")};
  if (holds_value(object, "iteration")) recipe.iteration = int(integer_in(object, "iteration"));
  recipe.selection = holds_value(object, "selection") && json_object_get_boolean_member(object, "selection");
  return recipe;
}

void attach_recipe(GimpLayer* layer, const Recipe& recipe) {
  const std::string text = recipe_to_json(recipe);
  GimpParasite* parasite = gimp_parasite_new(Recipe::parasite, GIMP_PARASITE_PERSISTENT | GIMP_PARASITE_UNDOABLE,
                                             guint32(text.size()), text.data());
  gimp_item_attach_parasite(GIMP_ITEM(layer), parasite);
  gimp_parasite_free(parasite);
}

std::optional<Result<Recipe>> recipe_of(GimpLayer* layer) {
  GimpParasite* parasite = gimp_item_get_parasite(GIMP_ITEM(layer), Recipe::parasite);
  if (!parasite) return {};
  guint32 size = 0;
  const auto* data = static_cast<const char*>(gimp_parasite_get_data(parasite, &size));
  const std::string text(data, size);
  gimp_parasite_free(parasite);
  return recipe_from_json(text);
}

std::string style_titles(const std::string& facts) {
  g_autoptr(JsonNode) root = json_from_string(facts.c_str(), nullptr);
  if (!root || !JSON_NODE_HOLDS_OBJECT(root)) return {};
  JsonNode* styles = json_object_get_member(json_node_get_object(root), "styles");
  if (!styles || !JSON_NODE_HOLDS_ARRAY(styles)) return {};
  JsonArray* array = json_node_get_array(styles);
  std::string titles;
  for (guint i = 0; i < json_array_get_length(array); ++i) {
    JsonNode* element = json_array_get_element(array, i);
    if (!JSON_NODE_HOLDS_OBJECT(element)) continue;
    const std::string title = string_in(json_node_get_object(element), "title");
    if (!title.empty()) titles += (titles.empty() ? "" : " + ") + title;
  }
  return titles;
}

}  // namespace pinxit
