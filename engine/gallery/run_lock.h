// SPDX-License-Identifier: Apache-2.0
//
// Who paints a run: the process that holds the lock of its file. The kernel lets the lock go when the process ends,
// however it ends; no process number is looked at, which may be used again or mean another one in a sandbox.
//
//     auto lock = RunLock::take(path);          // nothing where somebody else holds it
//     …                                         // held until it is destroyed; then the file is removed
//     RunLock::held(path);                      // asked by anybody, also in the same process
#pragma once

#include <optional>
#include <string>

namespace pinxit {

class RunLock {
 public:
  /// Makes the file. Throws a Failure (file_unwritable) where that cannot be done.
  static std::optional<RunLock> take(const std::string& path);
  /// Like take, waiting up to `seconds`.
  static std::optional<RunLock> wait(const std::string& path, double seconds);
  static bool held(const std::string& path);

  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&& other) noexcept;
  ~RunLock();
  void keep_file() { keep_file_ = true; }  ///< the file stays when the lock ends

 private:
  RunLock(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  int descriptor_ = -1;
  std::string path_;
  bool keep_file_ = false;
};

}  // namespace pinxit
