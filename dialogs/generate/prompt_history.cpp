// SPDX-License-Identifier: Apache-2.0
#include "dialogs/generate/prompt_history.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

#include <algorithm>
#include <cerrno>

#include "engine/base/text.h"
#include "engine/gallery/run_lock.h"
#include "engine/requests/json_building.h"

namespace pinxit {
namespace {

constexpr double patience_s = 5;

std::string users_folder() {
  const char* own = g_getenv("PINXIT_DATA_DIR_USER");
  if (own && *own) return own;
  g_autofree char* folder = g_build_filename(g_get_user_data_dir(), "pinxit", nullptr);
  return folder;
}

std::string trimmed(const std::string& text) {
  g_autofree char* copy = g_strdup(text.c_str());
  return g_strstrip(copy);
}

/// Empty for what is no text.
std::string text_of(JsonObject* object, const char* name) {
  JsonNode* node = json_object_get_member(object, name);
  const char* text = node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : nullptr;
  return text ? text : "";
}

/// What is no answer is yes.
bool keep_of(JsonObject* object) {
  JsonNode* node = json_object_get_member(object, "keep");
  return !node || !JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_BOOLEAN ||
         json_node_get_boolean(node);
}

Error unwritable(const std::string& file, const char* reason) {
  return {ErrorCode::file_unwritable, _("The history of prompts cannot be changed."),
          format_text("%s: %s", file.c_str(), reason)};
}

std::string written(const std::vector<KeptPrompt>& prompts) {
  g_autoptr(JsonBuilder) json = json_builder_new();
  json_builder_begin_object(json);
  json_add(json, "pinxit", 1);
  json_builder_set_member_name(json, "prompts");
  json_builder_begin_array(json);
  for (const KeptPrompt& one : prompts) {
    json_builder_begin_object(json);
    json_add(json, "prompt", one.prompt);
    if (!one.vary_prompt.empty()) json_add(json, "vary-prompt", one.vary_prompt);
    if (!one.keep) {
      json_builder_set_member_name(json, "keep");
      json_builder_add_boolean_value(json, false);
    }
    json_builder_end_object(json);
  }
  json_builder_end_array(json);
  json_builder_end_object(json);
  return json_text(json, true) + "\n";
}

/// Taken by whoever changes the file. Its own file stays: others may wait for this very one.
RunLock locked(const std::string& folder) {
  if (g_mkdir_with_parents(folder.c_str(), 0700) != 0) throw Failure(unwritable(folder, g_strerror(errno)));
  auto lock = RunLock::wait(folder + "/prompts.lock", patience_s);
  if (!lock) throw Failure(unwritable(folder, _("another program is at it")));
  lock->keep_file();
  return std::move(*lock);
}

}  // namespace

PromptHistory::PromptHistory(std::string folder)
    : folder_(folder.empty() ? users_folder() : std::move(folder)), file_(folder_ + "/prompts.json") {}

std::vector<KeptPrompt> PromptHistory::prompts() const {
  std::vector<KeptPrompt> prompts;
  g_autofree char* text = nullptr;
  if (!g_file_get_contents(file_.c_str(), &text, nullptr, nullptr)) return prompts;
  g_autoptr(JsonNode) root = json_from_string(text, nullptr);
  if (!root || !JSON_NODE_HOLDS_OBJECT(root)) return prompts;
  JsonNode* list = json_object_get_member(json_node_get_object(root), "prompts");
  if (!list || !JSON_NODE_HOLDS_ARRAY(list)) return prompts;
  JsonArray* array = json_node_get_array(list);
  for (guint i = 0; i < json_array_get_length(array) && prompts.size() < most; i++) {
    JsonNode* node = json_array_get_element(array, i);
    if (!JSON_NODE_HOLDS_OBJECT(node)) continue;
    JsonObject* object = json_node_get_object(node);
    KeptPrompt one{text_of(object, "prompt"), text_of(object, "vary-prompt"), keep_of(object)};
    if (!trimmed(one.prompt).empty()) prompts.push_back(std::move(one));
  }
  return prompts;
}

std::optional<KeptPrompt> PromptHistory::newest() const {
  auto all = prompts();
  if (all.empty()) return {};
  return std::move(all.front());
}

Status PromptHistory::add(const KeptPrompt& prompt) const {
  return guarded([&]() -> Nothing {
    const KeptPrompt added{trimmed(prompt.prompt), trimmed(prompt.vary_prompt), prompt.keep};
    if (added.prompt.empty()) return {};
    const RunLock lock = locked(folder_);
    auto all = prompts();
    std::erase(all, added);
    all.insert(all.begin(), added);
    if (all.size() > most) all.resize(most);
    write(all);
    return {};
  });
}

Status PromptHistory::set_keep(const KeptPrompt& prompt) const {
  return guarded([&]() -> Nothing {
    const KeptPrompt same{trimmed(prompt.prompt), trimmed(prompt.vary_prompt), prompt.keep};
    const RunLock lock = locked(folder_);
    auto all = prompts();
    const auto there = std::ranges::find(all, same);
    if (there == all.end() || there->keep == same.keep) return {};
    there->keep = same.keep;
    write(all);
    return {};
  });
}

/// Beside the old file, and renamed over it.
void PromptHistory::write(const std::vector<KeptPrompt>& prompts) const {
  const std::string text = written(prompts);
  g_autoptr(GError) problem = nullptr;
  if (!g_file_set_contents_full(file_.c_str(), text.data(), gssize(text.size()), G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                &problem))
    throw Failure(unwritable(file_, problem->message));
}

Status PromptHistory::clear() const {
  return guarded([&]() -> Nothing {
    const RunLock lock = locked(folder_);
    if (g_unlink(file_.c_str()) != 0 && errno != ENOENT) throw Failure(unwritable(file_, g_strerror(errno)));
    return {};
  });
}

}  // namespace pinxit
