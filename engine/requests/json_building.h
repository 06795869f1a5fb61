// SPDX-License-Identifier: Apache-2.0
//
// Writing JSON objects member by member: json-glib's builder with the two lines a member takes made one.
//
//     g_autoptr(JsonBuilder) json = json_builder_new();
//     json_builder_begin_object(json);
//     json_add(json, "device", "cpu");
//     json_builder_end_object(json);
//     return json_text(json);
#pragma once

#include <json-glib/json-glib.h>

#include <cmath>
#include <concepts>
#include <string>

namespace pinxit {

inline void json_add(JsonBuilder* builder, const char* name, const std::string& text) {
  json_builder_set_member_name(builder, name);
  json_builder_add_string_value(builder, text.c_str());
}

inline void json_add(JsonBuilder* builder, const char* name, std::integral auto number) {
  json_builder_set_member_name(builder, name);
  json_builder_add_int_value(builder, gint64(number));
}

inline void json_begin_object(JsonBuilder* builder, const char* name) {
  json_builder_set_member_name(builder, name);
  json_builder_begin_object(builder);
}

inline void json_begin_array(JsonBuilder* builder, const char* name) {
  json_builder_set_member_name(builder, name);
  json_builder_begin_array(builder);
}

/// JSON has no infinite numbers: null stands for them.
inline void json_add(JsonBuilder* builder, const char* name, double number) {
  json_builder_set_member_name(builder, name);
  if (std::isfinite(number))
    json_builder_add_double_value(builder, number);
  else
    json_builder_add_null_value(builder);
}

/// The members of a JSON object text; none for any other text.
inline void json_add_members(JsonBuilder* builder, const std::string& object_text) {
  g_autoptr(JsonNode) node = json_from_string(object_text.c_str(), nullptr);
  if (!node || !JSON_NODE_HOLDS_OBJECT(node)) return;
  JsonObjectIter iter;
  const char* name = nullptr;
  JsonNode* member = nullptr;
  json_object_iter_init_ordered(&iter, json_node_get_object(node));
  while (json_object_iter_next_ordered(&iter, &name, &member)) {
    json_builder_set_member_name(builder, name);
    json_builder_add_value(builder, json_node_copy(member));
  }
}

/// What was built, on one line or laid out for people.
inline std::string json_text(JsonBuilder* builder, bool pretty = false) {
  g_autoptr(JsonNode) root = json_builder_get_root(builder);
  g_autofree char* text = json_to_string(root, pretty);
  return text;
}

}  // namespace pinxit
