// SPDX-License-Identifier: Apache-2.0
#include "engine/service/log.h"

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/client/runtime.h"

namespace pinxit {
namespace {

constexpr off_t largest_log = 256 * 1024;
int log_descriptor = STDERR_FILENO;

}  // namespace

void open_log(const std::string& file, bool foreground) {
  if (foreground) return;
  g_autofree char* folder = g_path_get_dirname(file.c_str());
  g_mkdir_with_parents(folder, 0700);
  struct stat facts = {};
  if (stat(file.c_str(), &facts) == 0 && facts.st_size > largest_log) g_rename(file.c_str(), (file + ".1").c_str());
  const Descriptor log(open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (log) dup2(log.get(), log_descriptor);
}

void log_line(const std::string& text) {
  g_autoptr(GDateTime) now = g_date_time_new_now_local();
  g_autofree char* time = g_date_time_format(now, "%F %T");
  const std::string line = std::string(time) + " [" + std::to_string(getpid()) + "] " + text + "\n";
  if (write(log_descriptor, line.data(), line.size()) < 0) return;
}

}  // namespace pinxit
