// SPDX-License-Identifier: Apache-2.0
#include "engine/install/checksum.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "engine/base/text.h"
#include "engine/install/disk.h"

namespace pinxit {
namespace {

Failure unreadable(const std::string& path, int problem) {
  return {ErrorCode::file_unreadable,
          format_text(_("The file “%s” cannot be read: %s."), shown_path(path).c_str(), g_strerror(problem)),
          _("Check the file's name and that you may read it.")};
}

struct OpenFile {
  int descriptor;
  ~OpenFile() {
    if (descriptor >= 0) close(descriptor);
  }
};

}  // namespace

FileSums sum_file(const std::string& path, const std::function<void(int64_t)>& read_bytes, std::stop_token stop) {
  const OpenFile file{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat facts {};
  if (file.descriptor < 0 || fstat(file.descriptor, &facts) != 0) throw unreadable(path, errno);
  if (!S_ISREG(facts.st_mode)) throw unreadable(path, EISDIR);
  posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);

  g_autoptr(GChecksum) sha256 = g_checksum_new(G_CHECKSUM_SHA256);
  g_autoptr(GChecksum) sha1 = g_checksum_new(G_CHECKSUM_SHA1);
  const std::string head = "blob " + std::to_string(facts.st_size);
  g_checksum_update(sha1, reinterpret_cast<const guchar*>(head.c_str()), gssize(head.size() + 1));
  FileSums sums;
  std::vector<guchar> block(1 << 20);
  for (;;) {
    if (stop.stop_requested()) throw Cancelled();
    const ssize_t got = read(file.descriptor, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw unreadable(path, errno);
    if (got == 0) break;
    g_checksum_update(sha256, block.data(), got);
    g_checksum_update(sha1, block.data(), got);
    sums.bytes += got;
    if (read_bytes) read_bytes(got);
  }
  sums.sha256 = g_checksum_get_string(sha256);
  sums.git_blob = g_checksum_get_string(sha1);
  return sums;
}

std::optional<std::string> mismatch(const OfferFile& file, const FileSums& sums) {
  if (file.bytes && file.bytes != sums.bytes)
    return format_text(_("it has %lld bytes, not %lld"), (long long)sums.bytes, (long long)file.bytes);
  const bool right = (file.sha256.empty() || file.sha256 == sums.sha256) &&
                     (file.git_blob.empty() || file.git_blob == sums.git_blob) &&
                     sums.sha256.starts_with(file.sha256_prefix);
  if (!right) return std::string(_("its sum is not the one that was stated"));
  return {};
}

}  // namespace pinxit
