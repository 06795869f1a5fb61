// SPDX-License-Identifier: Apache-2.0
#include "engine/client/runtime.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "engine/base/text.h"

namespace pinxit {
namespace {

std::string joined(const std::string& folder, const char* name) {
  return folder + "/" + name;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string folder_name() {
  if (const std::string own = environment("PINXIT_RUNTIME_DIR"); !own.empty()) return own;
  if (const std::string user = environment("XDG_RUNTIME_DIR"); !user.empty()) return joined(user, "pinxit");
  return "/tmp/pinxit-" + std::to_string(geteuid());
}

Error unsafe(const std::string& folder, const std::string& why) {
  return {ErrorCode::engine_missing, format_text(_("The folder %s cannot be used: %s"), folder.c_str(), why.c_str()),
          _("Remove it, or set PINXIT_RUNTIME_DIR to a folder that only you can open.")};
}

}  // namespace

Result<std::string> runtime_folder() {
  const std::string folder = folder_name();
  g_autofree char* parent = g_path_get_dirname(folder.c_str());
  if (!environment("PINXIT_RUNTIME_DIR").empty()) g_mkdir_with_parents(parent, 0700);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return unsafe(folder, g_strerror(errno));
  struct stat facts = {};
  if (lstat(folder.c_str(), &facts) != 0) return unsafe(folder, g_strerror(errno));
  if (!S_ISDIR(facts.st_mode)) return unsafe(folder, _("it is not a folder."));
  if (facts.st_uid != geteuid()) return unsafe(folder, _("it belongs to somebody else."));
  if ((facts.st_mode & 0077) != 0) return unsafe(folder, _("others may open it."));
  if (socket_in(folder).size() >= 108) return unsafe(folder, _("its path is too long for a socket."));
  return folder;
}

std::string socket_in(const std::string& folder) {
  return joined(folder, "engine.socket");
}
std::string engine_lock_of(const std::string& socket) {
  return socket + ".lock";
}
std::string start_lock_of(const std::string& socket) {
  return socket + ".start";
}

std::string engine_log_file() {
  if (const std::string own = environment("PINXIT_RUNTIME_DIR"); !own.empty()) return joined(own, "engine.log");
  g_autofree char* file = g_build_filename(g_get_user_state_dir(), "pinxit", "engine.log", nullptr);
  return file;
}

bool somebody_listens(const std::string& socket) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, socket.c_str(), socket.size());
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

int Descriptor::release() {
  const int fd = fd_;
  fd_ = -1;
  return fd;
}

Descriptor lock_file(const std::string& file, double seconds, bool (*give_up)(void*), void* data) {
  Descriptor descriptor(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!descriptor) return {};
  const gint64 deadline = g_get_monotonic_time() + gint64(seconds * G_USEC_PER_SEC);
  while (flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0) {
    if (g_get_monotonic_time() >= deadline || (give_up && give_up(data))) return {};
    g_usleep(10'000);
  }
  return descriptor;
}

}  // namespace pinxit
