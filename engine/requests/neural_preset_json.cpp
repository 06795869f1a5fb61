// SPDX-License-Identifier: Apache-2.0
//
// A preset as JSON: one walk over its fields (`walk`) that writes with a Writer and reads with a Reader.
#include <json-glib/json-glib.h>

#include <array>
#include <cmath>
#include <set>

#include "engine/base/text.h"
#include "engine/requests/declaration.h"
#include "engine/requests/json_building.h"
#include "engine/requests/neural_presets.h"

namespace pinxit {
namespace {

constexpr int format_number = 1;
constexpr const char* format_name = "pinxit-preset";

struct Range {
  double minimum, maximum;
};
constexpr Range weights{0, 1e12};

using Names = std::vector<std::string>;

// ---- the fields

template <class V>
void walk(V& v, FeatureTap& tap) {
  v.layer("layer", tap.layer);
  v.number("weight", tap.weight, weights);
}

template <class V>
void walk(V& v, StyleTerm& term) {
  v.choice("kind", term.kind, {"gram", "wasserstein", "moments"});
  v.choice("divisor", term.divisor, {"one", "positions", "elements"});
  v.choice("distance", term.distance, {"mean", "sum", "picture"});
  v.list("taps", term.taps);
}

template <class V>
void walk(V& v, FeatureUse& use) {
  v.choice("pooling", use.pooling, {"maximum", "average", "l2"});
  v.number("pooling-scale", use.pooling_scale, {0.01, 100});
  v.toggle("replicate-first", use.replicate_first);
  v.toggle("after-relu", use.after_relu);
}

template <class V>
void walk(V& v, ContentTerm& term) {
  v.layer("layer", term.layer);
  v.number("weight", term.weight, weights);
  v.toggle("mean", term.mean);
}

template <class V>
void walk(V& v, VariationTerm& term) {
  v.choice("kind", term.kind, {"absolute", "power", "uneven", "nine-point"});
  v.number("weight", term.weight, weights);
  v.number("scale", term.scale, {1e-6, 1e6});
}

template <class V>
void walk(V& v, SearchSchedule& schedule) {
  v.choice("optimizer", schedule.optimizer, {"lbfgs", "adam"});
  v.whole("steps", schedule.steps, {1, 10000});
  v.toggle("count-evaluations", schedule.count_evaluations);
  v.toggle("restart", schedule.restart);
  v.number("learning-rate", schedule.learning_rate, {1e-6, 10});
  v.number("beta1", schedule.beta1, {0, 0.99999});
  v.number("beta2", schedule.beta2, {0, 0.99999});
  v.whole("history", schedule.history, {1, 1000});
  v.number("average", schedule.average, {0, 0.99999});
  v.choice("clamp", schedule.clamp, {"never", "after-step", "in-evaluation"});
  v.whole("coarsest", schedule.coarsest, {0, 100000});
  v.number("growth", schedule.growth, {1.1, 16});
  v.number("first-share", schedule.first_share, {0, 1});
}

template <class V>
void walk(V& v, StartNoise& noise) {
  v.numbers("base", noise.base, {0, 1});
  v.number("content-share", noise.content_share, {0, 1});
  v.number("amplitude", noise.amplitude, {0, 10});
  v.toggle("normal", noise.normal);
}

template <class V>
void walk(V& v, NeuralPreset& preset) {
  v.text("id", preset.id);
  v.text("title", preset.title);
  v.text("description", preset.description);
  v.object("features", preset.features);
  v.object("content", preset.content);
  v.list("style", preset.style);
  v.object("variation", preset.variation);
  v.object("schedule", preset.schedule);
  v.object("noise", preset.noise);
  v.toggle("stretch-style", preset.stretch_style);
  v.whole("border", preset.border, {0, 256});
  v.number("feature-gain", preset.feature_gain, {1, 1000});
  v.word("start", preset.start, {"content", "style", "noise"});
}

// ---- writing

class Writer {
 public:
  explicit Writer(JsonBuilder* builder) : builder_(builder) {}
  void text(const char* name, const std::string& text) { json_add(builder_, name, text); }
  void word(const char* name, const std::string& text, const Names&) { json_add(builder_, name, text); }
  void layer(const char* name, const std::string& layer) { json_add(builder_, name, layer); }
  void number(const char* name, double number, Range) { json_add(builder_, name, number); }
  void whole(const char* name, int number, Range) { json_add(builder_, name, number); }
  void toggle(const char* name, bool on) {
    json_builder_set_member_name(builder_, name);
    json_builder_add_boolean_value(builder_, on);
  }
  template <class E>
  void choice(const char* name, E value, const Names& names) {
    json_add(builder_, name, names.at(size_t(value)));
  }
  void numbers(const char* name, const std::array<double, 3>& numbers, Range) {
    json_builder_set_member_name(builder_, name);
    json_builder_begin_array(builder_);
    for (const double number : numbers) json_builder_add_double_value(builder_, number);
    json_builder_end_array(builder_);
  }
  template <class T>
  void object(const char* name, T& value) {
    json_builder_set_member_name(builder_, name);
    json_builder_begin_object(builder_);
    walk(*this, value);
    json_builder_end_object(builder_);
  }
  template <class T>
  void list(const char* name, std::vector<T>& values) {
    json_builder_set_member_name(builder_, name);
    json_builder_begin_array(builder_);
    for (T& value : values) {
      json_builder_begin_object(builder_);
      walk(*this, value);
      json_builder_end_object(builder_);
    }
    json_builder_end_array(builder_);
  }

 private:
  JsonBuilder* builder_;
};

// ---- reading

Failure wrong(const std::string& sentence) {
  return Failure(ErrorCode::bad_argument, format_text(_("This is not a usable preset: %s"), sentence.c_str()),
                 _("Export a preset to see all fields and their kinds."));
}

bool is_layer(const std::string& name) {
  constexpr std::array<int, 5> convolutions = {2, 2, 4, 4, 4};
  if (name.size() != 7 || !name.starts_with("conv") || name[5] != '_') return false;
  const int block = name[4] - '0', convolution = name[6] - '0';
  return block >= 1 && block <= 5 && convolution >= 1 && convolution <= convolutions.at(size_t(block - 1));
}

std::string plain(double number) {
  std::array<char, G_ASCII_DTOSTR_BUF_SIZE> buffer;
  return g_ascii_formatd(buffer.data(), int(buffer.size()), "%.6g", number);
}

/// Fields that the object lacks stay as they are; any that nobody asked for is refused by `finish`.
class Reader {
 public:
  Reader(JsonObject* object, std::string path) : object_(object), path_(std::move(path)) {}

  void text(const char* name, std::string& text) {
    if (JsonNode* node = member(name)) text = string_of(name, node);
  }
  void word(const char* name, std::string& text, const Names& names) {
    size_t index = 0;
    if (pick(name, index, names)) text = names[index];
  }
  void layer(const char* name, std::string& layer) {
    text(name, layer);
    if (!is_layer(layer)) throw wrong(format_text(_("%s must be a layer such as conv4_1."), full(name).c_str()));
  }
  void number(const char* name, double& number, Range range) {
    if (JsonNode* node = member(name)) number = number_of(name, node, range);
  }
  void whole(const char* name, int& number, Range range) {
    JsonNode* node = member(name);
    if (!node) return;
    const double read = number_of(name, node, range);
    if (read != std::floor(read)) throw wrong(format_text(_("%s must be a whole number."), full(name).c_str()));
    number = int(read);
  }
  void toggle(const char* name, bool& on) {
    JsonNode* node = member(name);
    if (!node) return;
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_BOOLEAN)
      throw wrong(format_text(_("%s must be true or false."), full(name).c_str()));
    on = json_node_get_boolean(node);
  }
  template <class E>
  void choice(const char* name, E& value, const Names& names) {
    size_t index = 0;
    if (pick(name, index, names)) value = E(index);
  }
  void numbers(const char* name, std::array<double, 3>& numbers, Range range) {
    JsonNode* node = member(name);
    if (!node) return;
    JsonArray* array = array_of(name, node);
    if (json_array_get_length(array) != numbers.size())
      throw wrong(format_text(_("%s must have three numbers."), full(name).c_str()));
    for (guint i = 0; i < numbers.size(); ++i)
      numbers.at(i) = number_of(name, json_array_get_element(array, i), range);
  }
  template <class T>
  void object(const char* name, T& value) {
    if (JsonNode* node = member(name)) read(name, node, value);
  }
  template <class T>
  void list(const char* name, std::vector<T>& values) {
    JsonNode* node = member(name);
    if (node) {
      JsonArray* array = array_of(name, node);
      values.assign(json_array_get_length(array), T());
      for (guint i = 0; i < values.size(); ++i) read(name, json_array_get_element(array, i), values[i]);
    }
    if (values.empty()) throw wrong(format_text(_("%s must not be empty."), full(name).c_str()));
  }

  void finish() const {
    JsonObjectIter iter;
    const char* name = nullptr;
    JsonNode* node = nullptr;
    json_object_iter_init(&iter, object_);
    while (json_object_iter_next(&iter, &name, &node))
      if (!asked_.contains(name)) throw wrong(format_text(_("there is no field %s."), full(name).c_str()));
  }

  JsonNode* member(const char* name) {
    asked_.insert(name);
    return json_object_get_member(object_, name);
  }

 private:
  std::string full(const char* name) const { return path_ + name; }

  template <class T>
  void read(const char* name, JsonNode* node, T& value) {
    if (!JSON_NODE_HOLDS_OBJECT(node)) throw wrong(format_text(_("%s must hold named fields."), full(name).c_str()));
    Reader reader(json_node_get_object(node), full(name) + ".");
    walk(reader, value);
    reader.finish();
  }
  std::string string_of(const char* name, JsonNode* node) const {
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
      throw wrong(format_text(_("%s must be a text."), full(name).c_str()));
    return json_node_get_string(node);
  }
  double number_of(const char* name, JsonNode* node, Range range) const {
    const GType type = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_INVALID;
    const bool is_number = type == G_TYPE_INT64 || type == G_TYPE_DOUBLE;
    const double number = is_number ? json_node_get_double(node) : NAN;
    if (number >= range.minimum && number <= range.maximum) return number;
    throw wrong(format_text(_("%s must be a number between %s and %s."), full(name).c_str(),
                            plain(range.minimum).c_str(), plain(range.maximum).c_str()));
  }
  JsonArray* array_of(const char* name, JsonNode* node) const {
    if (!JSON_NODE_HOLDS_ARRAY(node)) throw wrong(format_text(_("%s must be a list."), full(name).c_str()));
    return json_node_get_array(node);
  }
  bool pick(const char* name, size_t& index, const Names& names) {
    JsonNode* node = member(name);
    if (!node) return false;
    const std::string text = string_of(name, node);
    for (index = 0; index < names.size(); ++index)
      if (text == names[index]) return true;
    throw wrong(format_text(_("%s must be %s."), full(name).c_str(), choice_list(names).c_str()));
  }

  JsonObject* object_;
  std::string path_;  ///< "style.", of the fields' names in errors
  std::set<std::string> asked_;
};

NeuralPreset built_in(const std::string& id) {
  Names ids;
  for (const NeuralPreset& preset : neural_presets()) {
    if (preset.id == id) return preset;
    ids.push_back(preset.id);
  }
  throw Failure(ErrorCode::bad_argument, format_text(_("There is no preset \"%s\"."), id.c_str()),
                format_text(_("The presets are %s."), choice_list(ids).c_str()));
}

NeuralPreset read_preset(const std::string& text) {
  g_autoptr(GError) problem = nullptr;
  g_autoptr(JsonNode) root = json_from_string(text.c_str(), &problem);
  if (!root || !JSON_NODE_HOLDS_OBJECT(root)) throw wrong(problem ? problem->message : _("it is no JSON object."));
  Reader reader(json_node_get_object(root), "");
  int format = format_number;
  reader.whole(format_name, format, {1, format_number});
  std::string base = neural_presets().front().id;
  reader.text("based-on", base);
  NeuralPreset preset = built_in(base);
  walk(reader, preset);
  reader.finish();
  return preset;
}

}  // namespace

Result<NeuralPreset> neural_preset(const std::string& id_or_json) {
  return guarded([&] { return id_or_json.starts_with("{") ? read_preset(id_or_json) : built_in(id_or_json); });
}

std::string neural_preset_to_json(const NeuralPreset& preset) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  json_add(builder, format_name, format_number);
  NeuralPreset fields = preset;
  Writer writer(builder);
  walk(writer, fields);
  json_builder_end_object(builder);
  return json_text(builder, true);
}

}  // namespace pinxit
