// SPDX-License-Identifier: Apache-2.0
#include "plugin/recipe.h"

#include "engine/base/text.h"
#include "engine/requests/json_building.h"
#include "engine/requests/json_reading.h"
#include "plugin/items.h"

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
  const JsonObjectOwner object = json_object_of(text);
  JsonObject* request = object_in(object.get(), "request");
  const int64_t version = integer_in(object.get(), "recipe");
  if (!request || version < 1)
    return Error{ErrorCode::protocol, _("The recipe of this layer cannot be read."), {}};
  if (version > Recipe::version)
    return Error{ErrorCode::protocol, _("The recipe of this layer was written by a newer Pinxit."),
                 _("Update Pinxit to use it.")};
  auto known = request_from_json(text_of(request));
  if (!known) return known.error();
  Recipe recipe;
  recipe.procedure = string_in(object.get(), "procedure");
  recipe.request = *known;
  if (JsonObject* facts = object_in(object.get(), "facts")) recipe.facts = text_of(facts);
  recipe.pinxit = string_in(object.get(), "pinxit");
  recipe.gimp = string_in(object.get(), "gimp");
  if (JsonObject* source = object_in(object.get(), "source"))
    recipe.source = {unsigned(integer_in(source, "tattoo")), string_in(source, "name"), string_in(source, "checksum"),
                     integer_in(source, "width"), integer_in(source, "height")};
  recipe.iteration = int(integer_in(object.get(), "iteration", -1));
  recipe.selection = boolean_in(object.get(), "selection");
  return recipe;
}

void attach_recipe(GimpLayer* layer, const Recipe& recipe) {
  attach_text(GIMP_ITEM(layer), Recipe::parasite, recipe_to_json(recipe));
}

std::optional<Result<Recipe>> recipe_of(GimpLayer* layer) {
  const auto text = attached_text(GIMP_ITEM(layer), Recipe::parasite);
  if (!text) return {};
  return recipe_from_json(*text);
}

std::string style_titles(const std::string& facts) {
  const JsonObjectOwner told = json_object_of(facts);
  JsonArray* styles = array_in(told.get(), "styles");
  std::string titles;
  for (guint i = 0; styles && i < json_array_get_length(styles); ++i) {
    JsonObject* style = object_at(styles, i);
    const std::string title = style ? string_in(style, "title") : "";
    if (!title.empty()) titles += (titles.empty() ? "" : " + ") + title;
  }
  return titles;
}

}  // namespace pinxit
