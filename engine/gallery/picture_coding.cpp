// SPDX-License-Identifier: Apache-2.0
#include "engine/gallery/picture_coding.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixoutputstream.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "engine/base/text.h"
#include "engine/gallery/database.h"

namespace pinxit {
namespace {

constexpr std::array<uint8_t, 4> magic = {'P', 'X', 'I', 'T'};
constexpr uint32_t version = 1;
constexpr size_t header_bytes = 16;
constexpr int64_t longest_side = 1 << 20;
constexpr uint64_t largest_expansion = 1100;  ///< zlib's own bound is below; a damaged header must not ask for more
constexpr int quick_compression = 1;          ///< after the differences, higher levels gain little and take long

Failure unreadable() {
  return Failure(ErrorCode::file_unreadable, _("A picture of the gallery is damaged."),
                 _("The other pictures of this run can still be used."));
}

/// Tells what GLib says, if it says anything.
void check(const GError* problem) {
  if (!problem) return;
  if (g_error_matches(problem, G_IO_ERROR, G_IO_ERROR_NO_SPACE)) throw disk_full();
  throw Failure(ErrorCode::file_unwritable, _("The gallery cannot keep this picture."), problem->message);
}

void put_number(uint8_t* to, uint32_t number) {
  for (int i = 0; i < 4; i++) to[i] = uint8_t(number >> (8 * i));
}

uint32_t get_number(const uint8_t* from) {
  return uint32_t(from[0]) | uint32_t(from[1]) << 8 | uint32_t(from[2]) << 16 | uint32_t(from[3]) << 24;
}

uint16_t level(float value) {
  return value > 0 ? uint16_t(std::min(value, 1.0f) * 65535.0f + 0.5f) : uint16_t(0);  // NaN is not > 0
}

void pack_row(const float* pixels, int64_t width, uint8_t* packed) {
  for (int channel = 0; channel < 4; channel++, packed += 2 * width) {
    uint16_t left = 0;
    for (int64_t x = 0; x < width; x++) {
      const uint16_t value = level(pixels[4 * x + channel]);
      const auto difference = uint16_t(value - left);
      packed[x] = uint8_t(difference >> 8);
      packed[width + x] = uint8_t(difference & 0xff);
      left = value;
    }
  }
}

void unpack_row(const uint8_t* packed, int64_t width, float* pixels) {
  for (int channel = 0; channel < 4; channel++, packed += 2 * width) {
    uint16_t value = 0;
    for (int64_t x = 0; x < width; x++) {
      value = uint16_t(value + (uint16_t(packed[x]) << 8 | packed[width + x]));
      pixels[4 * x + channel] = float(value) / 65535.0f;
    }
  }
}

void write_all(GOutputStream* stream, const void* data, size_t bytes) {
  g_autoptr(GError) problem = nullptr;
  g_output_stream_write_all(stream, data, bytes, nullptr, nullptr, &problem);
  check(problem);
}

void write_picture(GOutputStream* stream, SrgbView picture) {
  if (!picture.data || picture.width < 1 || picture.height < 1 || picture.width > longest_side ||
      picture.height > longest_side)
    throw Failure(ErrorCode::bad_argument, _("The gallery keeps no empty pictures."));
  std::array<uint8_t, header_bytes> header;
  std::memcpy(header.data(), magic.data(), magic.size());
  put_number(&header[4], version);
  put_number(&header[8], uint32_t(picture.width));
  put_number(&header[12], uint32_t(picture.height));
  write_all(stream, header.data(), header.size());

  g_autoptr(GZlibCompressor) compressor = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, quick_compression);
  g_autoptr(GOutputStream) compressed = g_converter_output_stream_new(stream, G_CONVERTER(compressor));
  g_filter_output_stream_set_close_base_stream(G_FILTER_OUTPUT_STREAM(compressed), FALSE);
  std::vector<uint8_t> row(size_t(picture.width) * 8);
  for (int64_t y = 0; y < picture.height; y++) {
    pack_row(picture.row(y), picture.width, row.data());
    write_all(compressed, row.data(), row.size());
  }
  g_autoptr(GError) problem = nullptr;
  g_output_stream_close(compressed, nullptr, &problem);
  check(problem);
}

/// A file beside `path` that takes its place when it is complete, and vanishes otherwise.
class Replacement {
 public:
  explicit Replacement(const std::string& path) : target_(path), temporary_(path + ".XXXXXX.part") {
    descriptor_ = ::mkostemps(temporary_.data(), 5, O_CLOEXEC);
    if (descriptor_ < 0) fail();
  }
  Replacement(const Replacement&) = delete;
  ~Replacement() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!done_) ::unlink(temporary_.c_str());
  }
  int descriptor() const { return descriptor_; }
  int64_t finish() {
    const int64_t bytes = ::lseek(descriptor_, 0, SEEK_END);
    if (bytes < 0 || ::fsync(descriptor_) != 0) fail();
    if (::close(std::exchange(descriptor_, -1)) != 0 || ::rename(temporary_.c_str(), target_.c_str()) != 0) fail();
    done_ = true;
    return bytes;
  }

 private:
  [[noreturn]] void fail() const {
    if (errno == ENOSPC || errno == EDQUOT) throw disk_full();
    throw Failure(ErrorCode::file_unwritable, format_text(_("%s cannot be written."), target_.c_str()),
                  g_strerror(errno));
  }
  std::string target_, temporary_;
  int descriptor_ = -1;
  bool done_ = false;
};

}  // namespace

std::vector<uint8_t> encode_picture(SrgbView picture) {
  g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable();
  write_picture(stream, picture);
  auto* memory = G_MEMORY_OUTPUT_STREAM(stream);
  const auto* data = static_cast<const uint8_t*>(g_memory_output_stream_get_data(memory));
  return {data, data + g_memory_output_stream_get_data_size(memory)};
}

SrgbPicture decode_picture(std::span<const uint8_t> coded) {
  if (coded.size() < header_bytes || std::memcmp(coded.data(), magic.data(), magic.size()) != 0) throw unreadable();
  if (get_number(&coded[4]) != version) throw unreadable();
  const int64_t width = get_number(&coded[8]), height = get_number(&coded[12]);
  if (width < 1 || height < 1 || width > longest_side || height > longest_side) throw unreadable();
  if (uint64_t(width) * uint64_t(height) * 8 > uint64_t(coded.size()) * largest_expansion) throw unreadable();

  g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_data(
      coded.data() + header_bytes, gssize(coded.size() - header_bytes), nullptr);
  g_autoptr(GZlibDecompressor) decompressor = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
  g_autoptr(GInputStream) rows = g_converter_input_stream_new(stream, G_CONVERTER(decompressor));
  SrgbPicture picture(width, height);
  std::vector<uint8_t> row(size_t(width) * 8);
  const auto read = [&](void* to, size_t bytes) {
    gsize got = 0;
    if (!g_input_stream_read_all(rows, to, bytes, &got, nullptr, nullptr)) throw unreadable();
    return got;
  };
  for (int64_t y = 0; y < height; y++) {
    if (read(row.data(), row.size()) != row.size()) throw unreadable();
    unpack_row(row.data(), width, picture.span().row(y));
  }
  uint8_t more = 0;
  if (read(&more, 1) != 0) throw unreadable();  // also where the checksum at the end is looked at
  return picture;
}

int64_t write_picture_file(const std::string& path, SrgbView picture) {
  Replacement file(path);
  g_autoptr(GOutputStream) stream = g_unix_output_stream_new(file.descriptor(), FALSE);
  write_picture(stream, picture);
  return file.finish();
}

SrgbPicture read_picture_file(const std::string& path) {
  g_autoptr(GMappedFile) file = g_mapped_file_new(path.c_str(), FALSE, nullptr);
  if (!file) throw unreadable();
  return decode_picture({reinterpret_cast<const uint8_t*>(g_mapped_file_get_contents(file)),
                         g_mapped_file_get_length(file)});
}

}  // namespace pinxit
