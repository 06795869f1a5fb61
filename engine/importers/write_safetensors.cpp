// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "engine/base/json_reader.h"
#include "engine/importers/held_bytes.h"

namespace pinxit {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += format_text("\\u%04x", unsigned(c));
    else
      out += c;
  }
  return out + '"';
}

void check_text(const std::string& text) {
  if (!is_utf8(text))
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("“%s” cannot be written: it is not UTF-8 text."), fit_for_print(text).c_str()));
}

/// Header and data in this order; wide numbers first, so that all data is aligned.
std::string header_of(const std::vector<const StoredTensor*>& order,
                      const std::map<std::string, std::string>& metadata) {
  std::string header = "{", separator;
  if (!metadata.empty()) {
    header += "\"__metadata__\":{";
    for (const auto& [key, value] : metadata) {
      check_text(key);
      check_text(value);
      header += separator + quoted(key) + ":" + quoted(value);
      separator = ",";
    }
    header += "}";
  }
  std::set<std::string> names = {"__metadata__"};
  int64_t at = 0;
  for (const StoredTensor* tensor : order) {
    check_text(tensor->name);
    if (!names.insert(tensor->name).second)
      throw Failure(ErrorCode::bad_argument, format_text(_("The name “%s” occurs twice among the tensors."),
                                                         fit_for_print(tensor->name).c_str()));
    header += separator + quoted(tensor->name) + ":{\"dtype\":\"" + std::string(number_type_name(tensor->type)) +
              "\",\"shape\":[";
    separator = ",";
    for (size_t i = 0; i < tensor->shape.size(); ++i) header += (i ? "," : "") + std::to_string(tensor->shape[i]);
    header += "],\"data_offsets\":[" + std::to_string(at) + "," + std::to_string(at + tensor->byte_count()) + "]}";
    at += tensor->byte_count();
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return header;
}

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
    std::vector<const StoredTensor*> order;
    for (const StoredTensor& tensor : tensors) order.push_back(&tensor);
    std::stable_sort(order.begin(), order.end(), [](const StoredTensor* a, const StoredTensor* b) {
      return number_size(a->type) > number_size(b->type);
    });
    const std::string header = header_of(order, metadata);
    NewFile file(path);
    const uint64_t length = header.size();
    file.write(std::as_bytes(std::span(&length, 1)));
    file.write(std::as_bytes(std::span(header)));
    for (const StoredTensor* tensor : order) tensor->read([&](std::span<const std::byte> piece) { file.write(piece); });
    file.put_in_place();
    return Nothing{};
  });
}

}  // namespace pinxit
