// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/generate_facts.h"

#include "engine/requests/json_building.h"

namespace pinxit {
namespace {

void add_list(JsonBuilder* json, const char* name, const std::vector<std::string>& texts) {
  json_begin_array(json, name);
  for (const std::string& text : texts) json_builder_add_string_value(json, text.c_str());
  json_builder_end_array(json);
}

void add_truth(JsonBuilder* json, const char* name, bool value) {
  json_builder_set_member_name(json, name);
  json_builder_add_boolean_value(json, value);
}

void add_model(JsonBuilder* json, const GeneratorFiles& files, const TextToImageFacts& model) {
  json_begin_object(json, "model");
  json_add(json, "id", files.entry.id);
  json_add(json, "title", files.entry.title);
  json_add(json, "kind", model.kind);
  json_add(json, "sha256", files.sha256());
  json_builder_end_object(json);
}

void add_text(JsonBuilder* json, const PromptTokens& text) {
  add_list(json, "words", text.words);
  add_list(json, "unknown_words", text.unknown_words);
  json_add(json, "left_out", text.left_out);
}

}  // namespace

std::string GenerateFacts::to_json(const GeneratorFiles& files, const TextToImageFacts& model,
                                   const PromptTokens& text) const {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_add(json, "engine", PINXIT_VERSION);
  json_add(json, "device", device);
  json_add(json, "precision", precision);
  add_model(json, files, model);
  add_text(json, text);
  json_add(json, "seconds", seconds);
  json_add(json, "load_seconds", load_seconds);
  json_begin_array(json, "pictures");
  for (const Picture& picture : pictures) {
    json_builder_begin_object(json);
    json_add(json, "seed", picture.seed);
    json_add(json, "share", picture.share);
    json_add(json, "width", picture.width);
    json_add(json, "height", picture.height);
    json_add(json, "seconds", picture.seconds);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
  json_builder_end_object(json);
  return json_text(json);
}

std::string prompt_facts(const GeneratorFiles& files, const TextToImageFacts& model, const PromptTokens& text) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  add_model(json, files, model);
  add_truth(json, "takes_prompt", model.takes_prompt);
  add_truth(json, "attention", model.attention);
  add_truth(json, "any_size", model.any_size);
  json_begin_array(json, "sizes");
  for (const TextToImageFacts::Size& size : model.sizes) {
    json_builder_begin_array(json);
    json_builder_add_int_value(json, size.width);
    json_builder_add_int_value(json, size.height);
    json_builder_end_array(json);
  }
  json_builder_end_array(json);
  add_text(json, text);
  json_builder_end_object(json);
  return json_text(json);
}

}  // namespace pinxit
