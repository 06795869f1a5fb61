// SPDX-License-Identifier: Apache-2.0
#include "engine/service/picture_memory.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "engine/base/text.h"
#include "engine/client/runtime.h"

namespace pinxit {
namespace {

Error unusable(const char* why) {
  return {ErrorCode::protocol, format_text(_("The picture's shared memory cannot be used (%s)."), why), {}};
}

}  // namespace

Result<std::shared_ptr<PictureMemory>> PictureMemory::shared(const PictureLine& line, pid_t peer, bool writable) {
  if (g_strcmp0(std::getenv("PINXIT_SHARED_MEMORY"), "off") == 0) return unusable("off");
  const std::string path = "/proc/" + std::to_string(peer) + "/fd/" + std::to_string(line.descriptor);
  const Descriptor memory(open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!memory) return unusable("open");
  struct stat facts = {};
  if (fstat(memory.get(), &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_uid != geteuid()) return unusable("kind");
  const int seals = fcntl(memory.get(), F_GET_SEALS);
  if (seals < 0 || (seals & F_SEAL_SHRINK) == 0) return unusable("seals");
  if (facts.st_size < 0 || size_t(facts.st_size) < line.bytes()) return unusable("size");
  const int access = writable ? PROT_READ | PROT_WRITE : PROT_READ;
  void* data = mmap(nullptr, line.bytes(), access, MAP_SHARED, memory.get(), 0);
  if (data == MAP_FAILED) return unusable("map");
  return std::shared_ptr<PictureMemory>(new PictureMemory(line, data));
}

Result<std::shared_ptr<PictureMemory>> PictureMemory::own(const PictureLine& line) {
  void* data = mmap(nullptr, line.bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data == MAP_FAILED)
    return Error{ErrorCode::out_of_memory, _("There is not enough memory for the picture."),
                 _("Close other pictures or programs, or work on a smaller picture.")};
  return std::shared_ptr<PictureMemory>(new PictureMemory(line, data));
}

PictureMemory::~PictureMemory() {
  munmap(data_, bytes_);
}

}  // namespace pinxit
