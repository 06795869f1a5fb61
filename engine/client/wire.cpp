// SPDX-License-Identifier: Apache-2.0
#include "engine/client/wire.h"

#include <json-glib/json-glib.h>

#include <array>
#include <set>

#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr std::array<const char*, 3> view_names = {"whole", "crop", "fitted"};

struct Parsed {
  explicit Parsed(const std::string& text) : parser(json_parser_new()) {
    if (!json_parser_load_from_data(parser, text.data(), gssize(text.size()), nullptr)) return;
    JsonNode* root = json_parser_get_root(parser);
    if (root && JSON_NODE_HOLDS_OBJECT(root)) object = json_node_get_object(root);
  }
  ~Parsed() { g_object_unref(parser); }
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;
  JsonParser* parser;
  JsonObject* object = nullptr;  ///< null when the text is no JSON object
};

Failure damaged(const char* what) {
  return Failure(ErrorCode::protocol, format_text(_("The request to the engine is damaged (%s)."), what),
                 _("Use plug-in and engine of the same Pinxit version."));
}

int64_t whole_number(JsonObject* object, const char* name) {
  JsonNode* node = json_object_get_member(object, name);
  if (!node || !JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_INT64) throw damaged(name);
  return json_node_get_int(node);
}

JsonObject* object_in(JsonObject* object, const char* name) {
  JsonNode* node = json_object_get_member(object, name);
  if (!node || !JSON_NODE_HOLDS_OBJECT(node)) throw damaged(name);
  return json_node_get_object(node);
}

std::string text_in(JsonObject* object, const char* name) {
  JsonNode* node = json_object_get_member(object, name);
  if (!node || !JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING) throw damaged(name);
  return json_node_get_string(node);
}

// ---- writing

/// The fields of a picture; its object is begun already.
void add_fields(JsonBuilder* builder, const PictureLine& picture) {
  json_builder_set_member_name(builder, "width");
  json_builder_add_int_value(builder, picture.width);
  json_builder_set_member_name(builder, "height");
  json_builder_add_int_value(builder, picture.height);
  json_builder_set_member_name(builder, "encoding");
  json_builder_add_string_value(builder, encoding_name);
  if (!picture.identity.empty()) {
    json_builder_set_member_name(builder, "identity");
    json_builder_add_string_value(builder, picture.identity.c_str());
  }
  if (picture.descriptor >= 0) {
    json_builder_set_member_name(builder, "memory");
    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "descriptor");
    json_builder_add_int_value(builder, picture.descriptor);
    json_builder_end_object(builder);
  }
}

void add_picture(JsonBuilder* builder, const char* name, const PictureLine& picture) {
  json_builder_set_member_name(builder, name);
  json_builder_begin_object(builder);
  add_fields(builder, picture);
  json_builder_end_object(builder);
}

void add_pictures(JsonBuilder* builder, const std::vector<NamedPictureLine>& pictures) {
  json_builder_set_member_name(builder, "pictures");
  json_builder_begin_array(builder);
  for (const NamedPictureLine& picture : pictures) {
    json_builder_begin_object(builder);
    json_builder_set_member_name(builder, "name");
    json_builder_add_string_value(builder, picture.name.c_str());
    add_fields(builder, picture.picture);
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
}

void add_view(JsonBuilder* builder, const View& view) {
  json_builder_set_member_name(builder, "view");
  json_builder_begin_object(builder);
  json_builder_set_member_name(builder, "kind");
  json_builder_add_string_value(builder, view_names.at(size_t(view.kind)));
  const std::pair<const char*, int64_t> sides[] = {
      {"x", view.region.x}, {"y", view.region.y}, {"width", view.region.width}, {"height", view.region.height}};
  for (const auto& [name, value] : sides) {
    json_builder_set_member_name(builder, name);
    json_builder_add_int_value(builder, value);
  }
  json_builder_end_object(builder);
}

std::string text_of(JsonNode* node) {
  g_autofree char* text = json_to_string(node, false);
  return text;
}

// ---- reading

PictureLine read_picture(JsonObject* object) {
  PictureLine picture;
  picture.width = whole_number(object, "width");
  picture.height = whole_number(object, "height");
  if (picture.width < 1 || picture.width > largest_side) throw damaged("width");
  if (picture.height < 1 || picture.height > largest_side) throw damaged("height");
  if (text_in(object, "encoding") != encoding_name) throw damaged("encoding");
  if (json_object_has_member(object, "identity")) picture.identity = text_in(object, "identity");
  if (json_object_has_member(object, "memory")) {
    const int64_t descriptor = whole_number(object_in(object, "memory"), "descriptor");
    if (descriptor < 0 || descriptor > G_MAXINT) throw damaged("descriptor");
    picture.descriptor = int(descriptor);
  }
  return picture;
}

std::vector<NamedPictureLine> read_pictures(JsonObject* object) {
  JsonNode* node = json_object_get_member(object, "pictures");
  if (!node) return {};
  if (!JSON_NODE_HOLDS_ARRAY(node)) throw damaged("pictures");
  JsonArray* array = json_node_get_array(node);
  if (json_array_get_length(array) > most_pictures) throw damaged("pictures");
  std::vector<NamedPictureLine> pictures;
  std::set<std::string> names;
  for (guint i = 0; i < json_array_get_length(array); ++i) {
    JsonNode* element = json_array_get_element(array, i);
    if (!JSON_NODE_HOLDS_OBJECT(element)) throw damaged("pictures");
    JsonObject* fields = json_node_get_object(element);
    pictures.push_back({text_in(fields, "name"), read_picture(fields)});
    if (!names.insert(pictures.back().name).second) throw damaged("name");
  }
  return pictures;
}

/// What follows the line: all pixels that go to the engine, or none where they are shared; never some of them.
int64_t wanted_body(const JobLine& line) {
  std::vector<const PictureLine*> all;
  if (line.source) all.push_back(&line.source);
  for (const NamedPictureLine& one : line.pictures) all.push_back(&one.picture);
  int64_t bytes = 0;
  for (const PictureLine* picture : all) {
    const bool shared = picture->descriptor >= 0;
    if (shared != (all.front()->descriptor >= 0)) throw damaged("memory");
    if (!shared) bytes += int64_t(picture->bytes());
  }
  return bytes;
}

View read_view(JsonObject* object, const PictureLine& source, const PictureLine& result) {
  const std::string kind = text_in(object, "kind");
  View view;
  if (kind == "whole") {
    if (source.width != result.width || source.height != result.height) throw damaged("result");
  } else if (kind == "crop") {
    view.kind = View::Kind::crop;
    view.region = {whole_number(object, "x"), whole_number(object, "y"), whole_number(object, "width"),
                   whole_number(object, "height")};
    if (view.region.width != result.width || view.region.height != result.height) throw damaged("result");
    if (intersection(view.region, {0, 0, source.width, source.height}) != view.region) throw damaged("view");
  } else if (kind == "fitted") {
    view.kind = View::Kind::fitted;
  } else {
    throw damaged("view");
  }
  return view;
}

JobLine read_job(JsonObject* object) {
  if (whole_number(object, "protocol") != protocol_number)
    throw Failure(ErrorCode::engine_old, _("Plug-in and engine are of different Pinxit versions."),
                  _("Close Pinxit's windows, wait until the engine has ended, and try again."));
  JobLine line;
  JsonNode* request = json_object_get_member(object, "request");
  if (!request || !JSON_NODE_HOLDS_OBJECT(request)) throw damaged("request");
  line.request = text_of(request);
  const bool pictures = json_object_has_member(object, "source") || json_object_has_member(object, "result") ||
                        json_object_has_member(object, "view");
  if (pictures) {
    line.source = read_picture(object_in(object, "source"));
    line.result = read_picture(object_in(object, "result"));
    line.view = read_view(object_in(object, "view"), line.source, line.result);
  }
  line.pictures = read_pictures(object);
  if (json_object_has_member(object, "preview")) {
    const int64_t side = whole_number(object, "preview");
    if (side < 0 || side > largest_side) throw damaged("preview");
    line.preview_side = int(side);
  }
  if (json_object_has_member(object, "body")) line.body = whole_number(object, "body");
  if (line.body != wanted_body(line)) throw damaged("body");
  return line;
}

}  // namespace

std::string job_line_to_json(const JobLine& line) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_builder_set_member_name(builder, "protocol");
  json_builder_add_int_value(builder, protocol_number);
  if (JsonNode* request = json_from_string(line.request.c_str(), nullptr)) {
    json_builder_set_member_name(builder, "request");
    json_builder_add_value(builder, request);
  }
  if (line.source) {
    add_picture(builder, "source", line.source);
    add_picture(builder, "result", line.result);
    add_view(builder, line.view);
  }
  if (!line.pictures.empty()) add_pictures(builder, line.pictures);
  if (line.preview_side > 0) {
    json_builder_set_member_name(builder, "preview");
    json_builder_add_int_value(builder, line.preview_side);
  }
  if (line.body > 0) {
    json_builder_set_member_name(builder, "body");
    json_builder_add_int_value(builder, line.body);
  }
  json_builder_end_object(builder);
  g_autoptr(JsonNode) root = json_builder_get_root(builder);
  return text_of(root);
}

Result<JobLine> job_line_from_json(const std::string& text) {
  return guarded([&] {
    const Parsed parsed(text);
    if (!parsed.object) throw damaged("JSON");
    return read_job(parsed.object);
  });
}

std::string error_line(const Error& error, bool repeat_in_body) {
  Event event;
  event.kind = Event::Kind::error;
  event.error = error;
  const std::string line = event_to_json(event);
  return repeat_in_body ? line.substr(0, line.size() - 1) + R"(,"repeat":"body"})" : line;
}

bool asks_for_body(const std::string& line) {
  const Parsed parsed(line);
  JsonNode* node = parsed.object ? json_object_get_member(parsed.object, "repeat") : nullptr;
  return node && JSON_NODE_HOLDS_VALUE(node) && g_strcmp0(json_node_get_string(node), "body") == 0;
}

Result<int64_t> body_bytes(const std::string& line) {
  return guarded([&]() -> int64_t {
    const Parsed parsed(line);
    if (!parsed.object) throw damaged("JSON");
    if (!json_object_has_member(parsed.object, "body")) return 0;
    const int64_t bytes = whole_number(parsed.object, "body");
    if (bytes < 0) throw damaged("body");
    return bytes;
  });
}

std::string with_body(const std::string& line, int64_t bytes) {
  return line.substr(0, line.size() - 1) + ",\"body\":" + std::to_string(bytes) + "}";
}

int64_t number_in(const std::string& object, const char* name, int64_t otherwise) {
  const Parsed parsed(object);
  JsonNode* node = parsed.object ? json_object_get_member(parsed.object, name) : nullptr;
  const bool whole = node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_INT64;
  return whole ? json_node_get_int(node) : otherwise;
}

}  // namespace pinxit
