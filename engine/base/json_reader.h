// SPDX-License-Identifier: Apache-2.0
//
// A strict JSON reader for the headers of weights files, which come from strangers. It pulls one value after the
// other and builds no tree, so a hostile header cannot make it use more memory than the header itself:
//
//     JsonReader json(text);                       // text must be valid UTF-8 (is_utf8)
//     json.object([&](std::string name) {          // called once for each member, in order
//       if (name == "shape") json.array([&] { shape.push_back(json.whole_number()); });
//       else json.skip();                          // the callback reads or skips exactly one value
//     });
//     json.end();                                  // nothing but white space may follow
//
// Everything not allowed by RFC 8259 throws JsonError, and so do two members of one name and nesting deeper than
// `depth_limit`. Only the standard library is needed.
#pragma once

#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/utf8.h"

namespace pinxit {

/// Untranslated: what is wrong, and where.
struct JsonError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class JsonReader {
 public:
  static constexpr int depth_limit = 16;

  explicit JsonReader(std::string_view text) : text_(text) {}

  template <class OnMember>
  void object(OnMember&& on_member) {
    enter('{');
    std::set<std::string> seen;
    if (!take_if('}')) {
      do {
        std::string name = string();
        if (!seen.insert(name).second) fail("the name \"" + name + "\" occurs twice");
        expect(':');
        on_member(std::move(name));
      } while (take_if(','));
      expect('}');
    }
    --depth_;
  }

  template <class OnItem>
  void array(OnItem&& on_item) {
    enter('[');
    if (!take_if(']')) {
      do on_item();
      while (take_if(','));
      expect(']');
    }
    --depth_;
  }

  std::string string() {
    expect('"');
    std::string value;
    for (;;) {
      const char c = next();
      if (c == '"') return value;
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character inside a string");
      if (c == '\\')
        escape(value);
      else
        value += c;
    }
  }

  /// A number without sign, fraction and exponent, at most 2^63 - 1.
  int64_t whole_number() {
    const std::string_view digits = number();
    uint64_t value = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') fail("\"" + std::string(digits) + "\" is not a whole number of 0 or more");
      if (value > (uint64_t(INT64_MAX) - uint64_t(c - '0')) / 10) fail("a number too large");
      value = value * 10 + uint64_t(c - '0');
    }
    return int64_t(value);
  }

  void skip() {
    switch (peek()) {
      case '{':
        return object([this](std::string) { skip(); });
      case '[':
        return array([this] { skip(); });
      case '"':
        string();
        return;
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        number();
    }
  }

  void end() {
    white_space();
    if (at_ < text_.size()) fail("something follows the value");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw JsonError(what + " (byte " + std::to_string(at_) + ")");
  }

  void white_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  char next() {
    if (at_ >= text_.size()) fail("the text ends too early");
    return text_[at_++];
  }
  char peek() {
    white_space();
    if (at_ >= text_.size()) fail("the text ends too early");
    return text_[at_];
  }
  bool take_if(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take_if(c)) fail(std::string("'") + c + "' expected");
  }
  void enter(char bracket) {
    if (++depth_ > depth_limit) fail("nested too deeply");
    expect(bracket);
  }
  void word(std::string_view wanted) {
    if (text_.substr(at_, wanted.size()) != wanted) fail("an unknown word");
    at_ += wanted.size();
  }

  bool digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }
  void digits() {
    if (!digit()) fail("a digit expected");
    while (digit()) ++at_;
  }
  bool one_of(std::string_view set) {
    if (at_ >= text_.size() || set.find(text_[at_]) == std::string_view::npos) return false;
    ++at_;
    return true;
  }
  std::string_view number() {
    white_space();
    const size_t start = at_;
    one_of("-");
    if (!one_of("0")) digits();
    if (one_of(".")) digits();
    if (one_of("eE")) {
      one_of("+-");
      digits();
    }
    return text_.substr(start, at_ - start);
  }

  uint32_t four_hex() {
    uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = next();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) fail("four hexadecimal digits expected");
      value = value * 16 + uint32_t(digit);
    }
    return value;
  }
  void escape(std::string& value) {
    const char c = next();
    const size_t plain = std::string_view("\"\\/bfnrt").find(c);
    if (plain != std::string_view::npos) {
      value += "\"\\/\b\f\n\r\t"[plain];
      return;
    }
    if (c != 'u') fail("an unknown escape");
    uint32_t code = four_hex();
    if (code >= 0xD800 && code <= 0xDBFF) {
      if (next() != '\\' || next() != 'u') fail("half of a surrogate pair");
      const uint32_t low = four_hex();
      if (low < 0xDC00 || low > 0xDFFF) fail("half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC00 && code <= 0xDFFF) {
      fail("half of a surrogate pair");
    }
    append_utf8(value, code);
  }
  static void append_utf8(std::string& value, uint32_t code) {
    const auto put = [&](uint32_t byte) { value += static_cast<char>(byte); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
      put(0xC0 | code >> 6);
    } else {
      if (code < 0x10000) {
        put(0xE0 | code >> 12);
      } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
      }
      put(0x80 | (code >> 6 & 0x3F));
    }
    put(0x80 | (code & 0x3F));
  }

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace pinxit
