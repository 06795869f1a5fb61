// SPDX-License-Identifier: Apache-2.0
//
// Files as the store handles them: nothing is in place before it is whole and on the disk.
//
//     OutputFile out(path, OutputFile::Mode::append);
//     out.write(bytes); out.finish();                     // fsync; throws disk_full where there is no more space
//     put_in_place(ready_folder, final_folder, old);      // one rename, on the disk when it returns
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>

#include "engine/base/error.h"

namespace pinxit {

/// What errno says about writing `path`: disk_full or file_unwritable.
Failure write_failure(const std::string& path, int problem);

class OutputFile {
 public:
  enum class Mode { append, replace };
  OutputFile(const std::string& path, Mode mode);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  void write(std::span<const std::byte> bytes);
  void truncate();
  void finish();  ///< on the disk
  int64_t size() const { return size_; }

 private:
  std::string path_;
  int descriptor_ = -1;
  int64_t size_ = 0;
};

/// UTF-8 for people, whatever bytes the path has.
std::string shown_path(const std::string& path);

/// 0 where there is no such file.
int64_t file_size(const std::string& path);
/// Of all files below a folder; 0 where there is none.
int64_t folder_size(const std::string& folder);
/// Bytes that an ordinary user may still write where `folder` is (or will be).
int64_t free_space_at(const std::string& folder);

void make_folder(const std::string& folder);
/// On the disk: what was renamed or made in it.
void sync_folder(const std::string& folder);
/// Of the files below a folder, and the folders.
void sync_tree(const std::string& folder);
/// Small files: temporary one beside it, fsync, rename.
void write_whole(const std::string& path, const std::string& text);
/// A hard link where the file system allows it, else a copy, on the disk. The target must not be there.
void link_or_copy(const std::string& from, const std::string& to, std::stop_token stop);

/// Makes `ready` the folder `place`. One that is there is exchanged and then lies at `old`, to be removed.
void put_in_place(const std::string& ready, const std::string& place, const std::string& old);
/// Also what is not there; never follows links. False where something remains.
bool remove_tree(const std::string& path);

}  // namespace pinxit
