// SPDX-License-Identifier: Apache-2.0
//
// pinxit styles: what the catalogue holds. No engine is needed.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/client/cli/commands.h"
#include "engine/client/cli/options.h"
#include "engine/client/cli/report.h"
#include "engine/requests/fast_style.h"
#include "engine/requests/json_building.h"
#include "engine/store/catalogue.h"

namespace pinxit {
namespace {

void add_files(JsonBuilder* builder, const ModelEntry& entry) {
  json_builder_set_member_name(builder, "files");
  json_builder_begin_array(builder);
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

void print_json(const std::vector<ModelEntry>& entries) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_array(builder);
  for (const ModelEntry& entry : entries) {
    json_builder_begin_object(builder);
    json_add(builder, "id", entry.id);
    json_add(builder, "title", entry.title);
    json_add(builder, "kind", entry.kind);
    json_add(builder, "operation", entry.operation);
    json_add(builder, "description", entry.description);
    json_add(builder, "licence", entry.licence);
    json_add(builder, "licence_url", entry.licence_url);
    json_add(builder, "source", entry.source);
    json_add(builder, "thumbnail", entry.thumbnail);
    add_files(builder, entry);
    json_builder_end_object(builder);
  }
  json_builder_end_array(builder);
  std::puts(json_text(builder, true).c_str());
}

void print_table(const std::vector<ModelEntry>& entries) {
  size_t width = 0;
  for (const ModelEntry& entry : entries) width = std::max(width, entry.id.size());
  for (const ModelEntry& entry : entries)
    print(stdout, entry.id + std::string(width - entry.id.size() + 2, ' ') + entry.title + "\n");
  if (!entries.empty()) return;
  print(stderr, std::string(_("No style was found. Searched:")) + "\n");
  for (const std::string& folder : model_search_path()) print(stderr, "  " + folder + "\n");
}

}  // namespace

int styles_command(int count, char** words) {
  gboolean json = FALSE;
  Options options(nullptr);
  options.add({"json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print a JSON array"), nullptr});
  options.parse(count, words);
  if (!options.words().empty())
    throw Failure(ErrorCode::bad_argument, format_text(_("“%s” is not needed here."), options.words()[0].c_str()));
  const Catalogue catalogue = Catalogue::read();
  for (const Error& problem : catalogue.problems()) print_error(problem);
  std::vector<ModelEntry> entries;
  std::copy_if(catalogue.entries().begin(), catalogue.entries().end(), std::back_inserter(entries),
               [](const ModelEntry& entry) { return entry.operation == FastStyleRequest::operation; });
  if (json)
    print_json(entries);
  else
    print_table(entries);
  return 0;
}

}  // namespace pinxit
