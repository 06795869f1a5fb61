// SPDX-License-Identifier: Apache-2.0
#include "engine/client/cli/shared_files.h"

#include <glib.h>

#include "engine/base/text.h"
#include "engine/client/cli/outputs.h"
#include "engine/client/cli/report.h"
#include "engine/pictures/colour.h"

namespace pinxit {

SharedFile read_shared(const std::string& path) {
  SharedFile file;
  file.like = read_picture(path, [&](int64_t width, int64_t height) {
                file.pixels = SharedPicture::create(width, height).take();
                return file.pixels.span();
              }).take();
  return file;
}

void allow_colours(PictureFile& like) {
  if (!like.grey) return;
  like.grey = false;
  if (is_grey_profile(like.profile)) like.profile.clear();
}

void write_result(const std::string& path, SrgbView pixels, const PictureFile& like, const WriteOptions& options,
                  Report& report) {
  if (like.has_alpha && format_of(path).take() == FileFormat::jpeg)
    report.note(_("JPEG has no transparency: the result lies on white."));
  make_folder_of(path);
  write_picture(path, pixels, like, options).take();
  report.written(path);
}

void write_file(const std::string& path, const std::string& bytes) {
  g_autoptr(GError) problem = nullptr;
  if (g_file_set_contents_full(path.c_str(), bytes.data(), gssize(bytes.size()), G_FILE_SET_CONTENTS_CONSISTENT, 0666,
                               &problem))
    return;
  throw Failure(ErrorCode::file_unwritable,
                format_text(_("The file “%s” cannot be written: %s."), path.c_str(), problem->message),
                _("Check the folder, its permissions and the free space."));
}

}  // namespace pinxit
