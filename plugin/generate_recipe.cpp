// SPDX-License-Identifier: Apache-2.0
#include "plugin/generate_recipe.h"

#include <glib.h>
#include <json-glib/json-glib.h>

#include <cmath>
#include <memory>

#include "engine/base/text.h"
#include "plugin/generate.h"

namespace pinxit {
namespace {

struct Unref {
  void operator()(JsonObject* object) const { json_object_unref(object); }
};
using Object = std::unique_ptr<JsonObject, Unref>;

/// Never null.
Object object_of(const std::string& text) {
  g_autoptr(JsonNode) root = json_from_string(text.c_str(), nullptr);
  if (root && JSON_NODE_HOLDS_OBJECT(root)) return Object(json_node_dup_object(root));
  return Object(json_object_new());
}

/// Null where there is no such object.
JsonObject* object_in(JsonObject* object, const char* name) {
  JsonNode* node = json_object_get_member(object, name);
  return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : nullptr;
}

std::string text_of(JsonObject* object) {
  g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
  json_node_set_object(node, object);
  g_autofree char* text = json_to_string(node, false);
  return text;
}

/// The engine's own words on this picture, or an empty object.
Object told_of(JsonObject* facts, const Made& made) {
  JsonNode* list = json_object_get_member(facts, "pictures");
  if (!list || !JSON_NODE_HOLDS_ARRAY(list)) return Object(json_object_new());
  JsonArray* pictures = json_node_get_array(list);
  if (made.index < 0 || guint(made.index) >= json_array_get_length(pictures)) return Object(json_object_new());
  JsonNode* node = json_array_get_element(pictures, guint(made.index));
  return JSON_NODE_HOLDS_OBJECT(node) ? Object(json_node_dup_object(node)) : Object(json_object_new());
}

void copy_members(JsonObject* from, std::initializer_list<const char*> names, JsonObject* to) {
  for (const char* name : names)
    if (JsonNode* node = json_object_get_member(from, name)) json_object_set_member(to, name, json_node_copy(node));
}

bool has_prompt(const GenerateRequest& request) {
  return !request.prompt.empty() || !request.vary_prompt.empty();
}

bool varies(const GenerateRequest& request) {
  return request.vary != "no";
}

/// Empty where the facts name none.
std::string model_id(const GeneratedPicture& picture) {
  const Object facts = object_of(picture.facts);
  JsonObject* model = object_in(facts.get(), "model");
  const char* id = model ? json_object_get_string_member_with_default(model, "id", "") : nullptr;
  return id ? id : "";
}

GenerateRequest kept_request(const GeneratedPicture& picture) {
  GenerateRequest request = picture.request.keep_prompt ? picture.request : without_prompts(picture.request);
  request.captions.clear();
  if (const std::string id = model_id(picture); request.model == "auto" && !id.empty()) request.model = id;
  if (!varies(request)) {
    request.seed = int(picture.made.seed);
    request.count = 1;
  }
  return request;
}

std::string kept_facts(const GeneratedPicture& picture) {
  const Object told = object_of(picture.facts), one = told_of(told.get(), picture.made), kept(json_object_new());
  copy_members(told.get(), {"pinxit", "device", "precision", "model", "seconds", "load_seconds"}, kept.get());
  if (picture.request.keep_prompt)
    copy_members(told.get(), {"words", "unknown_words", "left_out"}, kept.get());
  else if (has_prompt(picture.request))
    json_object_set_boolean_member(kept.get(), "prompt_left_out", true);
  JsonObject* shown = json_object_new();
  json_object_set_object_member(kept.get(), "picture", shown);
  copy_members(one.get(), {"seconds"}, shown);
  json_object_set_int_member(shown, "index", picture.made.index);
  json_object_set_int_member(shown, "of", picture.made.of);
  json_object_set_int_member(shown, "seed", picture.made.seed);
  json_object_set_double_member(shown, "share", picture.made.share);
  json_object_set_int_member(shown, "width", picture.picture->width);
  json_object_set_int_member(shown, "height", picture.picture->height);
  return text_of(kept.get());
}

/// The model's title; of a file its name without folder and ending.
std::string model_title(const GeneratedPicture& picture) {
  const Object facts = object_of(picture.facts);
  if (JsonObject* model = object_in(facts.get(), "model")) {
    const char* title = json_object_get_string_member_with_default(model, "title", "");
    if (title && *title) return title;
  }
  g_autofree char* file = g_path_get_basename(picture.request.model.c_str());
  const std::string base(file);
  const size_t ending = base.rfind('.');
  return ending == 0 ? base : base.substr(0, ending);
}

/// One line of at most 40 characters.
std::string shortened(const std::string& prompt) {
  constexpr glong most = 40;
  g_autofree char* valid = g_utf8_make_valid(prompt.c_str(), gssize(prompt.size()));
  for (char* at = valid; *at; ++at)
    if (g_ascii_isspace(*at) || g_ascii_iscntrl(*at)) *at = ' ';
  g_strstrip(valid);
  if (g_utf8_strlen(valid, -1) <= most) return valid;
  g_autofree char* start = g_utf8_substring(valid, 0, most);
  return std::string(g_strchomp(start)) + "…";
}

/// What pictures of one prompt have in common.
std::string subject(const GeneratedPicture& picture) {
  const std::string prompt = picture.request.keep_prompt ? shortened(picture.request.prompt) : "";
  return prompt.empty() ? model_title(picture) : prompt;
}

/// Which word of the prompt an attention map is about, from 1: maps of one size come in the order of the words.
int word_number(const GeneratedPicture& picture, size_t number) {
  const GeneratedPart& map = picture.parts[number];
  int found = 0;
  for (size_t i = 0; i <= number; ++i)
    found += picture.parts[i].made.role == map.made.role && picture.parts[i].picture->width == map.picture->width;
  return found;
}

}  // namespace

Recipe generated_recipe(const GeneratedPicture& picture) {
  return {.procedure = generate_procedure, .request = kept_request(picture), .facts = kept_facts(picture)};
}

std::string generated_name(const GeneratedPicture& picture) {
  if (varies(picture.request))
    return format_text(_("%s – seed %d, %d %%"), subject(picture).c_str(), int(picture.made.seed),
                       int(std::lround(100 * picture.made.share)));
  return format_text(_("%s – seed %d"), subject(picture).c_str(), int(picture.made.seed));
}

std::string generated_group_name(const GeneratedPicture& first) {
  return subject(first);
}

std::string generated_details_name(const GeneratedPicture& picture) {
  return format_text(_("Details of seed %d"), int(picture.made.seed));
}

std::string generated_part_name(const GeneratedPicture& picture, size_t number) {
  const GeneratedPart& part = picture.parts[number];
  const int width = int(part.picture->width), height = int(part.picture->height);
  const bool keep = picture.request.keep_prompt && !part.made.word.empty();
  if (part.made.role == "strip")
    return keep ? format_text(_("Strongest words: %s"), part.made.word.c_str()) : _("Strongest words");
  if (part.made.role != "attention") return format_text(_("%d × %d"), width, height);
  const std::string word = keep ? part.made.word : format_text(_("Word %d"), word_number(picture, number));
  return format_text(_("%s (%d × %d)"), word.c_str(), width, height);
}

int generated_index(const std::string& facts) {
  const Object told = object_of(facts);
  JsonObject* picture = object_in(told.get(), "picture");
  return picture ? int(json_object_get_int_member_with_default(picture, "index", 0)) : 0;
}

bool generated_prompt_left_out(const std::string& facts) {
  return json_object_get_boolean_member_with_default(object_of(facts).get(), "prompt_left_out", false);
}

bool generated_takes_prompt(const std::string& facts) {
  return json_object_get_boolean_member_with_default(object_of(facts).get(), "takes_prompt", true);
}

}  // namespace pinxit
