// SPDX-License-Identifier: Apache-2.0
#include "dialogs/painting/preset_store.h"

#include <gio/gio.h>
#include <glib.h>
#include <glib/gstdio.h>

#include <algorithm>
#include <cerrno>

#include "engine/base/text.h"
#include "engine/requests/json.h"

namespace pinxit {
namespace {

constexpr const char* ending = ".json";

std::string users_folder(const std::string& operation) {
  const char* own = g_getenv("PINXIT_CONFIG_DIR");
  g_autofree char* config = own && *own ? g_strdup(own) : g_build_filename(g_get_user_config_dir(), "pinxit", nullptr);
  g_autofree char* folder = g_build_filename(config, "presets", operation.c_str(), nullptr);
  return folder;
}

bool fits_file_name(unsigned char c, bool first) {
  return c >= 0x20 && c != 0x7f && c != '/' && c != '\\' && c != '%' && !(first && c == '.');
}

std::string to_file_name(const std::string& name) {
  std::string text;
  for (size_t i = 0; i < name.size(); i++) {
    const auto c = static_cast<unsigned char>(name[i]);
    text += fits_file_name(c, i == 0) ? std::string(1, name[i]) : format_text("%%%02X", unsigned(c));
  }
  return text + ending;
}

std::string from_file_name(std::string_view file) {
  file.remove_suffix(std::string_view(ending).size());
  std::string name;
  for (size_t i = 0; i < file.size(); i++) {
    const bool code = file[i] == '%' && i + 2 < file.size() && g_ascii_isxdigit(file[i + 1]) &&
                      g_ascii_isxdigit(file[i + 2]);
    if (!code) {
      name += file[i];
      continue;
    }
    name += char(16 * g_ascii_xdigit_value(file[i + 1]) + g_ascii_xdigit_value(file[i + 2]));
    i += 2;
  }
  return name;
}

std::string trimmed(const std::string& name) {
  g_autofree char* text = g_strdup(name.c_str());
  return g_strstrip(text);
}

bool in_reading_order(const std::string& a, const std::string& b) {
  g_autofree char* key_a = g_utf8_collate_key_for_filename(a.c_str(), -1);
  g_autofree char* key_b = g_utf8_collate_key_for_filename(b.c_str(), -1);
  return std::string_view(key_a) < std::string_view(key_b);
}

std::string operation_of(const AnyRequest& request) {
  return std::visit([](const auto& one) { return std::string(one.operation); }, request);
}

}  // namespace

PresetStore::PresetStore(std::string operation, std::string folder)
    : operation_(std::move(operation)), folder_(folder.empty() ? users_folder(operation_) : std::move(folder)) {}

std::string PresetStore::file(const std::string& name) const { return folder_ + "/" + to_file_name(name); }

std::vector<std::string> PresetStore::names() const {
  std::vector<std::string> names;
  g_autoptr(GDir) folder = g_dir_open(folder_.c_str(), 0, nullptr);
  if (!folder) return names;
  while (const char* entry = g_dir_read_name(folder)) {
    if (entry[0] == '.' || !g_str_has_suffix(entry, ending)) continue;
    auto name = from_file_name(entry);
    if (g_utf8_validate(name.c_str(), -1, nullptr)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end(), in_reading_order);
  return names;
}

Result<AnyRequest> PresetStore::load(const std::string& name) const {
  g_autofree char* text = nullptr;
  g_autoptr(GError) problem = nullptr;
  if (!g_file_get_contents(file(name).c_str(), &text, nullptr, &problem))
    return Error{ErrorCode::file_unreadable, format_text(_("The preset “%s” cannot be read."), name.c_str()),
                 problem->message};
  auto request = request_from_json(text);
  if (!request)
    return Error{request.error().code,
                 format_text(_("The preset “%s” is not usable: %s"), name.c_str(), request.error().sentence.c_str()),
                 _("Save it again, or delete it.")};
  if (operation_of(*request) != operation_)
    return Error{ErrorCode::bad_argument,
                 format_text(_("The preset “%s” is one of “%s”."), name.c_str(), operation_of(*request).c_str()),
                 _("Save it again, or delete it.")};
  return request;
}

Status PresetStore::save(const std::string& given, const AnyRequest& request) const {
  const std::string name = trimmed(given);
  if (name.empty()) return Error{ErrorCode::bad_argument, _("A preset needs a name."), {}};
  if (name.size() > 100) return Error{ErrorCode::bad_argument, _("The name of the preset is too long."), {}};

  AnyRequest written = request;
  if (auto before = load(name))
    std::visit([](auto& now, const auto& then) { now.unknown.insert(then.unknown.begin(), then.unknown.end()); },
               written, *before);

  const std::string place = file(name), sentence = format_text(_("The preset “%s” cannot be saved."), name.c_str());
  if (g_mkdir_with_parents(folder_.c_str(), 0700) != 0)
    return Error{ErrorCode::file_unwritable, sentence, format_text("%s: %s", folder_.c_str(), g_strerror(errno))};
  const std::string text = to_json(written) + "\n";
  g_autoptr(GError) problem = nullptr;
  if (!g_file_set_contents_full(place.c_str(), text.data(), gssize(text.size()), G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                &problem))
    return Error{ErrorCode::file_unwritable, sentence, problem->message};
  return Nothing{};
}

Status PresetStore::remove(const std::string& name) const {
  if (g_unlink(file(name).c_str()) != 0 && errno != ENOENT)
    return Error{ErrorCode::file_unwritable, format_text(_("The preset “%s” cannot be deleted."), name.c_str()),
                 g_strerror(errno)};
  return Nothing{};
}

}  // namespace pinxit
