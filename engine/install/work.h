// SPDX-License-Identifier: Apache-2.0
//
// Where a model is prepared before it is put into place: STORE/.work/ID, for one process (and thread) at a time.
//
//     Work work = Work::take(store, id, on_wait, stop);   // waits; the lock ends with it, or with the process
//     work.part("a.bin");      // STORE/.work/ID/parts/a.bin.part: a download that is not finished
//     work.whole("a.bin");     // STORE/.work/ID/files/a.bin: whole and verified
//     work.ready();            // STORE/.work/ID/ready: the model's folder, before it is renamed
//     work.finish();           // removes all of it, when the model is in place
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace pinxit {

class Work {
 public:
  /// Waits as long as somebody else works on this model; `on_wait` is told once. Throws Cancelled, disk_full,
  /// file_unwritable.
  static Work take(const std::string& store, const std::string& id, const std::function<void()>& on_wait,
                   std::stop_token stop);
  /// Nothing where somebody else works on it, or nothing is there that can be locked.
  static std::optional<Work> take_if_free(const std::string& store, const std::string& id);
  Work(Work&& other) noexcept;
  Work& operator=(Work&& other) = delete;
  ~Work();

  std::string part(const std::string& path) const { return folder_ + "/parts/" + path + ".part"; }
  std::string note(const std::string& path) const { return folder_ + "/parts/" + path + ".json"; }
  std::string whole(const std::string& path) const { return folder_ + "/files/" + path; }
  std::string files() const { return folder_ + "/files"; }
  std::string ready() const { return folder_ + "/ready"; }
  std::string old() const { return folder_ + "/old"; }
  std::string removed() const { return folder_ + "/removed"; }
  const std::string& folder() const { return folder_; }

  /// What a killed process left in the middle of assembling or removing; parts and whole files stay.
  void clean();
  void finish();

 private:
  Work(std::string store, std::string folder, int descriptor)
      : store_(std::move(store)), folder_(std::move(folder)), descriptor_(descriptor) {}
  std::string store_, folder_;
  int descriptor_ = -1;  ///< of the folder, locked
};

std::string work_root(const std::string& store);                         ///< STORE/.work
/// STORE/.work/ID. Throws model_missing where `id` is none.
std::string work_folder(const std::string& store, const std::string& id);

/// For a store that a process may have been killed in: repairs and removes what nobody works on. `known`: whether
/// downloads of an id can be resumed.
void clean_store(const std::string& store, const std::function<bool(const std::string& id)>& known);

}  // namespace pinxit
