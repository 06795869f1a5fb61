// SPDX-License-Identifier: Apache-2.0
#include "engine/service/answers.h"

#include <unistd.h>

#include "engine/base/text.h"
#include "engine/client/wire.h"
#include "engine/requests/json_building.h"
#include "engine/store/catalogue_json.h"

namespace pinxit {

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
  json_add_members(builder, workshop);
  json_add(builder, "version", PINXIT_VERSION);
  json_add(builder, "protocol", protocol_number);
  json_add(builder, "pid", getpid());
  json_builder_set_member_name(builder, "capabilities");
  json_builder_begin_array(builder);
  for (const char* capability : {"fast-style", "neural-style", "evaluate", "generate", "prompt", "finish",
                                 "shared-memory", "body", "crop", "fitted"})
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
  json_add_models(builder, catalogue, FastStyleRequest::operation);
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
