// SPDX-License-Identifier: Apache-2.0
#include "dialogs/gallery/gallery_words.h"

#include <glib.h>

#include "engine/base/text.h"

namespace pinxit {

std::string run_summary(const GalleryEntry& entry) {
  const std::string state = run_state_title(entry.state);
  const int done = entry.iterations, wanted = entry.request.iterations;
  if (entry.state < RunState::in_progress) return state;
  const char* plural = dngettext(PINXIT_TEXT_DOMAIN, "%s, %d iteration", "%s, %d iterations", gulong(done));
  if (entry.state == RunState::completed) return format_text(plural, state.c_str(), done);
  return format_text(_("%s, %d of %d iterations"), state.c_str(), done, wanted);
}

std::string run_date(const std::string& iso) {
  g_autoptr(GDateTime) utc = g_date_time_new_from_iso8601(iso.c_str(), nullptr);
  g_autoptr(GDateTime) local = utc ? g_date_time_to_local(utc) : nullptr;
  g_autofree char* text = local ? g_date_time_format(local, _("%-d %B %Y, %H:%M")) : nullptr;
  return text ? text : iso;
}

std::string iteration_title(int iteration) {
  return iteration == 0 ? std::string(_("The start")) : format_text(_("Iteration %d"), iteration);
}

}  // namespace pinxit
