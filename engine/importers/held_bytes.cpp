// SPDX-License-Identifier: Apache-2.0
#include "engine/importers/held_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace pinxit {

namespace {

Failure unreadable(const std::string& path, const char* reason) {
  return {ErrorCode::file_unreadable, format_text(_("The file “%s” cannot be read: %s."), path.c_str(), reason),
          _("Check the file's name and that you may read it.")};
}

struct Mapping {
  void* data = nullptr;
  size_t size = 0;
  ~Mapping() {
    if (data) ::munmap(data, size);
  }
};

}  // namespace

HeldBytes map_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) throw unreadable(path, std::strerror(errno));
  struct stat facts {};
  const bool regular = ::fstat(file, &facts) == 0 && S_ISREG(facts.st_mode);
  auto mapping = std::make_shared<Mapping>();
  const size_t size = regular ? size_t(facts.st_size) : 0;
  void* data = size ? ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0) : nullptr;
  const int problem = errno;
  ::close(file);
  if (!regular) throw unreadable(path, _("it is not a file"));
  if (data == MAP_FAILED) throw unreadable(path, std::strerror(problem));
  mapping->data = data;
  mapping->size = size;
  return {{static_cast<const std::byte*>(data), size}, mapping};
}

HeldBytes hold(std::vector<std::byte> bytes) {
  auto kept = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  return {*kept, kept};
}

int64_t checked_count(std::string_view name, const std::vector<int64_t>& shape, NumberType type) {
  const std::string printed = fit_for_print(name);
  if (shape.size() > dimension_limit) unsound(_("“%s” has too many dimensions"), printed.c_str());
  if (std::any_of(shape.begin(), shape.end(), [](int64_t length) { return length < 0; }))
    unsound(_("“%s” has a negative size"), printed.c_str());
  const auto bytes = tensor_bytes(type, shape);
  if (!bytes) unsound(_("the shape of “%s” is too large to be true"), printed.c_str());
  return *bytes / int64_t(number_size(type));
}

}  // namespace pinxit
