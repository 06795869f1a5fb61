// SPDX-License-Identifier: Apache-2.0
#include "engine/install/place.h"

#include <fcntl.h>
#include <json-glib/json-glib.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/install/disk.h"
#include "engine/install/installer.h"
#include "engine/requests/json_fields.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

constexpr int most_kept = 10000;  // folders of one id

/// False where `to` is there already.
bool move_to_new(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  const bool unknown = errno == EINVAL || errno == ENOSYS;  // this file system knows no flags
  if (unknown && !fs::exists(fs::symlink_status(to)) && rename(from.c_str(), to.c_str()) == 0) return true;
  if (errno == EEXIST || errno == ENOTEMPTY || (unknown && fs::exists(fs::symlink_status(to)))) return false;
  throw write_failure(from, errno);
}

}  // namespace

Origin origin_of(const std::string& folder) {
  g_autoptr(JsonParser) parser = json_parser_new();
  if (!json_parser_load_from_file(parser, (folder + "/model.json").c_str(), nullptr)) return {};
  JsonNode* root = json_parser_get_root(parser);
  JsonNode* installed = root && JSON_NODE_HOLDS_OBJECT(root) ? json_member(json_node_get_object(root), "installed")
                                                             : nullptr;
  if (!installed || !JSON_NODE_HOLDS_OBJECT(installed)) return {};
  Origin origin{true, {}};
  JsonNode* trust = json_member(json_node_get_object(installed), "trust");
  const char* name = trust && JSON_NODE_HOLDS_VALUE(trust) && json_node_get_value_type(trust) == G_TYPE_STRING
                         ? json_node_get_string(trust)
                         : "";
  for (const Trust one : {Trust::length, Trust::sha256_prefix, Trust::git_blob, Trust::sha256})
    if (trust_name(one) == name) origin.trust = one;
  return origin;
}

std::string kept_root(const std::string& store) {
  return store + "/.kept";
}

void keep_foreign_folder(const std::string& store, const std::string& id, ProgressBoard& board) {
  const std::string place = store + "/" + id, kept = kept_root(store);
  if (!fs::exists(fs::symlink_status(place)) || origin_of(place).made_here) return;
  make_folder(kept);
  for (int number = 1; number <= most_kept; ++number) {
    const std::string to = kept + "/" + id + "-" + std::to_string(number);
    if (!move_to_new(place, to)) continue;
    sync_folder(kept);
    board.say(InstallProgress::Phase::finishing, "",
              format_text(_("The folder %s was not made by Pinxit; what was in it is kept in %s."), place.c_str(),
                          to.c_str()));
    return board.tell();
  }
  throw write_failure(kept, EEXIST);
}

void put_model_in_place(Work& work, const std::string& store, const std::string& id, ProgressBoard& board) {
  keep_foreign_folder(store, id, board);
  put_in_place(work.ready(), store + "/" + id, work.old());
  work.finish();
}

}  // namespace pinxit
