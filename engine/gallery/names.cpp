// SPDX-License-Identifier: Apache-2.0
#include "engine/gallery/names.h"

#include <glib.h>

#include <algorithm>
#include <array>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/gallery/gallery.h"

namespace pinxit {
namespace {

constexpr glong longest_name = 200;

std::string composed(const char* text) {
  g_autofree char* normal = g_utf8_normalize(text, -1, G_NORMALIZE_DEFAULT_COMPOSE);
  return normal ? normal : "";
}

}  // namespace

std::string text_key(const std::string& text) {
  g_autofree char* valid = g_utf8_make_valid(text.c_str(), gssize(text.size()));
  g_autofree char* folded = g_utf8_casefold(composed(valid).c_str(), -1);
  return composed(folded);
}

std::string checked_name(const std::string& name) {
  if (!g_utf8_validate(name.c_str(), gssize(name.size()), nullptr))
    throw Failure(ErrorCode::bad_argument, _("This name is not text in UTF-8."));
  g_autofree char* stripped = g_strstrip(g_strdup(name.c_str()));
  if (!*stripped) throw Failure(ErrorCode::bad_argument, _("A run needs a name."));
  if (g_utf8_strlen(stripped, -1) > longest_name)
    throw Failure(ErrorCode::bad_argument, format_text(_("A name has at most %d letters."), int(longest_name)));
  return composed(stripped);
}

std::string time_now() {
  g_autoptr(GDateTime) now = g_date_time_new_now_utc();
  g_autofree char* text = g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
  return text;
}

const char* run_state_name(RunState state) {
  static constexpr std::array names = {"new", "ready", "in-progress", "completed", "failed", "stopped"};
  return names[size_t(state)];
}

std::string run_state_title(RunState state) {
  static constexpr std::array titles = {N_("New"),       N_("Ready"),  N_("In progress"),
                                        N_("Completed"), N_("Failed"), N_("Stopped")};
  return _(titles[size_t(state)]);
}

}  // namespace pinxit
