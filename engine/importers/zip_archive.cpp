// SPDX-License-Identifier: Apache-2.0
#include "engine/importers/zip_archive.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "engine/importers/held_bytes.h"

namespace pinxit {
namespace {

constexpr uint32_t local_signature = 0x04034b50, central_signature = 0x02014b50, end_signature = 0x06054b50;
constexpr uint32_t end64_signature = 0x06064b50, locator64_signature = 0x07064b50;
constexpr size_t end_size = 22, locator64_size = 20;
constexpr uint64_t deflate_ratio = 1032;  // the most that deflate can pack
constexpr uint64_t unpacked_limit = uint64_t(4) << 30;
constexpr uint32_t in_zip64 = 0xFFFFFFFF;

/// Where the central directory lies.
struct Directory {
  uint64_t entries = 0, size = 0, offset = 0;
};

ByteReader reader_at(const HeldBytes& file, uint64_t offset) {
  if (offset > file.size()) unsound(_("an offset in the archive lies beyond its end"));
  return ByteReader(file.view.subspan(size_t(offset)));
}

/// The end record is the last thing in the file; only its comment, whose length it states, may follow.
size_t find_end(const HeldBytes& file) {
  for (size_t comment = 0; comment <= 0xFFFF && comment + end_size <= file.size(); ++comment) {
    const size_t at = file.size() - end_size - comment;
    ByteReader in(file.view.subspan(at));
    if (in.number<uint32_t>() != end_signature) continue;
    in.take(16);
    if (in.number<uint16_t>() == comment) return at;
  }
  unsound(_("the end of the archive is missing, as after an interrupted download"));
}

Directory read_end(const HeldBytes& file) {
  const size_t end = find_end(file);
  ByteReader in = reader_at(file, end + 4);
  const auto disk = in.number<uint16_t>(), first_disk = in.number<uint16_t>();
  const auto here = in.number<uint16_t>(), all = in.number<uint16_t>();
  Directory found{all, in.number<uint32_t>(), in.number<uint32_t>()};
  uint64_t directory_end = end;
  if (end >= locator64_size) {
    ByteReader locator = reader_at(file, end - locator64_size);
    if (locator.number<uint32_t>() == locator64_signature) {
      locator.take(4);
      directory_end = locator.number<uint64_t>();
      ByteReader wide = reader_at(file, directory_end);
      if (wide.number<uint32_t>() != end64_signature) unsound(_("the end record of the archive is broken"));
      wide.take(28);
      found = {wide.number<uint64_t>(), wide.number<uint64_t>(), wide.number<uint64_t>()};
      if (directory_end > end) unsound(_("the end record of the archive is broken"));
    }
  }
  if ((disk != 0 && disk != 0xFFFF) || (first_disk != 0 && first_disk != 0xFFFF) || here != all)
    unread(_("it is an archive over several disks"));
  if (found.offset > directory_end || found.size != directory_end - found.offset)
    unsound(_("the directory of the archive is not where it should be"));
  return found;
}

/// Sizes that do not fit 32 bits are in an extra field, in this order.
void read_zip64(std::span<const std::byte> extra, ZipEntry& entry, uint64_t& packed_size, uint64_t& offset) {
  ByteReader in(extra);
  while (in.left() >= 4) {
    const auto id = in.number<uint16_t>();
    ByteReader field(in.take(in.number<uint16_t>()));
    if (id != 1) continue;
    for (uint64_t* value : {&entry.size, &packed_size, &offset})
      if (*value == in_zip64) *value = field.number<uint64_t>();
    return;
  }
}

/// Holds the local header of `entry` against the directory and finds the data behind it.
void find_data(const HeldBytes& file, ZipEntry& entry, uint64_t offset, uint64_t packed_size, uint64_t end) {
  const std::string name = fit_for_print(entry.name);
  ByteReader in = reader_at(file, offset);
  if (in.number<uint32_t>() != local_signature)
    unsound(_("the archive has nothing where “%s” should be"), name.c_str());
  in.take(4);
  const bool deflated = in.number<uint16_t>() == 8;
  in.take(16);
  const auto name_length = in.number<uint16_t>(), extra_length = in.number<uint16_t>();
  if (in.text(name_length) != entry.name || deflated != entry.deflated)
    unsound(_("the archive has something else where “%s” should be"), name.c_str());
  in.take(extra_length);
  const uint64_t begin = offset + in.at();
  if (begin > end || packed_size > end - begin) unsound(_("“%s” reaches beyond the end of the archive"), name.c_str());
  entry.packed = file.part(size_t(begin), size_t(packed_size));
}

ZipEntry read_entry(const HeldBytes& file, ByteReader& in, uint64_t data_end) {
  if (in.number<uint32_t>() != central_signature) unsound(_("the directory of the archive is broken"));
  ZipEntry entry;
  in.take(4);
  const auto flags = in.number<uint16_t>(), method = in.number<uint16_t>();
  in.take(4);
  entry.crc = in.number<uint32_t>();
  uint64_t packed_size = in.number<uint32_t>();
  entry.size = in.number<uint32_t>();
  const auto name_length = in.number<uint16_t>(), extra_length = in.number<uint16_t>();
  const auto comment_length = in.number<uint16_t>();
  in.take(8);
  uint64_t offset = in.number<uint32_t>();
  entry.name = in.text(name_length);
  read_zip64(in.take(extra_length), entry, packed_size, offset);
  in.take(comment_length);
  const std::string name = fit_for_print(entry.name);
  if (flags & 1) unread(_("“%s” in it is encrypted"), name.c_str());
  if (method != 0 && method != 8) unread(_("“%s” in it is packed in a way that is not read"), name.c_str());
  entry.deflated = method == 8;
  find_data(file, entry, offset, packed_size, data_end);
  const bool possible = entry.deflated ? entry.size / deflate_ratio <= packed_size : entry.size == packed_size;
  if (!possible) unsound(_("the size of “%s” cannot be true"), name.c_str());
  return entry;
}

std::vector<std::byte> inflated(const ZipEntry& entry) {
  if (entry.size > unpacked_limit)
    unread(_("“%s” in it is too large to be unpacked"), fit_for_print(entry.name).c_str());
  std::vector<std::byte> out(size_t(entry.size) + 1);  // one more, to notice what is longer than stated
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(entry.packed.view.data()));
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  size_t in_left = entry.packed.size(), out_left = out.size();
  int state = Z_OK;
  constexpr size_t most = std::numeric_limits<uInt>::max();
  while (state == Z_OK) {
    stream.avail_in = uInt(std::min(in_left, most));
    stream.avail_out = uInt(std::min(out_left, most));
    const size_t in_given = stream.avail_in, out_given = stream.avail_out;
    state = inflate(&stream, Z_NO_FLUSH);
    in_left -= in_given - stream.avail_in;
    out_left -= out_given - stream.avail_out;
  }
  inflateEnd(&stream);
  if (state != Z_STREAM_END || in_left != 0 || out_left != 1)
    unsound(_("“%s” cannot be unpacked"), fit_for_print(entry.name).c_str());
  out.pop_back();
  return out;
}

}  // namespace

ZipArchive::ZipArchive(const HeldBytes& file) {
  const Directory directory = read_end(file);
  ByteReader in(file.view.subspan(size_t(directory.offset), size_t(directory.size)));
  uint64_t packed = 0;
  while (!in.done()) {
    entries_.push_back(read_entry(file, in, directory.offset));
    packed += entries_.back().packed.size();
    if (packed > file.size()) unsound(_("entries of the archive overlap"));
  }
  if (entries_.size() != directory.entries) unsound(_("the directory of the archive is broken"));
  for (size_t i = 0; i < entries_.size(); ++i)
    if (!index_.emplace(entries_[i].name, i).second)
      unsound(_("the archive holds “%s” twice"), fit_for_print(entries_[i].name).c_str());
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &entries_[found->second];
}

HeldBytes ZipArchive::unpack(const ZipEntry& entry) const {
  const HeldBytes bytes = entry.deflated ? hold(inflated(entry)) : entry.packed;
  const auto* data = reinterpret_cast<const Bytef*>(bytes.view.data());
  if (crc32_z(crc32_z(0, nullptr, 0), data, bytes.size()) != entry.crc)
    unsound(_("“%s” in it does not have its checksum: the file was changed or badly copied"),
            fit_for_print(entry.name).c_str());
  return bytes;
}

}  // namespace pinxit
