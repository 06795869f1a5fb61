// SPDX-License-Identifier: Apache-2.0
#include "plugin/generate_recipe.h"

#include <cmath>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/requests/json_reading.h"
#include "plugin/generate.h"

namespace pinxit {
namespace {

/// The engine's own words on this picture; null where there are none.
JsonObject* told_of(JsonObject* facts, const Made& made) {
  return object_at(array_in(facts, "pictures"), made.index);
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

/// What the facts tell of the model as `name`; empty where they do not.
std::string told_of_model(const GeneratedPicture& picture, const char* name) {
  const JsonObjectOwner facts = json_object_of(picture.facts);
  JsonObject* model = object_in(facts.get(), "model");
  return model ? string_in(model, name) : "";
}

GenerateRequest kept_request(const GeneratedPicture& picture) {
  GenerateRequest request = picture.request.keep_prompt ? picture.request : without_prompts(picture.request);
  request.captions.clear();
  if (const std::string id = told_of_model(picture, "id"); request.model == "auto" && !id.empty()) request.model = id;
  if (!varies(request)) {
    request.seed = int(picture.made.seed);
    request.count = 1;
  }
  return request;
}

/// Which word of the prompt an attention map is about, from 1: maps of one size come in the order of the words.
int word_number(const GeneratedPicture& picture, size_t number) {
  const GeneratedPart& map = picture.parts[number];
  int found = 0;
  for (size_t i = 0; i <= number; ++i)
    found += picture.parts[i].made.role == map.made.role && picture.parts[i].picture->width == map.picture->width;
  return found;
}

/// Of each word that has a map, in the order of the words.
void add_map_words(const GeneratedPicture& picture, JsonObject* shown) {
  JsonArray* words = json_array_new();
  for (size_t i = 0; i < picture.parts.size(); ++i) {
    const Made& made = picture.parts[i].made;
    if (made.role == "attention" && word_number(picture, i) > int(json_array_get_length(words)))
      json_array_add_string_element(words, made.word.c_str());
  }
  json_object_set_array_member(shown, "words", words);
}

std::string map_word(const std::string& facts, int number) {
  const JsonObjectOwner told = json_object_of(facts);
  JsonObject* picture = object_in(told.get(), "picture");
  JsonArray* words = picture ? array_in(picture, "words") : nullptr;
  if (!words || number < 1 || number > int(json_array_get_length(words))) return {};
  JsonNode* word = json_array_get_element(words, guint(number - 1));
  const char* text = JSON_NODE_HOLDS_VALUE(word) ? json_node_get_string(word) : nullptr;
  return text ? text : "";
}

std::string kept_facts(const GeneratedPicture& picture) {
  const JsonObjectOwner told = json_object_of(picture.facts), kept(json_object_new());
  copy_members(told.get(), {"engine", "device", "precision", "model", "seconds", "load_seconds"}, kept.get());
  if (picture.request.keep_prompt)
    copy_members(told.get(), {"words", "unknown_words", "left_out"}, kept.get());
  else if (has_prompt(picture.request))
    json_object_set_boolean_member(kept.get(), "prompt_left_out", true);
  JsonObject* shown = json_object_new();
  json_object_set_object_member(kept.get(), "picture", shown);
  if (JsonObject* one = told_of(told.get(), picture.made)) copy_members(one, {"seconds"}, shown);
  json_object_set_int_member(shown, "index", picture.made.index);
  json_object_set_int_member(shown, "of", picture.made.of);
  json_object_set_int_member(shown, "seed", picture.made.seed);
  json_object_set_double_member(shown, "share", picture.made.share);
  json_object_set_int_member(shown, "width", picture.picture->width);
  json_object_set_int_member(shown, "height", picture.picture->height);
  g_autofree char* id = g_uuid_string_random();
  json_object_set_string_member(shown, "id", id);
  if (picture.request.keep_prompt) add_map_words(picture, shown);
  return text_of(kept.get());
}

/// The model's title; of a file its name without folder and ending.
std::string model_title(const GeneratedPicture& picture) {
  const std::string title = told_of_model(picture, "title");
  return title.empty() ? std::filesystem::path(picture.request.model).stem().string() : title;
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

/// An empty `word` is one that is not kept.
std::string part_name(const PartLabel& part, const std::string& word) {
  if (part.role == "strip")
    return word.empty() ? _("Strongest words") : format_text(_("Strongest words: %s"), word.c_str());
  if (part.role != "attention") return format_text(_("%d × %d"), part.width, part.height);
  const std::string subject = word.empty() ? format_text(_("Word %d"), part.word) : word;
  return format_text(_("%s (%d × %d)"), subject.c_str(), part.width, part.height);
}

/// Without the number that GIMP puts behind a name that is taken.
std::string without_number(const std::string& name) {
  g_autoptr(GRegex) number = g_regex_new(" #[0-9]+$", {}, {}, nullptr);
  g_autofree char* own = g_regex_replace_literal(number, name.c_str(), -1, 0, "", {}, nullptr);
  return own ? own : "";
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

PartLabel generated_part_label(const GeneratedPicture& picture, size_t number) {
  const GeneratedPart& part = picture.parts[number];
  return {.role = part.made.role,
          .word = part.made.role == "attention" ? word_number(picture, number) : 0,
          .width = int(part.picture->width),
          .height = int(part.picture->height)};
}

std::string generated_part_name(const GeneratedPicture& picture, size_t number) {
  return part_name(generated_part_label(picture, number),
                   picture.request.keep_prompt ? picture.parts[number].made.word : "");
}

bool is_generated_part_name(const std::string& name, const PartLabel& part, const std::string& facts) {
  const std::string own = without_number(name);
  if (own == part_name(part, "")) return true;
  if (part.role == "strip") return own.starts_with(format_text(_("Strongest words: %s"), ""));
  const std::string word = map_word(facts, part.word);
  return !word.empty() && own == part_name(part, word);
}

int generated_index(const std::string& facts) {
  const JsonObjectOwner told = json_object_of(facts);
  JsonObject* picture = object_in(told.get(), "picture");
  return picture ? int(integer_in(picture, "index")) : 0;
}

std::string generated_id(const std::string& facts) {
  const JsonObjectOwner told = json_object_of(facts);
  JsonObject* picture = object_in(told.get(), "picture");
  return picture ? string_in(picture, "id") : "";
}

bool generated_prompt_left_out(const std::string& facts) {
  return boolean_in(json_object_of(facts).get(), "prompt_left_out");
}

bool generated_takes_prompt(const std::string& facts) {
  return boolean_in(json_object_of(facts).get(), "takes_prompt", true);
}

}  // namespace pinxit
