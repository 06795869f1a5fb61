// SPDX-License-Identifier: Apache-2.0
#include "engine/service/answers.h"

#include <unistd.h>

#include "engine/base/text.h"
#include "engine/client/wire.h"
#include "engine/requests/json_building.h"
#include "engine/store/catalogue.h"

namespace pinxit {
namespace {

void add_members(JsonBuilder* builder, const std::string& object_text) {
  g_autoptr(JsonNode) node = json_from_string(object_text.c_str(), nullptr);
  if (!node || !JSON_NODE_HOLDS_OBJECT(node)) return;
  JsonObjectIter iter;
  const char* name = nullptr;
  JsonNode* member = nullptr;
  json_object_iter_init(&iter, json_node_get_object(node));
  while (json_object_iter_next(&iter, &name, &member)) {
    json_builder_set_member_name(builder, name);
    json_builder_add_value(builder, json_node_copy(member));
  }
}

}  // namespace

void answer(SoupServerMessage* message, unsigned status, const std::string& line) {
  const std::string text = line + "\n";
  soup_server_message_set_status(message, status, nullptr);
  soup_server_message_set_response(message, ndjson_type, SOUP_MEMORY_COPY, text.data(), text.size());
}

void refuse_method(SoupServerMessage* message) {
  const Error error{ErrorCode::protocol, _("The engine does not know this request."),
                    _("Use plug-in and engine of the same Pinxit version.")};
  answer(message, SOUP_STATUS_METHOD_NOT_ALLOWED, error_line(error));
}

std::string status_line(const std::string& workshop, int running, int waiting) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  add_members(builder, workshop);
  json_add(builder, "version", PINXIT_VERSION);
  json_add(builder, "protocol", protocol_number);
  json_add(builder, "pid", getpid());
  json_builder_set_member_name(builder, "capabilities");
  json_builder_begin_array(builder);
  for (const char* capability : {"fast-style", "shared-memory", "body", "crop", "fitted"})
    json_builder_add_string_value(builder, capability);
  json_builder_end_array(builder);
  json_builder_set_member_name(builder, "jobs");
  json_builder_begin_object(builder);
  json_add(builder, "running", running);
  json_add(builder, "waiting", waiting);
  json_builder_end_object(builder);
  json_builder_end_object(builder);
  return json_text(builder);
}

std::string styles_line() {
  const Catalogue catalogue = Catalogue::read();
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_builder_set_member_name(builder, "styles");
  json_builder_begin_array(builder);
  for (const ModelEntry& entry : catalogue.entries()) {
    if (entry.operation != FastStyleRequest::operation) continue;
    const ModelFile* weights = entry.file("weights");
    json_builder_begin_object(builder);
    json_add(builder, "id", entry.id);
    json_add(builder, "title", entry.title);
    json_add(builder, "kind", entry.kind);
    json_add(builder, "description", entry.description);
    json_add(builder, "licence", entry.licence);
    json_add(builder, "source", entry.source);
    json_add(builder, "sha256", weights ? weights->sha256 : std::string());
    json_add(builder, "thumbnail", entry.thumbnail);
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
  json_builder_set_member_name(builder, "problems");
  json_builder_begin_array(builder);
  for (const Error& problem : catalogue.problems()) json_builder_add_string_value(builder, problem.sentence.c_str());
  json_builder_end_array(builder);
  json_builder_end_object(builder);
  return json_text(builder);
}

bool wants_now(const std::string& body) {
  g_autoptr(JsonNode) node = json_from_string(body.c_str(), nullptr);
  if (!node || !JSON_NODE_HOLDS_OBJECT(node)) return false;
  return json_object_get_boolean_member_with_default(json_node_get_object(node), "now", FALSE);
}

}  // namespace pinxit
