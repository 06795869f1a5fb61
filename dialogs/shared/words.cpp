// SPDX-License-Identifier: Apache-2.0
#include "dialogs/shared/words.h"

#include <glib.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"

namespace pinxit {

std::string time_left(double seconds) {
  const int whole = int(std::ceil(std::max(0.0, seconds)));
  if (whole < 100) return format_text(_("%d s"), whole);
  if (whole < 100 * 60) return format_text(_("%d min"), (whole + 59) / 60);
  return format_text(_("%d h"), (whole + 3599) / 3600);
}

std::string disk_size(int64_t bytes) {
  g_autofree char* text = g_format_size(guint64(bytes < 0 ? 0 : bytes));
  return text;
}

}  // namespace pinxit
