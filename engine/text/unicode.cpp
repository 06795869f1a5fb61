// SPDX-License-Identifier: Apache-2.0
#include "engine/text/unicode.h"

#include <gio/gio.h>

#include <memory>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

struct Free {
  void operator()(gchar* text) const { g_free(text); }
  void operator()(GObject* object) const { g_object_unref(object); }
};
using Text = std::unique_ptr<gchar, Free>;
using Object = std::unique_ptr<GObject, Free>;

std::string unpacked(const std::string& packed, const std::string& path, size_t limit) {
  const Object source(G_OBJECT(g_memory_input_stream_new_from_data(packed.data(), gssize(packed.size()), nullptr)));
  const Object converter(G_OBJECT(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP)));
  const Object stream(
      G_OBJECT(g_converter_input_stream_new(G_INPUT_STREAM(source.get()), G_CONVERTER(converter.get()))));
  std::string text;
  char block[1 << 16];
  for (;;) {
    const gssize size = g_input_stream_read(G_INPUT_STREAM(stream.get()), block, sizeof block, nullptr, nullptr);
    if (size == 0) return text;
    if (size < 0 || text.size() + size_t(size) > limit)
      throw Failure(ErrorCode::model_damaged, format_text(_("“%s” is not a sound gzip file."), path.c_str()),
                    _("Download or copy the file again."));
    text.append(block, size_t(size));
  }
}

/// GLib's mapping leaves out what is no letter: Roman numerals and circled letters.
gunichar lowered(gunichar character) {
  if (character == 0x130) return 'i';
  if (character >= 0x2160 && character <= 0x216F) return character + 16;
  if (character >= 0x24B6 && character <= 0x24CF) return character + 26;
  return g_unichar_tolower(character);
}

}  // namespace

void check_utf8(std::string_view text) {
  if (!g_utf8_validate_len(text.data(), text.size(), nullptr))
    throw Failure(ErrorCode::bad_argument, _("The prompt is not UTF-8 text."), _("Type or paste it again."));
}

std::string lower_case(std::string_view text) {
  std::string lower;
  lower.reserve(text.size());
  for (const char* at = text.data(); at < text.data() + text.size(); at = g_utf8_next_char(at)) {
    const gunichar character = g_utf8_get_char(at);
    char bytes[6];
    lower.append(bytes, size_t(g_unichar_to_utf8(lowered(character), bytes)));
    if (character == 0x130) lower += "\xCC\x87";
  }
  return lower;
}

std::string composed(std::string_view text) {
  const Text normal(g_utf8_normalize(text.data(), gssize(text.size()), G_NORMALIZE_NFC));
  if (!normal) throw Failure(ErrorCode::bad_argument, _("The prompt is not UTF-8 text."), _("Type or paste it again."));
  return normal.get();
}

Pattern::Pattern(const char* pattern) {
  GError* problem = nullptr;
  regex_ = g_regex_new(pattern, G_REGEX_OPTIMIZE, GRegexMatchFlags(0), &problem);
  if (!regex_) {
    const std::string message = problem->message;
    g_error_free(problem);
    throw Failure(ErrorCode::internal, message);
  }
}
Pattern::Pattern(Pattern&& other) noexcept : regex_(std::exchange(other.regex_, nullptr)) {}
Pattern& Pattern::operator=(Pattern&& other) noexcept {
  std::swap(regex_, other.regex_);
  return *this;
}
Pattern::~Pattern() {
  if (regex_) g_regex_unref(regex_);
}

std::vector<std::string_view> Pattern::matches(std::string_view text) const {
  std::vector<std::string_view> found;
  GMatchInfo* match = nullptr;
  GError* problem = nullptr;
  g_regex_match_full(regex_, text.data(), gssize(text.size()), 0, GRegexMatchFlags(0), &match, &problem);
  while (!problem && g_match_info_matches(match)) {
    gint begin = 0, end = 0;
    g_match_info_fetch_pos(match, 0, &begin, &end);
    found.push_back(text.substr(size_t(begin), size_t(end - begin)));
    g_match_info_next(match, &problem);
  }
  g_match_info_free(match);
  if (problem) {
    const std::string message = problem->message;
    g_error_free(problem);
    throw Failure(ErrorCode::internal, message);
  }
  return found;
}

std::string read_text_file(const std::string& path, size_t limit) {
  gchar* contents = nullptr;
  gsize size = 0;
  GError* problem = nullptr;
  if (!g_file_test(path.c_str(), G_FILE_TEST_EXISTS))
    throw Failure(ErrorCode::model_missing, format_text(_("There is no file “%s”."), path.c_str()),
                  _("Install the model again."));
  if (!g_file_get_contents(path.c_str(), &contents, &size, &problem)) {
    const std::string reason = problem->message;
    g_error_free(problem);
    throw Failure(ErrorCode::file_unreadable,
                  format_text(_("The file “%s” cannot be read: %s."), path.c_str(), reason.c_str()),
                  _("Check the file's name and that you may read it."));
  }
  const Text owner(contents);
  const std::string text(contents, size);
  if (text.starts_with("\x1F\x8B")) return unpacked(text, path, limit);
  if (size > limit)
    throw Failure(ErrorCode::model_damaged, format_text(_("The file “%s” is too large."), path.c_str()),
                  _("This may be another kind of file."));
  return text;
}

}  // namespace pinxit
