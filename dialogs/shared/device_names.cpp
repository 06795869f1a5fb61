// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/device_names.h"

#include <json-glib/json-glib.h>

#include "engine/base/text.h"

namespace pinxit {
namespace {

/// A JSON object that is read without fear: whatever is missing or of another kind gives an empty value.
class Facts {
 public:
  explicit Facts(const std::string& text) : parser_(json_parser_new()) {
    if (!json_parser_load_from_data(parser_, text.c_str(), gssize(text.size()), nullptr)) return;
    JsonNode* root = json_parser_get_root(parser_);
    if (root && JSON_NODE_HOLDS_OBJECT(root)) object_ = json_node_get_object(root);
  }
  ~Facts() { g_object_unref(parser_); }
  Facts(const Facts&) = delete;

  std::string text(const char* name) const { return text_of(member(name)); }
  /// A number, or the sum of the numbers of an object ({"running":1,"waiting":2}).
  int integer(const char* name) const {
    JsonNode* node = member(name);
    if (!node || !JSON_NODE_HOLDS_OBJECT(node)) return integer_of(node);
    int sum = 0;
    g_autoptr(GList) parts = json_object_get_values(json_node_get_object(node));
    for (GList* part = parts; part; part = part->next) sum += integer_of(static_cast<JsonNode*>(part->data));
    return sum;
  }
  /// Of an array of texts, or of objects that say `key`.
  std::vector<std::string> list(const char* name, const char* key = "id") const {
    std::vector<std::string> texts;
    JsonNode* node = member(name);
    if (!node || !JSON_NODE_HOLDS_ARRAY(node)) return texts;
    JsonArray* array = json_node_get_array(node);
    for (guint i = 0; i < json_array_get_length(array); i++) {
      JsonNode* element = json_array_get_element(array, i);
      if (JSON_NODE_HOLDS_OBJECT(element)) element = json_object_get_member(json_node_get_object(element), key);
      const std::string text = text_of(element);
      if (!text.empty()) texts.push_back(text);
    }
    return texts;
  }

 private:
  JsonNode* member(const char* name) const { return object_ ? json_object_get_member(object_, name) : nullptr; }
  static int integer_of(JsonNode* node) {
    return node && JSON_NODE_HOLDS_VALUE(node) ? int(json_node_get_int(node)) : 0;
  }
  static std::string text_of(JsonNode* node) {
    const char* text = node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : nullptr;
    return text ? text : "";
  }

  JsonParser* parser_;
  JsonObject* object_ = nullptr;
};

}  // namespace

std::string device_title(const std::string& device) {
  if (device == "auto") return _("Automatic");
  if (device == "cpu") return _("CPU");
  if (device == "cuda") return _("GPU (CUDA)");
  if (device.starts_with("cuda:")) return format_text(_("GPU %s (CUDA)"), device.substr(5).c_str());
  return device;
}

EngineFacts engine_facts(const std::string& status_json) {
  const Facts facts(status_json);
  return {facts.text("version"),    facts.list("devices"),    facts.list("models"),
          facts.integer("threads"), facts.integer("jobs"), facts.integer("pid")};
}

PaintFacts paint_facts(const std::string& facts_json) {
  const Facts facts(facts_json);
  const auto precisions = facts.list("styles", "precision");
  return {facts.text("device"), precisions.empty() ? "" : precisions.front()};
}

}  // namespace pinxit
