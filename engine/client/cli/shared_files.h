// SPDX-License-Identifier: Apache-2.0
//
// Picture files straight into shared memory, and results back into files that are like their source.
#pragma once

#include <string>

#include "engine/client/engine_client.h"
#include "engine/pictures/files.h"

namespace pinxit {

class Report;

struct SharedFile {
  SharedPicture pixels;
  PictureFile like;  ///< without pixels: what a result's file is to be like
};

/// Throws what read_picture tells, and out_of_memory.
SharedFile read_shared(const std::string& path);

/// A painted picture is one of colours, also when its source is grey.
void allow_colours(PictureFile& like);

/// Makes the folder if it is missing, and tells what the format cannot hold.
void write_result(const std::string& path, SrgbView pixels, const PictureFile& like, const WriteOptions& options,
                  Report& report);

/// A small file, which is there completely or not at all. Throws file_unwritable.
void write_file(const std::string& path, const std::string& bytes);

}  // namespace pinxit
