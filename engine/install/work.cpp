// SPDX-License-Identifier: Apache-2.0
#include "engine/install/work.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/install/disk.h"
#include "engine/store/catalogue.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

constexpr int look_again_us = 20000;

/// The folder's descriptor, locked; else -1 and errno: EWOULDBLOCK where another has the lock, ENOENT where the folder
/// is gone. The folder itself is locked, so that it can be removed by whoever holds it: a lock on a folder that is gone
/// by then is no lock.
int try_lock(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return -1;
  struct stat held {}, there {};
  int problem = 0;
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 || fstat(descriptor, &held) != 0 || stat(folder.c_str(), &there) != 0)
    problem = errno;
  else if (held.st_ino != there.st_ino || held.st_dev != there.st_dev)
    problem = ENOENT;
  if (problem == 0) return descriptor;
  close(descriptor);
  errno = problem;
  return -1;
}

/// 0, or why there is no folder that may be written. ENOENT: whoever had it last has just removed it.
int made(const std::string& folder) {
  if (g_mkdir_with_parents(folder.c_str(), 0755) != 0 || access(folder.c_str(), W_OK) != 0) return errno;
  return 0;
}

}  // namespace

std::string work_root(const std::string& store) {
  return store + "/.work";
}

std::string work_folder(const std::string& store, const std::string& id) {
  if (!is_model_id(id))  // or it would be another folder, which is emptied in the end
    throw Failure(ErrorCode::model_missing, format_text(_("“%s” is not the id of a model."), id.c_str()));
  return work_root(store) + "/" + id;
}

Work Work::take(const std::string& store, const std::string& id, const std::function<void()>& on_wait,
                std::stop_token stop) {
  const std::string folder = work_folder(store, id);
  constexpr int vanished_limit = 250;  // times in a row; beyond that it is not others who remove it
  int vanished = 0;
  for (bool told = false;; g_usleep(look_again_us)) {
    if (stop.stop_requested()) throw Cancelled();
    int problem = made(folder);
    if (problem == 0) {
      if (const int descriptor = try_lock(folder); descriptor >= 0) return Work(store, folder, descriptor);
      problem = errno;
    }
    if (problem == EINTR || (problem == ENOENT && ++vanished < vanished_limit)) continue;
    if (problem != EWOULDBLOCK) throw write_failure(folder, problem);
    vanished = 0;
    if (!std::exchange(told, true) && on_wait) on_wait();
  }
}

std::optional<Work> Work::take_if_free(const std::string& store, const std::string& id) {
  const std::string folder = work_folder(store, id);
  const int descriptor = try_lock(folder);
  if (descriptor < 0) return {};
  return Work(store, folder, descriptor);
}

Work::Work(Work&& other) noexcept
    : store_(std::move(other.store_)),
      folder_(std::move(other.folder_)),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

Work::~Work() {
  if (descriptor_ < 0) return;
  rmdir((folder_ + "/parts").c_str());
  rmdir((folder_ + "/files").c_str());
  if (rmdir(folder_.c_str()) == 0) rmdir(work_root(store_).c_str());  // only where they are empty
  close(descriptor_);
}

void Work::clean() {
  const std::string place = store_ + "/" + fs::path(folder_).filename().string();
  if (fs::exists(old()) && !fs::exists(place)) std::rename(old().c_str(), place.c_str());
  for (const std::string& left : {ready(), old(), removed()}) remove_tree(left);
}

void Work::finish() {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) remove_tree(entry.path().string());
}

void clean_store(const std::string& store, const std::function<bool(const std::string& id)>& known) {
  std::vector<std::string> ids;
  std::error_code problem;
  for (fs::directory_iterator at(work_root(store), problem), end; !problem && at != end; at.increment(problem))
    ids.push_back(at->path().filename().string());
  for (const std::string& id : ids) {
    if (!is_model_id(id)) continue;  // nobody of ours made that
    auto work = Work::take_if_free(store, id);
    if (!work) continue;
    work->clean();
    if (!known(id)) work->finish();
  }
}

}  // namespace pinxit
