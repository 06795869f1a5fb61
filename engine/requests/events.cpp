// SPDX-License-Identifier: Apache-2.0
//
// The wire form of events:
//
//     {"event":"queued","position":2,"job":17}
//     {"event":"loading","text":"The Great Wave"}
//     {"event":"progress","step":3,"of":20,"seconds_left":1.5}
//     {"event":"note","text":"No GPU here: painting on the CPU."}     of a prompt's words also "about":"prompt"
//     {"event":"preview","width":128,"height":96}
//     {"event":"state","step":3,"of":10,"losses":{"total":…,"content":…,"style":…,"tv":…,"taps":[{"layer":"conv1_1",
//      "weight":…,"loss":…}…]},"width":128,"height":96,"full":true}
//     {"event":"picture","index":0,"of":5,"role":"attention","word":"red","seed":100,"share":0.5,"width":256,
//      "height":256}
//     {"event":"heartbeat"}
//     {"event":"result","width":1024,"height":768,"facts":{…}}
//     {"event":"error","code":"model-missing","sentence":"…","hint":"…"}
#include "engine/requests/events.h"

#include <json-glib/json-glib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/base/text.h"
#include "engine/requests/json_building.h"
#include "engine/requests/json_reading.h"

namespace pinxit {
namespace {

constexpr std::array<const char*, 11> kind_names = {"queued", "loading",   "progress", "note",  "preview", "picture",
                                                    "state",  "heartbeat", "result",   "error", "unknown"};

constexpr double most_made = 10'000;  ///< pictures of one job
constexpr double largest_seed = 2147483647;

void add(JsonObject* object, const char* name, const std::string& value) {
  json_object_set_string_member(object, name, value.c_str());
}

void add_error(JsonObject* object, const Error& error) {
  add(object, "code", std::string(error_name(error.code)));
  add(object, "sentence", error.sentence);
  add(object, "hint", error.hint);
}

void add_facts(JsonObject* object, const std::string& facts) {
  g_autoptr(JsonNode) node = facts.empty() ? nullptr : json_from_string(facts.c_str(), nullptr);
  if (node && JSON_NODE_HOLDS_OBJECT(node)) json_object_set_member(object, "facts", g_steal_pointer(&node));
}

double number_of(JsonObject* object, const char* name, double otherwise) {
  JsonNode* node = json_object_get_member(object, name);
  return holds_value(object, name) ? json_node_get_double(node) : otherwise;
}

/// Rounded towards zero, and kept within what an int holds.
int whole_of(JsonObject* object, const char* name, int otherwise) {
  return int(std::clamp(number_of(object, name, otherwise), -1e9, 1e9));
}

/// null stands for what is not finite.
double loss_of(JsonObject* object, const char* name) {
  JsonNode* node = json_object_get_member(object, name);
  return node && JSON_NODE_HOLDS_NULL(node) ? std::numeric_limits<double>::quiet_NaN() : number_of(object, name, 0);
}

Losses read_losses(JsonObject* object) {
  Losses losses{loss_of(object, "total"), loss_of(object, "content"), loss_of(object, "tv"), loss_of(object, "style"),
                {}};
  JsonArray* taps = array_in(object, "taps");
  for (guint i = 0; taps && i < json_array_get_length(taps); ++i)
    if (JsonObject* tap = object_at(taps, i))
      losses.taps.push_back({string_in(tap, "layer"), loss_of(tap, "weight"), loss_of(tap, "loss")});
  return losses;
}

void add_size(JsonObject* object, const Event& event) {
  const int64_t width = event.picture ? event.picture->width : event.width;
  const int64_t height = event.picture ? event.picture->height : event.height;
  if (width > 0) json_object_set_int_member(object, "width", width);
  if (height > 0) json_object_set_int_member(object, "height", height);
}

void add_made(JsonObject* object, const Made& made) {
  json_object_set_int_member(object, "index", made.index);
  json_object_set_int_member(object, "of", made.of);
  add(object, "role", made.role);
  if (!made.word.empty()) add(object, "word", made.word);
  json_object_set_int_member(object, "seed", made.seed);
  json_object_set_double_member(object, "share", std::isfinite(made.share) ? made.share : 0);
}

Made read_made(JsonObject* object) {
  Made made;
  made.of = int(std::clamp(number_of(object, "of", 1), 1., most_made));
  made.index = int(std::clamp(number_of(object, "index", 0), 0., double(made.of - 1)));
  if (json_object_has_member(object, "role")) made.role = string_in(object, "role");
  made.word = string_in(object, "word");
  made.seed = int64_t(std::clamp(number_of(object, "seed", 0), 0., largest_seed));
  made.share = std::clamp(number_of(object, "share", 0), 0., 1.);
  return made;
}

Error error_of(JsonObject* object) {
  Error error{error_code(string_in(object, "code")), string_in(object, "sentence"), string_in(object, "hint")};
  if (error.sentence.empty()) error.sentence = _("The engine reported an error without saying which.");
  return error;
}

std::string facts_of(JsonObject* object) {
  JsonObject* facts = object_in(object, "facts");
  return facts ? text_of(facts) : std::string();
}

}  // namespace

std::string losses_to_json(const Losses& losses) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_add(builder, "total", losses.total);
  json_add(builder, "content", losses.content);
  json_add(builder, "style", losses.style);
  json_add(builder, "tv", losses.variation);
  json_builder_set_member_name(builder, "taps");
  json_builder_begin_array(builder);
  for (const Losses::OfTap& tap : losses.taps) {
    json_builder_begin_object(builder);
    json_add(builder, "layer", tap.layer);
    json_add(builder, "weight", tap.weight);
    json_add(builder, "loss", tap.loss);
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
  json_builder_end_object(builder);
  return json_text(builder);
}

std::optional<Losses> losses_from_json(const std::string& text) {
  g_autoptr(JsonNode) root = json_from_string(text.c_str(), nullptr);
  if (!root || !JSON_NODE_HOLDS_OBJECT(root)) return {};
  return read_losses(json_node_get_object(root));
}

std::string event_to_json(const Event& event) {
  using Kind = Event::Kind;
  g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
  json_node_take_object(root, json_object_new());
  JsonObject* object = json_node_get_object(root);
  add(object, "event", kind_names.at(size_t(event.kind)));
  switch (event.kind) {
    case Kind::queued:
      json_object_set_int_member(object, "position", event.position);
      if (event.job > 0) json_object_set_int_member(object, "job", gint64(event.job));
      break;
    case Kind::loading:
    case Kind::note:
      add(object, "text", event.text);
      if (event.about_prompt) add(object, "about", "prompt");
      break;
    case Kind::progress:
      json_object_set_int_member(object, "step", event.step);
      json_object_set_int_member(object, "of", event.of);
      if (event.seconds_left >= 0) json_object_set_double_member(object, "seconds_left", event.seconds_left);
      break;
    case Kind::state:
      json_object_set_int_member(object, "step", event.step);
      json_object_set_int_member(object, "of", event.of);
      if (event.losses)
        json_object_set_member(object, "losses", json_from_string(losses_to_json(*event.losses).c_str(), nullptr));
      if (event.full) json_object_set_boolean_member(object, "full", true);
      add_size(object, event);
      break;
    case Kind::picture:
      add_made(object, event.made.value_or(Made{}));
      add_size(object, event);
      break;
    case Kind::result:
    case Kind::preview:
      add_size(object, event);
      add_facts(object, event.facts);
      break;
    case Kind::error:
      add_error(object, event.error.value_or(Error{}));
      break;
    case Kind::heartbeat:
    case Kind::unknown:
      break;
  }
  g_autofree char* text = json_to_string(root, false);
  return text;
}

Event event_from_json(const std::string& line) {
  using Kind = Event::Kind;
  Event event;
  g_autoptr(JsonParser) parser = json_parser_new();
  if (!json_parser_load_from_data(parser, line.data(), gssize(line.size()), nullptr)) return event;
  JsonNode* root = json_parser_get_root(parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT(root)) return event;
  JsonObject* object = json_node_get_object(root);
  const std::string name = string_in(object, "event");
  for (size_t i = 0; i < kind_names.size(); ++i)
    if (name == kind_names[i]) event.kind = Kind(i);
  event.position = whole_of(object, "position", 0);
  event.job = uint64_t(std::clamp(number_of(object, "job", 0), 0., 1e15));
  event.step = whole_of(object, "step", 0);
  event.of = whole_of(object, "of", 0);
  event.seconds_left = number_of(object, "seconds_left", -1);
  event.width = whole_of(object, "width", 0);
  event.height = whole_of(object, "height", 0);
  event.full = boolean_in(object, "full");
  if (JsonNode* losses = json_object_get_member(object, "losses"); losses && JSON_NODE_HOLDS_OBJECT(losses))
    event.losses = read_losses(json_node_get_object(losses));
  if (event.kind == Kind::picture) event.made = read_made(object);
  event.text = string_in(object, "text");
  event.about_prompt = string_in(object, "about") == "prompt";
  event.facts = facts_of(object);
  if (event.kind == Kind::error) event.error = error_of(object);
  return event;
}

}  // namespace pinxit
