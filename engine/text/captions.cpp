// SPDX-License-Identifier: Apache-2.0
#include "engine/text/captions.h"

#include <glib.h>

#include "engine/base/text.h"
#include "engine/text/lines.h"

namespace pinxit {
namespace {

constexpr gsize size_limit = 1 << 20;
constexpr size_t captions_limit = 10'000;

Failure unreadable(const std::string& path, const std::string& reason) {
  return {ErrorCode::file_unreadable,
          format_text(_("The captions in “%s” cannot be read: %s."), path.c_str(), reason.c_str()),
          _("Choose a text file (UTF-8) with one caption on each line.")};
}

std::string stripped(std::string line) {
  g_strstrip(line.data());
  line.resize(std::char_traits<char>::length(line.c_str()));
  return line;
}

}  // namespace

Result<std::vector<Caption>> read_captions(const std::string& path) {
  return guarded([&] {
    gchar* contents = nullptr;
    gsize size = 0;
    GError* problem = nullptr;
    if (!g_file_get_contents(path.c_str(), &contents, &size, &problem)) {
      const std::string reason = problem->message;
      g_error_free(problem);
      throw unreadable(path, reason);
    }
    const std::string text(contents, size);
    g_free(contents);
    if (size > size_limit) throw unreadable(path, _("it is larger than 1 MB"));
    std::vector<Caption> captions;
    int number = 0;
    for (const std::string& line : text_lines(text)) {
      ++number;
      if (!g_utf8_validate_len(line.data(), line.size(), nullptr))
        throw unreadable(path, format_text(_("line %d is not UTF-8 text"), number));
      if (auto caption = stripped(line); !caption.empty()) captions.push_back({number, std::move(caption)});
    }
    if (captions.empty())
      throw Failure(ErrorCode::bad_argument, format_text(_("There is no caption in “%s”."), path.c_str()),
                    _("Choose a text file (UTF-8) with one caption on each line."));
    if (captions.size() > captions_limit) throw unreadable(path, _("it has more than 10,000 captions"));
    return captions;
  });
}

}  // namespace pinxit
