// SPDX-License-Identifier: Apache-2.0
//
// The formats, one file each. Readers decode from the file's first byte into a sink, writers encode to an open, empty
// file. All throw PictureProblem; damage of any kind, also a missing end, is a problem and never half a picture.
#pragma once

#include <cstdio>
#include <stdexcept>
#include <string>

#include "engine/pictures/rows.h"

namespace pinxit {

void read_png(FILE* file, PictureSink& sink);
void read_jpeg(FILE* file, PictureSink& sink);
void read_webp(FILE* file, PictureSink& sink);
void read_tiff(const std::string& path, PictureSink& sink);

void write_png(FILE* file, PictureRows& rows);
void write_jpeg(FILE* file, PictureRows& rows, int quality);
void write_webp(FILE* file, PictureRows& rows, int quality);
void write_tiff(FILE* file, PictureRows& rows);

int64_t file_bytes(FILE* file);

/// What a format's library said, in its own English words; the formats' files make a PictureProblem of it.
struct LibraryError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] void damaged(const std::string& reason);                                    ///< file_unreadable
[[noreturn]] void unwritable(const std::string& reason);                                 ///< file_unwritable
[[noreturn]] void unsupported(const std::string& reason, const std::string& hint = {});  ///< picture_unsupported

}  // namespace pinxit
