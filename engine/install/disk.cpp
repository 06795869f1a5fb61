// SPDX-License-Identifier: Apache-2.0
#include "engine/install/disk.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "engine/base/text.h"

namespace pinxit {

namespace fs = std::filesystem;

std::string shown_path(const std::string& path) {
  g_autofree char* shown = g_filename_display_name(path.c_str());
  return shown;
}

Failure write_failure(const std::string& path, int problem) {
  if (problem == ENOSPC || problem == EDQUOT || problem == EFBIG)
    return {ErrorCode::disk_full,
            format_text(_("The disk is full: %s could not be written."), shown_path(path).c_str()),
            _("Make space, or choose another folder for models. What was downloaded is kept and continued.")};
  return {ErrorCode::file_unwritable,
          format_text(_("%s cannot be written: %s."), shown_path(path).c_str(), g_strerror(problem)),
          _("Check that you may write into the folder of models.")};
}

OutputFile::OutputFile(const std::string& path, Mode mode) : path_(path) {
  make_folder(fs::path(path).parent_path().string());
  descriptor_ = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (mode == Mode::append ? O_APPEND : O_TRUNC), 0666);
  if (descriptor_ < 0) throw write_failure(path, errno);
  size_ = lseek(descriptor_, 0, SEEK_END);
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

void OutputFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(descriptor_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw write_failure(path_, errno);
    bytes = bytes.subspan(size_t(put));
    size_ += put;
  }
}

void OutputFile::truncate() {
  if (ftruncate(descriptor_, 0) != 0) throw write_failure(path_, errno);
  size_ = 0;
}

void OutputFile::finish() {
  if (fsync(descriptor_) != 0) throw write_failure(path_, errno);
}

int64_t file_size(const std::string& path) {
  struct stat facts {};
  return stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) ? int64_t(facts.st_size) : 0;
}

int64_t folder_size(const std::string& folder) {
  int64_t sum = 0;
  std::error_code problem;
  for (fs::recursive_directory_iterator at(folder, problem), end; !problem && at != end; at.increment(problem)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored) && !at->is_symlink(ignored)) sum += int64_t(at->file_size(ignored));
  }
  return sum;
}

int64_t free_space_at(const std::string& folder) {
  fs::path at = folder;
  std::error_code ignored;
  while (!fs::exists(at, ignored) && at.has_parent_path() && at != at.parent_path()) at = at.parent_path();
  struct statvfs facts {};
  if (statvfs(at.c_str(), &facts) != 0) return INT64_MAX;  // unknown: writing tells
  return int64_t(facts.f_bavail) * int64_t(facts.f_frsize);
}

void make_folder(const std::string& folder) {
  if (g_mkdir_with_parents(folder.c_str(), 0755) != 0) throw write_failure(folder, errno);
}

void sync_folder(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);  // some file systems refuse it for folders; nothing can be done then
  close(descriptor);
}

void sync_tree(const std::string& folder) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_directory()) sync_folder(entry.path().string());
    if (!entry.is_regular_file()) continue;
    const int descriptor = open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    const bool done = descriptor >= 0 && fsync(descriptor) == 0;
    const int problem = errno;
    if (descriptor >= 0) close(descriptor);
    if (!done) throw write_failure(entry.path().string(), problem);
  }
  sync_folder(folder);
}

void write_whole(const std::string& path, const std::string& text) {
  const std::string half = path + ".tmp";
  OutputFile out(half, OutputFile::Mode::replace);
  out.write(std::as_bytes(std::span(text)));
  out.finish();
  if (rename(half.c_str(), path.c_str()) != 0) throw write_failure(path, errno);
}

void link_or_copy(const std::string& from, const std::string& to, std::stop_token stop) {
  make_folder(fs::path(to).parent_path().string());
  std::error_code ignored;
  const std::string real = fs::canonical(from, ignored).string();  // the file, not a link to it
  if (link((ignored ? from : real).c_str(), to.c_str()) == 0) return;
  struct Source {
    int descriptor;
    ~Source() {
      if (descriptor >= 0) close(descriptor);
    }
  } const in{open(from.c_str(), O_RDONLY | O_CLOEXEC)};
  if (in.descriptor < 0)
    throw Failure(ErrorCode::file_unreadable,
                  format_text(_("The file “%s” cannot be read: %s."), shown_path(from).c_str(), g_strerror(errno)));
  OutputFile out(to, OutputFile::Mode::replace);
  std::vector<std::byte> block(1 << 20);
  for (ssize_t got = 1; got > 0;) {
    got = read(in.descriptor, block.data(), block.size());
    if (got < 0 && errno == EINTR) got = 1;
    else if (got > 0) out.write({block.data(), size_t(got)});
    if (got >= 0 && !stop.stop_requested()) continue;
    const int problem = errno;
    if (got >= 0) throw Cancelled();
    throw Failure(ErrorCode::file_unreadable,
                  format_text(_("The file “%s” cannot be read: %s."), shown_path(from).c_str(), g_strerror(problem)));
  }
  out.finish();
}

void put_in_place(const std::string& ready, const std::string& place, const std::string& old) {
  const std::string parent = fs::path(place).parent_path().string();
  if (renameat2(AT_FDCWD, ready.c_str(), AT_FDCWD, place.c_str(), RENAME_NOREPLACE) != 0) {
    const bool taken = errno == EEXIST || errno == ENOTEMPTY;
    if (taken && renameat2(AT_FDCWD, ready.c_str(), AT_FDCWD, place.c_str(), RENAME_EXCHANGE) == 0) {
      if (rename(ready.c_str(), old.c_str()) != 0) throw write_failure(old, errno);
    } else {  // a file system without exchange: a moment without the model, which Installer() repairs after a crash
      if (fs::exists(place) && rename(place.c_str(), old.c_str()) != 0) throw write_failure(place, errno);
      if (rename(ready.c_str(), place.c_str()) != 0) throw write_failure(place, errno);
    }
  }
  sync_folder(parent);
}

bool remove_tree(const std::string& path) {
  std::error_code problem;
  fs::remove_all(path, problem);
  return !problem;
}

}  // namespace pinxit
