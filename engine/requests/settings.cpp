// SPDX-License-Identifier: Apache-2.0
#include "engine/requests/settings.h"

#include <glib/gstdio.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>

#include "engine/base/text.h"
#include "engine/requests/declaration.h"

namespace pinxit {
namespace {

constexpr const char* engine_group = "engine";
constexpr const char* models_group = "models";
constexpr const char* generate_group = "generate";
constexpr int most_threads = 1024;
constexpr int most_memory_mib = 1 << 24;
constexpr double most_idle_minutes = 60 * 24 * 366;

const std::vector<std::string>& devices() {
  static const std::vector<std::string> list = {"auto", "cpu", "cuda", "cuda:N"};
  return list;
}

Failure unusable(const char* key, const std::string& wanted) {
  return Failure(ErrorCode::bad_argument, format_text(_("The setting %s must be %s."), key, wanted.c_str()),
                 format_text(_("Change it in Filters ▸ Neural ▸ Settings… or in %s."), Settings::file().c_str()));
}

bool has(GKeyFile* file, const char* group, const char* key) {
  return g_key_file_has_key(file, group, key, nullptr);
}

std::string text_of(GKeyFile* file, const char* group, const char* key) {
  g_autofree char* text = g_key_file_get_string(file, group, key, nullptr);
  if (!text) throw unusable(key, _("a text"));
  return text;
}

double number_of(GKeyFile* file, const char* key, double most, bool whole) {
  g_autoptr(GError) problem = nullptr;
  const double number = g_key_file_get_double(file, engine_group, key, &problem);
  const bool fits = !problem && number >= 0 && number <= most && (!whole || number == std::floor(number));
  if (!fits)
    throw unusable(key, format_text(whole ? _("a whole number from 0 to %.0f") : _("a number from 0 to %.0f"), most));
  return number;
}

bool toggle_of(GKeyFile* file, const char* group, const char* key) {
  g_autoptr(GError) problem = nullptr;
  const bool on = g_key_file_get_boolean(file, group, key, &problem);
  if (problem) throw unusable(key, _("true or false"));
  return on;
}

void check_device(const std::string& device) {
  if (!choice_allows(devices(), device)) throw unusable("device", choice_list(devices()));
}

/// An empty key file when there is none yet.
GKeyFile* open_file() {
  g_autoptr(GKeyFile) file = g_key_file_new();
  g_autoptr(GError) problem = nullptr;
  const auto flags = GKeyFileFlags(G_KEY_FILE_KEEP_COMMENTS | G_KEY_FILE_KEEP_TRANSLATIONS);
  const std::string path = Settings::file();
  if (!g_key_file_load_from_file(file, path.c_str(), flags, &problem) &&
      !g_error_matches(problem, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    throw Failure(ErrorCode::bad_argument, format_text(_("The settings in %s cannot be read."), path.c_str()),
                  problem->message);
  return g_steal_pointer(&file);
}

Settings read() {
  g_autoptr(GKeyFile) file = open_file();
  Settings settings;
  if (has(file, engine_group, "device")) settings.device = text_of(file, engine_group, "device");
  check_device(settings.device);
  if (has(file, engine_group, "threads")) settings.threads = int(number_of(file, "threads", most_threads, true));
  if (has(file, engine_group, "memory-limit-mib"))
    settings.memory_limit_mib = int(number_of(file, "memory-limit-mib", most_memory_mib, true));
  if (has(file, engine_group, "idle-minutes"))
    settings.idle_minutes = number_of(file, "idle-minutes", most_idle_minutes, false);
  if (has(file, models_group, "folder")) settings.model_folder = text_of(file, models_group, "folder");
  if (has(file, generate_group, "keep-prompts"))
    settings.keep_prompts = toggle_of(file, generate_group, "keep-prompts");
  return settings;
}

void check(const Settings& settings) {
  check_device(settings.device);
  if (settings.threads < 0 || settings.threads > most_threads)
    throw unusable("threads", format_text(_("a whole number from 0 to %.0f"), double(most_threads)));
  if (settings.memory_limit_mib < 0 || settings.memory_limit_mib > most_memory_mib)
    throw unusable("memory-limit-mib", format_text(_("a whole number from 0 to %.0f"), double(most_memory_mib)));
  if (!(settings.idle_minutes >= 0 && settings.idle_minutes <= most_idle_minutes))
    throw unusable("idle-minutes", format_text(_("a number from 0 to %.0f"), most_idle_minutes));
}

Nothing write(const Settings& settings) {
  check(settings);
  g_autoptr(GKeyFile) file = open_file();
  g_key_file_set_string(file, engine_group, "device", settings.device.c_str());
  g_key_file_set_integer(file, engine_group, "threads", settings.threads);
  g_key_file_set_integer(file, engine_group, "memory-limit-mib", settings.memory_limit_mib);
  g_key_file_set_double(file, engine_group, "idle-minutes", settings.idle_minutes);
  g_key_file_set_string(file, models_group, "folder", settings.model_folder.c_str());
  g_key_file_set_boolean(file, generate_group, "keep-prompts", settings.keep_prompts);
  gsize size = 0;
  g_autofree char* data = g_key_file_to_data(file, &size, nullptr);
  const std::string path = Settings::file();
  g_autofree char* folder = g_path_get_dirname(path.c_str());
  g_autoptr(GError) problem = nullptr;
  if (g_mkdir_with_parents(folder, 0700) != 0)
    throw Failure(ErrorCode::file_unwritable, format_text(_("The folder %s cannot be made."), folder),
                  g_strerror(errno));
  // Written beside the old file and renamed over it, so that a reader sees the old or the new settings, never half.
  if (!g_file_set_contents_full(path.c_str(), data, gssize(size), G_FILE_SET_CONTENTS_CONSISTENT, 0600, &problem))
    throw Failure(ErrorCode::file_unwritable, format_text(_("The settings in %s cannot be saved."), path.c_str()),
                  problem->message);
  return {};
}

}  // namespace

std::string Settings::file() {
  const char* own = std::getenv("PINXIT_CONFIG_DIR");
  g_autofree char* path = own && *own ? g_build_filename(own, "settings.ini", nullptr)
                                      : g_build_filename(g_get_user_config_dir(), "pinxit", "settings.ini", nullptr);
  return path;
}

Result<Settings> Settings::load() {
  return guarded([] { return read(); });
}

Status Settings::save() const {
  return guarded([this] { return write(*this); });
}

}  // namespace pinxit
