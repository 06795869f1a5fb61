// SPDX-License-Identifier: Apache-2.0
#include "engine/store/catalogue_json.h"

#include "engine/requests/json_building.h"

namespace pinxit {
namespace {

void add_files(JsonBuilder* builder, const ModelEntry& entry) {
  json_begin_array(builder, "files");
  for (const ModelFile& file : entry.files) {
    json_builder_begin_object(builder);
    json_add(builder, "role", file.role);
    json_add(builder, "path", file.path);
    json_add(builder, "bytes", file.bytes);
    json_add(builder, "sha256", file.sha256);
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
}

}  // namespace

void json_add_models(JsonBuilder* builder, const Catalogue& catalogue, const std::string& operation) {
  json_builder_begin_array(builder);
  for (const ModelEntry& entry : catalogue.entries()) {
    if (entry.operation != operation) continue;
    const ModelFile* weights = entry.file("weights");
    json_builder_begin_object(builder);
    json_add(builder, "id", entry.id);
    json_add(builder, "title", entry.title);
    json_add(builder, "kind", entry.kind);
    json_add(builder, "operation", entry.operation);
    json_add(builder, "description", entry.description);
    json_add(builder, "licence", entry.licence);
    json_add(builder, "licence_url", entry.licence_url);
    json_add(builder, "source", entry.source);
    json_add(builder, "sha256", weights ? weights->sha256 : std::string());
    json_add(builder, "thumbnail", entry.thumbnail);
    add_files(builder, entry);
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
}

}  // namespace pinxit
