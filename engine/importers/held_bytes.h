// SPDX-License-Identifier: Apache-2.0
//
// What all readers of this room share: files as bytes, a reader that never leaves them, and the two ways to say no.
//
//     ByteReader in(bytes.view);
//     const auto count = in.number<uint32_t>();   // throws Unsound where the bytes end too early
//     if (count > limit) unsound(_("it claims %u tensors"), count);
//
// `read_checkpoint` and its sisters turn both exceptions into Errors that name the file.
#pragma once

#include <bit>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"
#include "engine/importers/tensors.h"

namespace pinxit {

static_assert(std::endian::native == std::endian::little, "checkpoints are little-endian");

/// The file is broken; the text is what comes after "“FILE” is damaged: ".
struct Unsound : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The file may be sound, but is not read; the text is what comes after "“FILE” cannot be imported: ".
struct Unread : std::runtime_error {
  explicit Unread(const std::string& what, std::string what_to_do = {})
      : std::runtime_error(what), hint(std::move(what_to_do)) {}
  std::string hint;
};
template <class... Values>
[[noreturn]] void unsound(const char* format, Values... values) {
  throw Unsound(format_text(format, values...));
}
template <class... Values>
[[noreturn]] void unread(const char* format, Values... values) {
  throw Unread(format_text(format, values...));
}

/// The whole file, mapped for reading. Throws Failure(file_unreadable).
HeldBytes map_file(const std::string& path);
/// Takes over what was unpacked or computed.
HeldBytes hold(std::vector<std::byte> bytes);

/// Runs `work`, which reads `path`: Unsound and Unread become model_damaged and model_unsupported.
template <class F>
auto reading_file(const std::string& path, F&& work) -> Result<decltype(work())> {
  return guarded([&] {
    try {
      return work();
    } catch (const Unsound& rule) {
      throw Failure(ErrorCode::model_damaged, format_text(_("“%s” is damaged: %s."), path.c_str(), rule.what()),
                    _("Download or copy the file again."));
    } catch (const Unread& reason) {
      throw Failure(ErrorCode::model_unsupported,
                    format_text(_("“%s” cannot be imported: %s."), path.c_str(), reason.what()),
                    reason.hint.empty() ? _("Look for a copy of the weights as a safetensors file.") : reason.hint);
    }
  });
}

inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  size_t at() const { return at_; }
  size_t left() const { return bytes_.size() - at_; }
  bool done() const { return left() == 0; }

  std::span<const std::byte> take(uint64_t length) {
    if (length > left()) unsound(_("it ends too early"));
    at_ += size_t(length);
    return bytes_.subspan(at_ - size_t(length), size_t(length));
  }
  std::string_view text(uint64_t length) { return as_text(take(length)); }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof(T)).data(), sizeof(T));
    return value;
  }
  /// Up to the next newline, which is taken too and not returned.
  std::string_view line() {
    const std::string_view rest = as_text(bytes_.subspan(at_));
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) unsound(_("it ends too early"));
    at_ += end + 1;
    return rest.substr(0, end);
  }

 private:
  std::span<const std::byte> bytes_;
  size_t at_ = 0;
};

/// Numbers of a shape; refuses negative lengths, more than 32 dimensions, and sizes in bytes beyond 63 bits.
int64_t checked_count(std::string_view name, const std::vector<int64_t>& shape, NumberType type);

}  // namespace pinxit
