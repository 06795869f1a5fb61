// SPDX-License-Identifier: Apache-2.0
//
// Reading JSON objects from files that people write, member by member: a wrong kind throws std::invalid_argument with
// a clause that says so, a missing member is null, empty or 0.
//
//     entry.id = json_needed_text(object, "id");
//     entry.bytes = json_whole_number_of(object, "bytes");
#pragma once

#include <json-glib/json-glib.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/base/text.h"

namespace pinxit {

inline JsonNode* json_member(JsonObject* object, const char* name) {
  JsonNode* node = json_object_get_member(object, name);
  return node && !JSON_NODE_HOLDS_NULL(node) ? node : nullptr;
}

inline std::string json_node_text(JsonNode* node, const char* name) {
  if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
    throw std::invalid_argument(format_text(_("“%s” is not a text"), name));
  return json_node_get_string(node);
}

inline std::string json_text_of(JsonObject* object, const char* name) {
  JsonNode* node = json_member(object, name);
  return node ? json_node_text(node, name) : std::string();
}

inline std::string json_needed_text(JsonObject* object, const char* name) {
  std::string text = json_text_of(object, name);
  if (text.empty()) throw std::invalid_argument(format_text(_("“%s” is missing"), name));
  return text;
}

inline int64_t json_whole_number_of(JsonObject* object, const char* name) {
  JsonNode* node = json_member(object, name);
  if (!node) return 0;
  const bool whole = JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_INT64;
  if (!whole || json_node_get_int(node) < 0)
    throw std::invalid_argument(format_text(_("“%s” is not a whole number of 0 or more"), name));
  return json_node_get_int(node);
}

inline std::vector<std::string> json_texts_of(JsonObject* object, const char* name) {
  JsonNode* node = json_member(object, name);
  std::vector<std::string> texts;
  if (!node) return texts;
  if (!JSON_NODE_HOLDS_ARRAY(node)) throw std::invalid_argument(format_text(_("“%s” is not a list"), name));
  JsonArray* list = json_node_get_array(node);
  for (guint i = 0; i < json_array_get_length(list); ++i)
    texts.push_back(json_node_text(json_array_get_element(list, i), name));
  return texts;
}

/// A sum in lower-case hexadecimal with `least` to `most` digits, or empty.
inline std::string json_sum_of(JsonObject* object, const char* name, size_t least, size_t most) {
  std::string sum = json_text_of(object, name);
  for (char& c : sum) c = g_ascii_tolower(c);
  const bool digits = std::all_of(sum.begin(), sum.end(), [](char c) { return g_ascii_isxdigit(c); });
  if (!sum.empty() && (!digits || sum.size() < least || sum.size() > most))
    throw std::invalid_argument(format_text(_("“%s” is not a sum in hexadecimal"), name));
  return sum;
}

}  // namespace pinxit
