// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/neural_facts.h"

#include <torch/version.h>

#include "engine/requests/json_building.h"

namespace pinxit {
namespace {

/// Members of the object that is open.
void add_losses(JsonBuilder* json, const Losses& losses) {
  json_add(json, "total", losses.total);
  json_add(json, "content", losses.content);
  json_begin_array(json, "style");
  for (const auto& tap : losses.taps) {
    json_builder_begin_object(json);
    json_add(json, "layer", tap.layer);
    json_add(json, "loss", tap.loss);
    json_add(json, "weight", tap.weight);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
  json_add(json, "tv", losses.variation);
}

void add_encoder(JsonBuilder* json, const NeuralFacts& facts) {
  json_begin_object(json, "encoder");
  json_add(json, "id", facts.encoder_id);
  json_add(json, "title", facts.encoder_title);
  json_add(json, "sha256", facts.encoder_sha256);
  json_builder_end_object(json);
}

}  // namespace

std::string NeuralFacts::to_json() const {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_add(json, "engine", PINXIT_VERSION);
  json_add(json, "libtorch", TORCH_VERSION);
  json_add(json, "device", device);
  json_add(json, "precision", precision);
  add_encoder(json, *this);
  json_add(json, "preset", preset);
  json_add(json, "content_layer", content_layer);
  json_add(json, "iterations", iterations);
  json_builder_set_member_name(json, "finished_early");
  json_builder_add_boolean_value(json, finished_early);
  json_begin_object(json, "optimised");
  json_add(json, "width", width);
  json_add(json, "height", height);
  json_builder_end_object(json);
  json_add(json, "levels", levels);
  json_add(json, "tiles", tiles);
  json_add(json, "seconds", seconds);
  json_begin_object(json, "losses");
  add_losses(json, losses);
  json_builder_end_object(json);
  json_builder_end_object(json);
  return json_text(json);
}

std::string evaluation_to_json(const NeuralFacts& facts) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  add_losses(json, facts.losses);
  json_add(json, "content_layer", facts.content_layer);
  json_add(json, "preset", facts.preset);
  add_encoder(json, facts);
  json_add(json, "device", facts.device);
  json_add(json, "precision", facts.precision);
  json_builder_end_object(json);
  return json_text(json);
}

}  // namespace pinxit
