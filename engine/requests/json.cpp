// SPDX-License-Identifier: Apache-2.0
//
// One walk over `R::arguments()` for each direction; a new request needs only its own three one-line functions below.
#include "engine/requests/json.h"

#include <json-glib/json-glib.h>

#include <charconv>
#include <cmath>

#include "engine/base/text.h"
#include "engine/requests/neural_presets.h"

namespace pinxit {

namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

Error bad(std::string sentence, std::string hint = {}) {
  return Error{ErrorCode::bad_argument, std::move(sentence), std::move(hint)};
}

Failure wrong_kind(const char* name, const char* wanted) {
  return Failure(bad(format_text(_("%s must be %s."), name, wanted)));
}

/// Whole numbers without a fraction ("strength":100), others with all their digits.
void add_number(JsonBuilder* builder, double number) {
  if (number == std::floor(number) && std::fabs(number) < 1e15)
    json_builder_add_int_value(builder, gint64(number));
  else
    json_builder_add_double_value(builder, number);
}

std::string number_text(double number) {
  char buffer[32];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, number);
  return {buffer, written.ptr};
}

/// The JSON field of an argument: a list of styles is "styles", everything else has the argument's name.
template <class R>
std::string field_name(const Argument<R>& argument) {
  const bool list = std::holds_alternative<typename Argument<R>::Styles>(argument.value);
  return list ? std::string(argument.name) + "s" : argument.name;
}

// ---- writing

template <class R>
void write_argument(JsonBuilder* builder, const R& request, const Argument<R>& argument) {
  using A = Argument<R>;
  json_builder_set_member_name(builder, field_name(argument).c_str());
  std::visit(
      Overloaded{
          [&](const typename A::Styles& a) {
            json_builder_begin_array(builder);
            for (const WeightedStyle& style : request.*a.member) {
              json_builder_begin_object(builder);
              json_builder_set_member_name(builder, "style");
              json_builder_add_string_value(builder, style.style.c_str());
              json_builder_set_member_name(builder, "weight");
              add_number(builder, style.weight);
              json_builder_end_object(builder);
            }
            json_builder_end_array(builder);
          },
          [&](const typename A::Number& a) { add_number(builder, request.*a.member); },
          [&](const typename A::Integer& a) { json_builder_add_int_value(builder, request.*a.member); },
          [&](const typename A::Toggle& a) { json_builder_add_boolean_value(builder, request.*a.member); },
          [&](const typename A::Choice& a) { json_builder_add_string_value(builder, (request.*a.member).c_str()); },
          [&](const typename A::Text& a) { json_builder_add_string_value(builder, (request.*a.member).c_str()); },
          [&](const typename A::Texts& a) {
            json_builder_begin_array(builder);
            for (const std::string& text : request.*a.member) json_builder_add_string_value(builder, text.c_str());
            json_builder_end_array(builder);
          },
      },
      argument.value);
}

template <class R>
std::string write_request(const R& request) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_builder_set_member_name(builder, "operation");
  json_builder_add_string_value(builder, R::operation);
  json_builder_set_member_name(builder, "version");
  json_builder_add_int_value(builder, R::version);
  for (const auto& argument : R::arguments()) write_argument(builder, request, argument);
  for (const auto& [name, text] : request.unknown) {
    g_autoptr(JsonNode) node = json_from_string(text.c_str(), nullptr);
    if (!node) continue;
    json_builder_set_member_name(builder, name.c_str());
    json_builder_add_value(builder, g_steal_pointer(&node));
  }
  json_builder_end_object(builder);
  g_autoptr(JsonNode) root = json_builder_get_root(builder);
  g_autofree char* text = json_to_string(root, false);
  return text;
}

// ---- reading; these throw Failure

bool is_number(JsonNode* node) {
  if (!JSON_NODE_HOLDS_VALUE(node)) return false;
  const GType type = json_node_get_value_type(node);
  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE;
}

std::string read_string(JsonNode* node, const char* name) {
  if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
    throw wrong_kind(name, _("a text"));
  return json_node_get_string(node);
}

std::vector<std::string> read_strings(JsonNode* node, const char* name) {
  if (!JSON_NODE_HOLDS_ARRAY(node)) throw wrong_kind(name, _("a list of texts"));
  std::vector<std::string> texts;
  JsonArray* array = json_node_get_array(node);
  for (guint i = 0; i < json_array_get_length(array); ++i)
    texts.push_back(read_string(json_array_get_element(array, i), name));
  return texts;
}

std::vector<WeightedStyle> read_styles(JsonNode* node, const char* name) {
  if (!JSON_NODE_HOLDS_ARRAY(node)) throw wrong_kind(name, _("a list of styles"));
  std::vector<WeightedStyle> styles;
  JsonArray* array = json_node_get_array(node);
  for (guint i = 0; i < json_array_get_length(array); ++i) {
    JsonNode* element = json_array_get_element(array, i);
    if (!JSON_NODE_HOLDS_OBJECT(element)) throw wrong_kind(name, _("a list of styles"));
    JsonObject* object = json_node_get_object(element);
    JsonNode* style = json_object_get_member(object, "style");
    JsonNode* weight = json_object_get_member(object, "weight");
    if (!style) throw wrong_kind(name, _("a list of styles"));
    if (weight && !is_number(weight)) throw wrong_kind("weight", _("a number"));
    styles.push_back({read_string(style, "style"), weight ? json_node_get_double(weight) : 1});
  }
  return styles;
}

template <class R>
void read_argument(JsonNode* node, R& request, const Argument<R>& argument) {
  using A = Argument<R>;
  const char* name = argument.name;
  std::visit(Overloaded{
                 [&](const typename A::Styles& a) { request.*a.member = read_styles(node, name); },
                 [&](const typename A::Number& a) {
                   if (!is_number(node)) throw wrong_kind(name, _("a number"));
                   request.*a.member = json_node_get_double(node);
                 },
                 [&](const typename A::Integer& a) {
                   const double number = is_number(node) ? json_node_get_double(node) : 0.5;
                   if (number != std::floor(number)) throw wrong_kind(name, _("a whole number"));
                   if (number < a.minimum || number > a.maximum)
                     throw Failure(bad(format_text(_("%s must be between %d and %d."), name, a.minimum, a.maximum)));
                   request.*a.member = int(number);
                 },
                 [&](const typename A::Toggle& a) {
                   if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_BOOLEAN)
                     throw wrong_kind(name, _("true or false"));
                   request.*a.member = json_node_get_boolean(node);
                 },
                 [&](const typename A::Choice& a) { request.*a.member = read_string(node, name); },
                 [&](const typename A::Text& a) { request.*a.member = read_string(node, name); },
                 [&](const typename A::Texts& a) { request.*a.member = read_strings(node, name); },
             },
             argument.value);
}

/// Other names for a value become its own.
void settle(FastStyleRequest&) {}

void settle(NeuralStyleRequest& request) {
  if (request.start == "blank" || request.start == "random") request.start = "noise";
}

void settle(GenerateRequest&) {}

template <class R>
void check_operation(JsonNode* node) {
  if (read_string(node, "operation") != R::operation)
    throw Failure(bad(format_text(_("operation must be %s."), R::operation)));
}

template <class R>
void read_member(R& request, const std::string& name, JsonNode* node) {
  if (name == "operation") return;
  if (name == "version") {
    if (!is_number(node)) throw wrong_kind("version", _("a number"));
    return;
  }
  for (const auto& argument : R::arguments())
    if (field_name(argument) == name) return read_argument(node, request, argument);
  g_autofree char* text = json_to_string(node, false);
  request.unknown[name] = text;
}

template <class R>
Result<R> read_request(const std::string& text) {
  const Error not_an_object{ErrorCode::protocol, _("This is not a request in JSON."), {}};
  g_autoptr(JsonParser) parser = json_parser_new();
  if (!json_parser_load_from_data(parser, text.data(), gssize(text.size()), nullptr)) return not_an_object;
  JsonNode* root = json_parser_get_root(parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT(root)) return not_an_object;
  JsonObject* object = json_node_get_object(root);
  if (!json_object_has_member(object, "operation")) return not_an_object;
  R request;
  try {
    check_operation<R>(json_object_get_member(object, "operation"));
    JsonObjectIter iter;
    const char* name = nullptr;
    JsonNode* node = nullptr;
    json_object_iter_init(&iter, object);
    while (json_object_iter_next(&iter, &name, &node)) read_member(request, name, node);
  } catch (const Failure& failure) {
    return failure.error;
  }
  settle(request);
  if (const Status valid = validate(request); !valid) return valid.error();
  return request;
}

// ---- checking

const char* style_hint(const FastStyleRequest&) {
  return _("Give an id of the catalogue or the path of a weights file.");
}

const char* style_hint(const NeuralStyleRequest&) {
  return _("Give one or several pictures to take the style from.");
}

const char* style_hint(const GenerateRequest&) {
  return "";
}

template <class R>
Status check_argument(const R& request, const Argument<R>& argument) {
  using A = Argument<R>;
  const char* name = argument.name;
  return std::visit(Overloaded{
                        [&](const typename A::Styles& a) -> Status {
                          if ((request.*a.member).empty())
                            return bad(format_text(_("%s must name at least one style."), name),
                                       style_hint(request));
                          for (const WeightedStyle& style : request.*a.member) {
                            if (style.style.empty()) return bad(format_text(_("%s must not be empty."), name));
                            if (!(style.weight > 0 && style.weight < 1e6))
                              return bad(format_text(_("%s must have weights above 0 and below 1000000."), name),
                                         _("Leave out styles that should not show."));
                          }
                          return Nothing{};
                        },
                        [&](const typename A::Number& a) -> Status {
                          const double value = request.*a.member;
                          if (value >= a.minimum && value <= a.maximum) return Nothing{};
                          return bad(format_text(_("%s must be between %s and %s."), name,
                                                 number_text(a.minimum).c_str(), number_text(a.maximum).c_str()));
                        },
                        [&](const typename A::Integer& a) -> Status {
                          const int value = request.*a.member;
                          if (value >= a.minimum && value <= a.maximum) return Nothing{};
                          return bad(format_text(_("%s must be between %d and %d."), name, a.minimum, a.maximum));
                        },
                        [&](const typename A::Toggle&) -> Status { return Nothing{}; },
                        [&](const typename A::Text&) -> Status { return Nothing{}; },
                        [&](const typename A::Texts&) -> Status { return Nothing{}; },
                        [&](const typename A::Choice& a) -> Status {
                          const std::string& value = request.*a.member;
                          if (choice_allows(a.values, value)) return Nothing{};
                          return bad(format_text(_("%s must be %s, not \"%s\"."), name, choice_list(a.values).c_str(),
                                                 value.c_str()));
                        },
                    },
                    argument.value);
}

template <class R>
Status check_request(const R& request) {
  for (const auto& argument : R::arguments())
    if (Status status = check_argument(request, argument); !status) return status;
  return Nothing{};
}

// ---- one argument from text

template <class T>
bool parse(const std::string& text, T& value) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

bool parse_toggle(const std::string& text, bool& value) {
  for (const char* yes : {"true", "yes", "on", "1"})
    if (text == yes) return value = true;
  for (const char* no : {"false", "no", "off", "0"})
    if (text == no) return !(value = false);
  return false;
}

template <class R>
void set_text(R& request, const Argument<R>& argument, const std::string& text) {
  using A = Argument<R>;
  const char* name = argument.name;
  std::visit(Overloaded{
                 [&](const typename A::Styles& a) { request.*a.member = styles_from_text(text).take(); },
                 [&](const typename A::Number& a) {
                   if (!parse(text, request.*a.member)) throw wrong_kind(name, _("a number"));
                 },
                 [&](const typename A::Integer& a) {
                   if (!parse(text, request.*a.member)) throw wrong_kind(name, _("a whole number"));
                 },
                 [&](const typename A::Toggle& a) {
                   if (!parse_toggle(text, request.*a.member)) throw wrong_kind(name, _("true or false"));
                 },
                 [&](const typename A::Choice& a) { request.*a.member = text; },
                 [&](const typename A::Text& a) { request.*a.member = text; },
                 [&](const typename A::Texts& a) { request.*a.member = texts_from_text(text); },
             },
             argument.value);
}

template <class R>
Status set_request_argument(R& request, const std::string& name, const std::string& text) {
  std::string names;
  for (const auto& argument : R::arguments()) {
    if (name == argument.name) {
      R changed = request;
      try {
        set_text(changed, argument, text);
        settle(changed);
      } catch (const Failure& failure) {
        return failure.error;
      }
      if (Status status = check_argument(changed, argument); !status) return status;
      request = std::move(changed);
      return Nothing{};
    }
    names += (names.empty() ? "" : ", ") + std::string(argument.name);
  }
  return bad(format_text(_("There is no argument \"%s\"."), name.c_str()),
             format_text(_("The arguments are: %s."), names.c_str()));
}

}  // namespace

std::string to_json(const FastStyleRequest& request) {
  return write_request(request);
}

std::string to_json(const NeuralStyleRequest& request) {
  return write_request(request);
}

std::string to_json(const GenerateRequest& request) {
  return write_request(request);
}

std::string to_json(const AnyRequest& request) {
  return std::visit([](const auto& one) { return to_json(one); }, request);
}

Result<FastStyleRequest> fast_style_from_json(const std::string& text) {
  return read_request<FastStyleRequest>(text);
}

Result<NeuralStyleRequest> neural_style_from_json(const std::string& text) {
  return read_request<NeuralStyleRequest>(text);
}

Result<GenerateRequest> generate_from_json(const std::string& text) {
  return read_request<GenerateRequest>(text);
}

Result<AnyRequest> request_from_json(const std::string& text) {
  g_autoptr(JsonNode) root = json_from_string(text.c_str(), nullptr);
  JsonNode* node = root && JSON_NODE_HOLDS_OBJECT(root)
                       ? json_object_get_member(json_node_get_object(root), "operation")
                       : nullptr;
  const bool named = node && JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == G_TYPE_STRING;
  const std::string operation = named ? json_node_get_string(node) : FastStyleRequest::operation;
  return guarded([&]() -> AnyRequest {
    if (operation == FastStyleRequest::operation) return fast_style_from_json(text).take();
    if (operation == NeuralStyleRequest::operation) return neural_style_from_json(text).take();
    if (operation == GenerateRequest::operation) return generate_from_json(text).take();
    throw Failure(bad(format_text(_("operation must not be \"%s\"."), operation.c_str()),
                      format_text(_("The operations are: %s."), "fast-style, neural-style, generate")));
  });
}

Status validate(const FastStyleRequest& request) {
  if (Status status = check_request(request); !status) return status;
  if (request.exact && request.precision == "bf16")
    return bad(_("precision must not be bf16 together with exact."), _("The network as published computes in fp32."));
  return Nothing{};
}

Status validate(const NeuralStyleRequest& request) {
  if (Status status = check_request(request); !status) return status;
  if (request.size > 0 && request.size < NeuralStyleRequest::smallest_size)
    return bad(format_text(_("size must be 0 or between %d and %d."), NeuralStyleRequest::smallest_size,
                           NeuralStyleRequest::largest_size),
               _("0 paints as large as the layer is."));
  if (const auto preset = neural_preset(request.preset); !preset) return preset.error();
  return Nothing{};
}

Status validate(const GenerateRequest& request) {
  if (Status status = check_request(request); !status) return status;
  if (request.model.empty())
    return bad(format_text(_("%s must not be empty."), "model"), _("Give auto, an id of the catalogue or a file."));
  if (!request.prompt.empty() && !request.captions.empty())
    return bad(_("A prompt and a file of captions cannot go together."), _("Give one of them."));
  for (const auto& [name, text] :
       {std::pair{"prompt", &request.prompt}, std::pair{"vary-prompt", &request.vary_prompt}})
    if (text->size() > size_t(GenerateRequest::longest_prompt))
      return bad(format_text(_("%s must have at most %d bytes."), name, GenerateRequest::longest_prompt),
                 _("Models read only some 20 to 80 words."));
  return Nothing{};
}

Status set_argument(FastStyleRequest& request, const std::string& name, const std::string& text) {
  return set_request_argument(request, name, text);
}

Status set_argument(NeuralStyleRequest& request, const std::string& name, const std::string& text) {
  return set_request_argument(request, name, text);
}

Status set_argument(GenerateRequest& request, const std::string& name, const std::string& text) {
  return set_request_argument(request, name, text);
}

}  // namespace pinxit
