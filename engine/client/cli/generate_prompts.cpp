// SPDX-License-Identifier: Apache-2.0
#include "engine/client/cli/generate_prompts.h"

#include <json-glib/json-glib.h>

#include "engine/base/text.h"
#include "engine/requests/json_fields.h"

namespace pinxit {
namespace {

std::vector<std::string> sizes_in(JsonObject* object) {
  std::vector<std::string> sizes;
  JsonNode* list = json_member(object, "sizes");
  JsonArray* array = list && JSON_NODE_HOLDS_ARRAY(list) ? json_node_get_array(list) : nullptr;
  for (guint i = 0; array && i < json_array_get_length(array); ++i) {
    JsonNode* node = json_array_get_element(array, i);
    JsonArray* size = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : nullptr;
    if (!size || json_array_get_length(size) != 2) continue;
    sizes.push_back(
        format_text(_("%d × %d"), int(json_array_get_int_element(size, 0)), int(json_array_get_int_element(size, 1))));
  }
  return sizes;
}

std::string list_of(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + text;
  return list;
}

/// "1 a, 2 red, 3 bird": the numbers are those of the maps' files.
std::string numbered(const std::vector<std::string>& words) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < words.size(); ++i) texts.push_back(std::to_string(i + 1) + " " + words[i]);
  return list_of(texts);
}

std::string line(const char* format, const std::string& value) {
  return format_text(format, value.c_str()) + "\n";
}

}  // namespace

Prompts::Prompts(const GenerateRequest& request) : file_(request.captions) {
  if (captions())
    list_ = read_captions(file_).take();
  else
    list_.push_back({0, request.prompt});
}

std::string Prompts::name(const Caption& prompt) const {
  return captions() ? file_ + ":" + std::to_string(prompt.line) : "prompt";
}

GenerateRequest Prompts::with(GenerateRequest request, const Caption& prompt) {
  request.captions.clear();
  request.prompt = prompt.text;
  return request;
}

PromptReading reading_of(const std::string& facts) {
  g_autoptr(JsonNode) root = json_from_string(facts.c_str(), nullptr);
  JsonObject* object = root && JSON_NODE_HOLDS_OBJECT(root) ? json_node_get_object(root) : nullptr;
  JsonNode* model = object ? json_member(object, "model") : nullptr;
  if (!model || !JSON_NODE_HOLDS_OBJECT(model))
    throw Failure(ErrorCode::protocol, _("What the engine says of the prompt cannot be understood."));
  PromptReading reading;
  reading.model = json_text_of(json_node_get_object(model), "id");
  reading.title = json_text_of(json_node_get_object(model), "title");
  reading.takes_prompt = json_object_get_boolean_member_with_default(object, "takes_prompt", true);
  reading.attention = json_object_get_boolean_member_with_default(object, "attention", false);
  reading.any_size = json_object_get_boolean_member_with_default(object, "any_size", false);
  reading.sizes = sizes_in(object);
  reading.words = json_texts_of(object, "words");
  reading.unknown_words = json_texts_of(object, "unknown_words");
  reading.left_out = json_text_of(object, "left_out");
  return reading;
}

std::string model_text(const PromptReading& reading) {
  std::string text =
      line(_("Model: %s"), reading.title.empty() ? reading.model : reading.title + " (" + reading.model + ")");
  text +=
      line(_("Pictures, in pixels: %s"), list_of(reading.sizes) + (reading.any_size ? _(", or any other size") : ""));
  text += line(_("Attention maps: %s"), reading.attention ? _("yes") : _("no"));
  return reading.takes_prompt ? text : text + _("It takes no prompt.") + "\n";
}

std::string prompt_text(const PromptReading& reading) {
  if (!reading.takes_prompt) return {};
  std::string text = line(_("It reads: %s"), reading.words.empty() ? _("nothing") : numbered(reading.words));
  if (!reading.unknown_words.empty()) text += line(_("It does not know: %s"), list_of(reading.unknown_words));
  if (!reading.left_out.empty()) text += line(_("Beyond its limit: %s"), reading.left_out);
  return text;
}

}  // namespace pinxit
