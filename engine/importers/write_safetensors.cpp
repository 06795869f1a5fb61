// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "engine/base/safetensors_header.h"
#include "engine/importers/held_bytes.h"

namespace pinxit {
namespace {

/// A file beside `path` that takes its place in the end, or vanishes.
class NewFile {
 public:
  explicit NewFile(const std::string& path) : path_(path) {
    for (int attempt = 0; file_ < 0; ++attempt) {
      temporary_ = format_text("%s.%d-%d.part", path.c_str(), int(::getpid()), attempt);
      file_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (file_ < 0 && (errno != EEXIST || attempt == 1000)) fail();
    }
  }
  ~NewFile() {
    if (file_ < 0) return;
    ::close(file_);
    ::unlink(temporary_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail();
      bytes = bytes.subspan(size_t(written));
    }
  }
  void put_in_place() {
    if (::fsync(file_) != 0) fail();
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail();
    ::close(file_);
    file_ = -1;
  }

 private:
  [[noreturn]] void fail() const {
    const bool full = errno == ENOSPC || errno == EDQUOT;
    throw Failure(full ? ErrorCode::disk_full : ErrorCode::file_unwritable,
                  format_text(_("The file “%s” cannot be written: %s."), path_.c_str(), std::strerror(errno)),
                  _("Check the folder and that the disk has room."));
  }
  std::string path_, temporary_;
  int file_ = -1;
};

}  // namespace

Status write_safetensors(const std::string& path, std::span<const StoredTensor> tensors,
                         const std::map<std::string, std::string>& metadata) {
  return guarded([&] {
    std::vector<const StoredTensor*> order;  // wide numbers first, so that all data is aligned
    for (const StoredTensor& tensor : tensors) order.push_back(&tensor);
    std::stable_sort(order.begin(), order.end(), [](const StoredTensor* a, const StoredTensor* b) {
      return number_size(a->type) > number_size(b->type);
    });
    std::vector<SafetensorsEntry> entries;
    for (const StoredTensor* tensor : order) entries.push_back({tensor->name, tensor->type, tensor->shape});
    const std::string head = safetensors_head(entries, metadata);
    NewFile file(path);
    file.write(std::as_bytes(std::span(head)));
    for (const StoredTensor* tensor : order) tensor->read([&](std::span<const std::byte> piece) { file.write(piece); });
    file.put_in_place();
    return Nothing{};
  });
}

}  // namespace pinxit
