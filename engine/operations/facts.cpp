// SPDX-License-Identifier: Apache-2.0
#include "engine/operations/facts.h"

#include <torch/version.h>

#include "engine/requests/json_building.h"

namespace pinxit {
std::string FastStyleFacts::to_json() const {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_add(json, "engine", PINXIT_VERSION);
  json_add(json, "libtorch", TORCH_VERSION);
  json_add(json, "device", device);
  json_add(json, "tiles", tiles);
  json_add(json, "inference_seconds", inference_seconds);
  json_begin_array(json, "styles");
  for (const Style& style : styles) {
    json_builder_begin_object(json);
    json_add(json, "id", style.id);
    json_add(json, "title", style.title);
    json_add(json, "kind", style.kind);
    json_add(json, "sha256", style.sha256);
    json_add(json, "precision", style.precision);
    json_add(json, "convolutions", style.convolutions);
    json_add(json, "share", style.share);
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
  if (scaled.width > 0) {
    json_begin_object(json, "scaled");
    json_add(json, "width", scaled.width);
    json_add(json, "height", scaled.height);
    json_builder_end_object(json);
  }
  json_builder_end_object(json);
  return json_text(json);
}

}  // namespace pinxit
