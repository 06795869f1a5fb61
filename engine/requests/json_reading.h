// SPDX-License-Identifier: Apache-2.0
//
// Reading JSON objects of another version, or that somebody else may have written: what is missing or of another kind
// reads as nothing.
//
//     const JsonObjectOwner recipe = json_object_of(text);            // never null
//     if (JsonObject* source = object_in(recipe.get(), "source")) tattoo = integer_in(source, "tattoo");
//
// (Files that people write, whose faults have to be told: json_fields.h. Writing: json_building.h.)
#pragma once

#include <json-glib/json-glib.h>

#include <cstdint>
#include <memory>
#include <string>

namespace pinxit {

struct JsonObjectUnref {
  void operator()(JsonObject* object) const { json_object_unref(object); }
};
using JsonObjectOwner = std::unique_ptr<JsonObject, JsonObjectUnref>;

/// An empty one where the text is no object.
inline JsonObjectOwner json_object_of(const std::string& text) {
  g_autoptr(JsonNode) root = json_from_string(text.c_str(), nullptr);
  const bool is_object = root && JSON_NODE_HOLDS_OBJECT(root);
  return JsonObjectOwner(is_object ? json_node_dup_object(root) : json_object_new());
}

inline std::string text_of(JsonObject* object) {
  g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
  json_node_set_object(node, object);
  g_autofree char* text = json_to_string(node, false);
  return text;
}

/// Null where there is none.
inline JsonObject* object_in(JsonObject* object, const char* name) {
  JsonNode* node = json_object_get_member(object, name);
  return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : nullptr;
}

/// Null where there is none.
inline JsonArray* array_in(JsonObject* object, const char* name) {
  JsonNode* node = json_object_get_member(object, name);
  return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : nullptr;
}

/// The object at `index`; null where there is none.
inline JsonObject* object_at(JsonArray* array, int64_t index) {
  if (!array || index < 0 || index >= int64_t(json_array_get_length(array))) return nullptr;
  JsonNode* node = json_array_get_element(array, guint(index));
  return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : nullptr;
}

inline bool holds_value(JsonObject* object, const char* name) {
  JsonNode* node = json_object_get_member(object, name);
  return node && JSON_NODE_HOLDS_VALUE(node);
}

inline std::string string_in(JsonObject* object, const char* name) {
  const char* text = holds_value(object, name) ? json_object_get_string_member(object, name) : nullptr;
  return text ? text : "";
}

inline int64_t integer_in(JsonObject* object, const char* name, int64_t otherwise = 0) {
  return holds_value(object, name) ? json_object_get_int_member(object, name) : otherwise;
}

inline bool boolean_in(JsonObject* object, const char* name, bool otherwise = false) {
  const bool is_boolean =
      holds_value(object, name) && json_node_get_value_type(json_object_get_member(object, name)) == G_TYPE_BOOLEAN;
  return is_boolean ? json_object_get_boolean_member(object, name) : otherwise;
}

}  // namespace pinxit
