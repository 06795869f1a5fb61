// SPDX-License-Identifier: Apache-2.0
#include "engine/store/catalogue.h"

#include <glib.h>
#include <glib/gstdio.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "engine/base/text.h"
#include "engine/requests/json_fields.h"
#include "engine/requests/settings.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

constexpr const char* entry_name = "model.json";
constexpr int newest_version = 1;
constexpr int deepest_level = 3;
constexpr goffset entry_limit = 1 << 20;  // bytes

/// What is wrong with an entry; the reader adds the entry's file name.
[[noreturn]] void wrong(const std::string& what) {
  throw std::invalid_argument(what);
}

/// The absolute path of a file named in an entry, which may not leave the entry's folder.
std::string path_inside(const fs::path& folder, const std::string& name) {
  const fs::path relative = name;
  const bool climbs = std::find(relative.begin(), relative.end(), "..") != relative.end();
  std::error_code missing;
  const fs::path real = fs::canonical(folder / relative, missing), home = fs::canonical(folder);
  const bool leaves = !missing && std::mismatch(home.begin(), home.end(), real.begin(), real.end()).first != home.end();
  if (relative.is_absolute() || climbs || leaves)
    wrong(format_text(_("the file “%s” is outside its folder"), name.c_str()));
  return (folder / relative).lexically_normal().string();
}

ModelFile read_file(JsonNode* node, const fs::path& folder) {
  if (!JSON_NODE_HOLDS_OBJECT(node)) wrong(_("“files” does not list files"));
  JsonObject* object = json_node_get_object(node);
  ModelFile file;
  file.role = json_needed_text(object, "role");
  file.path = path_inside(folder, json_needed_text(object, "path"));
  file.bytes = json_whole_number_of(object, "bytes");
  file.sha256 = json_sum_of(object, "sha256", 64, 64);
  return file;
}

void read_licence(ModelEntry& entry, JsonObject* object) {
  JsonNode* node = json_member(object, "licence");
  if (node && JSON_NODE_HOLDS_OBJECT(node)) {
    entry.licence = json_text_of(json_node_get_object(node), "id");
    entry.licence_url = json_text_of(json_node_get_object(node), "url");
  } else {
    entry.licence = json_text_of(object, "licence");
  }
}

JsonParser* parse(const fs::path& path) {
  GStatBuf facts;
  if (g_stat(path.c_str(), &facts) == 0 && facts.st_size > entry_limit) wrong(_("it is too large"));
  g_autoptr(GError) problem = nullptr;
  g_autofree char* text = nullptr;
  gsize size = 0;
  g_autoptr(JsonParser) parser = json_parser_new();
  if (!g_file_get_contents(path.c_str(), &text, &size, &problem) ||
      !json_parser_load_from_data(parser, text, gssize(size), &problem))
    wrong(problem->message);
  return g_steal_pointer(&parser);
}

ModelEntry read_entry(const fs::path& path) {
  g_autoptr(JsonParser) parser = parse(path);
  JsonNode* root = json_parser_get_root(parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT(root)) wrong(_("it is not a JSON object"));
  JsonObject* object = json_node_get_object(root);
  const int64_t version = json_whole_number_of(object, "pinxit");
  if (version < 1) wrong(_("“pinxit”, the version of the entry, is missing"));
  if (version > newest_version) wrong(_("it is made for a newer Pinxit"));

  ModelEntry entry;
  entry.folder = path.parent_path().string();
  entry.id = json_needed_text(object, "id");
  if (!is_model_id(entry.id))
    wrong(format_text(_("the id “%s” has other letters than a–z, 0–9, - . and _"), entry.id.c_str()));
  entry.kind = json_needed_text(object, "kind");
  entry.operation = json_needed_text(object, "operation");
  entry.title = json_text_of(object, "title");
  if (entry.title.empty()) entry.title = entry.id;
  entry.description = json_text_of(object, "description");
  entry.source = json_text_of(object, "source");
  read_licence(entry, object);
  if (const std::string picture = json_text_of(object, "thumbnail"); !picture.empty()) {
    entry.thumbnail = path_inside(entry.folder, picture);
    if (!fs::is_regular_file(entry.thumbnail)) entry.thumbnail.clear();
  }
  JsonNode* files = json_member(object, "files");
  if (!files || !JSON_NODE_HOLDS_ARRAY(files) || json_array_get_length(json_node_get_array(files)) == 0)
    wrong(_("“files” does not list files"));
  JsonArray* list = json_node_get_array(files);
  for (guint i = 0; i < json_array_get_length(list); ++i)
    entry.files.push_back(read_file(json_array_get_element(list, i), entry.folder));
  return entry;
}

/// Adds the entries below `folder` in the order of their names.
void find_entries(const fs::path& folder, int level, std::vector<fs::path>& found) {
  std::error_code problem;
  if (fs::is_regular_file(folder / entry_name, problem)) found.push_back(folder / entry_name);
  if (level == deepest_level) return;
  std::vector<fs::path> inside;
  for (fs::directory_iterator at(folder, problem), end; !problem && at != end; at.increment(problem)) {
    std::error_code ignored;
    if (at->is_directory(ignored) && at->path().filename().string().front() != '.') inside.push_back(at->path());
  }
  std::sort(inside.begin(), inside.end());
  for (const fs::path& next : inside) find_entries(next, level + 1, found);
}

}  // namespace

bool is_model_id(const std::string& id) {
  const auto allowed = [](char c) {
    return g_ascii_islower(c) || g_ascii_isdigit(c) || c == '-' || c == '.' || c == '_';
  };
  return !id.empty() && id.size() <= 100 && g_ascii_isalnum(id.front()) && std::all_of(id.begin(), id.end(), allowed);
}

const ModelFile* ModelEntry::file(const std::string& role) const {
  const auto found = std::find_if(files.begin(), files.end(), [&](const ModelFile& file) { return file.role == role; });
  return found == files.end() ? nullptr : &*found;
}

const ModelEntry* Catalogue::find(const std::string& id) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [&](const ModelEntry& entry) { return entry.id == id; });
  return found == entries_.end() ? nullptr : &*found;
}

Catalogue Catalogue::read(const std::vector<std::string>& extra) {
  std::vector<std::string> folders = extra;
  for (std::string& folder : model_search_path()) folders.push_back(std::move(folder));

  Catalogue catalogue;
  if (const auto settings = Settings::load(); !settings) catalogue.problems_.push_back(settings.error());
  std::set<std::string> seen;  // a folder may be reached twice, through the path or through links
  for (const std::string& folder : folders) {
    std::vector<fs::path> found;
    find_entries(folder, 0, found);
    for (const fs::path& path : found) {
      std::error_code problem;
      if (!seen.insert(fs::canonical(path, problem).string()).second) continue;
      auto entry = guarded([&] { return read_entry(path); });
      std::string reason;
      if (!entry)
        reason = entry.error().sentence;
      else if (const ModelEntry* first = catalogue.find(entry->id))
        reason = format_text(_("“%s” is the id of another model, in %s"), entry->id.c_str(), first->folder.c_str());
      if (reason.empty())
        catalogue.entries_.push_back(std::move(*entry));
      else
        catalogue.problems_.push_back(
            {ErrorCode::model_damaged,
             format_text(_("The model entry %s is left out: %s."), path.c_str(), reason.c_str()),
             _("Correct that file, or take its folder away.")});
    }
  }
  return catalogue;
}

std::vector<std::string> model_search_path() {
  std::vector<std::string> folders;
  const auto add = [&](const std::string& folder) {
    if (!folder.empty() && std::find(folders.begin(), folders.end(), folder) == folders.end())
      folders.push_back(folder);
  };
  if (const char* path = std::getenv("PINXIT_MODEL_PATH")) {
    g_auto(GStrv) parts = g_strsplit(path, ":", -1);
    for (char** part = parts; *part; ++part) add(*part);
  }
  if (const auto settings = Settings::load()) add(settings->model_folder);
  const char* own = std::getenv("PINXIT_DATA_DIR_USER");
  add(own && *own ? fs::path(own) / "models" : fs::path(g_get_user_data_dir()) / "pinxit" / "models");
  add(fs::path(PINXIT_DATA_DIR) / "models");
  return folders;
}

}  // namespace pinxit
