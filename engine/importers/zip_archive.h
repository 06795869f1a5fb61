// SPDX-License-Identifier: Apache-2.0
//
// A zip archive in memory, for reading: stored and deflated entries, zip64, no encryption, no several disks. Names are
// only compared, never used as paths.
//
//     const ZipArchive archive(bytes);
//     if (const auto* entry = archive.find("archive/data.pkl")) HeldBytes pickle = archive.unpack(*entry);
//
// Throws Unsound and Unread.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/importers/tensors.h"

namespace pinxit {

struct ZipEntry {
  std::string name;
  bool deflated = false;
  uint32_t crc = 0;   ///< CRC-32 of the unpacked bytes
  uint64_t size = 0;  ///< unpacked, as the archive states it: at most about 1000 times what is packed
  HeldBytes packed;
};

class ZipArchive {
 public:
  /// Reads the central directory and holds every local header against it.
  explicit ZipArchive(const HeldBytes& file);
  const std::vector<ZipEntry>& entries() const { return entries_; }
  const ZipEntry* find(std::string_view name) const;
  /// The entry's bytes: borrowed where stored, else unpacked. Size and CRC-32 are checked.
  HeldBytes unpack(const ZipEntry& entry) const;

 private:
  std::vector<ZipEntry> entries_;
  std::unordered_map<std::string_view, size_t> index_;
};

}  // namespace pinxit
