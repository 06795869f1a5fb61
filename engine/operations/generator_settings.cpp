// SPDX-License-Identifier: Apache-2.0
#include <json-glib/json-glib.h>

#include <algorithm>
#include <set>

#include "engine/base/text.h"
#include "engine/importers/vocabulary.h"
#include "engine/operations/generator_files.h"

namespace pinxit {
namespace {

using Said = std::map<std::string, std::string>;

void flatten(JsonNode* node, const std::string& name, Said& into) {
  if (JSON_NODE_HOLDS_OBJECT(node)) {
    JsonObjectIter iter;
    const char* member = nullptr;
    JsonNode* value = nullptr;
    json_object_iter_init(&iter, json_node_get_object(node));
    while (json_object_iter_next(&iter, &member, &value))
      flatten(value, name + (name.empty() ? "" : ".") + member, into);
  } else if (JSON_NODE_HOLDS_VALUE(node)) {
    const bool text = json_node_get_value_type(node) == G_TYPE_STRING;
    g_autofree char* written = text ? g_strdup(json_node_get_string(node)) : json_to_string(node, false);
    into[name] = written;
  }
}

Said read_json(const std::string& path) {
  g_autoptr(JsonParser) parser = json_parser_new();
  g_autoptr(GError) problem = nullptr;
  if (!json_parser_load_from_file(parser, path.c_str(), &problem) || !json_parser_get_root(parser))
    throw Failure(ErrorCode::model_damaged, format_text(_("The settings “%s” cannot be read."), path.c_str()),
                  problem ? problem->message : "");
  Said settings;
  flatten(json_parser_get_root(parser), {}, settings);
  return settings;
}

/// How many different numbers follow `stem` in the names of the tensors.
int64_t counted(const Checkpoint& weights, const std::string& stem) {
  std::set<std::string> numbers;
  for (const StoredTensor& tensor : weights.tensors)
    if (tensor.name.starts_with(stem))
      numbers.insert(tensor.name.substr(stem.size(), tensor.name.find('.', stem.size()) - stem.size()));
  return int64_t(numbers.size());
}

int64_t width_before_the_picture(const Checkpoint& weights) {
  for (const StoredTensor& tensor : weights.tensors)
    if (tensor.name.starts_with("img_net") && tensor.name.ends_with(".img.0.weight") && tensor.shape.size() == 4)
      return tensor.shape[1];
  return 0;
}

}  // namespace

Said generator_settings(const std::string& path) {
  if (path.empty()) return {};
  return path.ends_with(".json") ? read_json(path) : read_settings(path).take();
}

void check_attngan_settings(const Said& settings, const Checkpoint& weights) {
  const std::pair<const char*, int64_t> facts[] = {{"GAN.GF_DIM", width_before_the_picture(weights)},
                                                   {"GAN.R_NUM", counted(weights, "h_net2.residual.")},
                                                   {"TREE.BRANCH_NUM", counted(weights, "h_net")}};
  for (const auto& [name, number] : facts) {
    const auto said = settings.find(name);
    // Of one branch there are no residual blocks that could be counted.
    if (said == settings.end() || number == 0 || said->second == std::to_string(number)) continue;
    throw Failure(ErrorCode::model_damaged,
                  format_text(_("The model's settings say %s is %s, and its weights are made for %d."), name,
                              said->second.c_str(), int(number)),
                  _("Use the settings that belong to these weights."));
  }
}

}  // namespace pinxit
