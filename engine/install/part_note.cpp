// SPDX-License-Identifier: Apache-2.0
#include "engine/install/part_note.h"

#include "engine/install/disk.h"
#include "engine/requests/json_building.h"
#include "engine/requests/json_fields.h"

namespace pinxit {

PartNote PartNote::read(const std::string& path) {
  g_autoptr(JsonParser) parser = json_parser_new();
  if (!json_parser_load_from_file(parser, path.c_str(), nullptr)) return {};
  JsonNode* root = json_parser_get_root(parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT(root)) return {};
  JsonObject* object = json_node_get_object(root);
  try {
    return {json_text_of(object, "address"), json_text_of(object, "validator"), json_text_of(object, "sha256")};
  } catch (const std::invalid_argument&) {
    return {};
  }
}

void PartNote::write(const std::string& path) const {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_add(builder, "address", address);
  json_add(builder, "validator", validator);
  json_add(builder, "sha256", stated_sha256);
  json_builder_end_object(builder);
  write_whole(path, json_text(builder));
}

}  // namespace pinxit
