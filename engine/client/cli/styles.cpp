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
#include "engine/store/catalogue_json.h"

namespace pinxit {
namespace {

void print_json(const Catalogue& catalogue) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_add_models(builder, catalogue, FastStyleRequest::operation);
  std::puts(json_text(builder, true).c_str());
}

void print_table(const Catalogue& catalogue) {
  std::vector<ModelEntry> entries;
  std::copy_if(catalogue.entries().begin(), catalogue.entries().end(), std::back_inserter(entries),
               [](const ModelEntry& entry) { return entry.operation == FastStyleRequest::operation; });
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
  if (json)
    print_json(catalogue);
  else
    print_table(catalogue);
  return 0;
}

}  // namespace pinxit
