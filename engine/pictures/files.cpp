// SPDX-License-Identifier: Apache-2.0
#include "engine/pictures/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>

#include "engine/base/text.h"
#include "engine/pictures/codecs.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

struct CloseFile {
  void operator()(FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

/// Runs `work`; problems become sentences that name the file.
template <class Work>
auto with_name(const std::string& path, const char* sentence, const char* usual_hint, Work&& work) {
  try {
    return work();
  } catch (const PictureProblem& problem) {
    throw Failure(problem.code, format_text(sentence, path.c_str(), problem.what()),
                  problem.hint.empty() ? usual_hint : problem.hint);
  }
}

File open_to_read(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) damaged(_("it is a folder"));
  // Not blocking: a pipe without a writer is no picture, and nothing to wait for.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    throw PictureProblem(ErrorCode::file_unreadable, std::strerror(errno),
                         _("Check the file's name and that you may read it."));
  return File(::fdopen(descriptor, "rb"));
}

FileFormat format_by_content(FILE* file) {
  char bytes[12] = {};
  const size_t size = std::fread(bytes, 1, sizeof bytes, file);
  std::rewind(file);
  const std::string_view start(bytes, size);
  if (size == 0) damaged(_("it is empty"));
  if (start.starts_with("\x89PNG\r\n\x1a\n")) return FileFormat::png;
  if (start.starts_with("\xff\xd8\xff")) return FileFormat::jpeg;
  if (start.starts_with("RIFF") && size == 12 && start.substr(8) == "WEBP") return FileFormat::webp;
  for (const std::string_view tiff : {std::string_view("II*\0", 4), std::string_view("MM\0*", 4),
                                      std::string_view("II+\0", 4), std::string_view("MM\0+", 4)})
    if (start.starts_with(tiff)) return FileFormat::tiff;
  throw PictureProblem(ErrorCode::file_unreadable, _("it is no PNG, JPEG, WebP or TIFF picture"),
                       _("Open it in GIMP and export it in one of these formats."));
}

void decode(const std::string& path, PictureSink& sink) {
  const File file = open_to_read(path);
  switch (format_by_content(file.get())) {
    case FileFormat::png:
      return read_png(file.get(), sink);
    case FileFormat::jpeg:
      return read_jpeg(file.get(), sink);
    case FileFormat::webp:
      return read_webp(file.get(), sink);
    case FileFormat::tiff:
      return read_tiff(path, sink);
  }
}

void encode(FILE* file, FileFormat format, PictureRows& rows, int quality) {
  switch (format) {
    case FileFormat::png:
      return write_png(file, rows);
    case FileFormat::jpeg:
      return write_jpeg(file, rows, quality);
    case FileFormat::webp:
      return write_webp(file, rows, quality);
    case FileFormat::tiff:
      return write_tiff(file, rows);
  }
}

/// A file beside `path` that takes its place when it is complete, and vanishes otherwise.
class Replacement {
 public:
  explicit Replacement(const std::string& path) {
    std::error_code none;
    const fs::path real = fs::canonical(path, none);  // the file behind a link is replaced, not the link
    target_ = none ? path : real.string();
    temporary_ = target_ + ".XXXXXX";
    const int descriptor = ::mkostemp(temporary_.data(), O_CLOEXEC);
    if (descriptor < 0) unwritable(std::strerror(errno));
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(descriptor, 0666 & ~mask);
    file_.reset(::fdopen(descriptor, "w+b"));
  }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;
  ~Replacement() {
    if (!done_) ::unlink(temporary_.c_str());
  }
  FILE* file() const { return file_.get(); }
  void finish() {
    if (std::fclose(file_.release()) != 0 || ::rename(temporary_.c_str(), target_.c_str()) != 0)
      unwritable(std::strerror(errno));
    done_ = true;
  }

 private:
  std::string target_, temporary_;
  File file_;
  bool done_ = false;
};

}  // namespace

void damaged(const std::string& reason) {
  throw PictureProblem(ErrorCode::file_unreadable, reason);
}
void unwritable(const std::string& reason) {
  throw PictureProblem(ErrorCode::file_unwritable, reason);
}
void unsupported(const std::string& reason, const std::string& hint) {
  throw PictureProblem(ErrorCode::picture_unsupported, reason, hint);
}

int64_t file_bytes(FILE* file) {
  struct stat facts {};
  return ::fstat(::fileno(file), &facts) == 0 ? int64_t(facts.st_size) : 0;
}

Result<FileFormat> format_of(const std::string& path) {
  std::string ending = fs::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  if (ending == ".png") return FileFormat::png;
  if (ending == ".jpg" || ending == ".jpeg") return FileFormat::jpeg;
  if (ending == ".webp") return FileFormat::webp;
  if (ending == ".tif" || ending == ".tiff") return FileFormat::tiff;
  return Error{ErrorCode::bad_argument,
               format_text(_("The name “%s” does not say which format the picture is to have."), path.c_str()),
               _("Let it end in .png, .jpg, .webp or .tif.")};
}

Result<PictureFile> read_picture(const std::string& path, const PicturePlace& place) {
  return guarded([&] {
    return with_name(path, _("The picture “%s” cannot be read: %s."),
                     _("Check that it opens elsewhere; if it does, export it again from GIMP."), [&] {
                       PictureSink sink(place);
                       decode(path, sink);
                       return sink.finish();
                     });
  });
}

Result<PictureFile> read_picture(const std::string& path) {
  SrgbPicture pixels;
  auto file = read_picture(path, [&](int64_t width, int64_t height) {
    pixels = SrgbPicture(width, height);
    return pixels.span();
  });
  if (file) file->pixels = std::move(pixels);
  return file;
}

Status write_picture(const std::string& path, SrgbView pixels, const PictureFile& like, const WriteOptions& options) {
  return guarded([&] {
    const FileFormat format = format_of(path).take();
    return with_name(path, _("The picture “%s” cannot be written: %s."),
                     _("Check the folder, its permissions and the free space."), [&] {
                       check_size(pixels.width, pixels.height);
                       PictureRows rows(pixels, like, format);
                       Replacement replacement(path);
                       encode(replacement.file(), format, rows, std::clamp(options.quality, 1, 100));
                       replacement.finish();
                       return Nothing{};
                     });
  });
}

Status write_picture(const std::string& path, const PictureFile& picture, const WriteOptions& options) {
  return write_picture(path, picture.pixels.view(), picture, options);
}

}  // namespace pinxit
