// SPDX-License-Identifier: Apache-2.0
//
// Pictures as the gallery keeps them: R'G'B'A of 16 bits, losslessly compressed. Values outside 0..1 are clamped, NaN
// becomes 0; inside, a value comes back within 1/131070.
//
//     std::vector<uint8_t> blob = encode_picture(view);
//     SrgbPicture picture = decode_picture(blob);
//     const int64_t bytes = write_picture_file("…/result", view);   // there completely, or not at all
//
// Form: "PXIT", then version (1), width and height as little-endian uint32, then a zlib stream of rows. In a row, each
// channel's differences to the pixel on the left (mod 65536): first all high bytes, then all low bytes.
// Thrown are Failures: file_unwritable, file_unreadable.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/pixels.h"

namespace pinxit {

std::vector<uint8_t> encode_picture(SrgbView picture);
SrgbPicture decode_picture(std::span<const uint8_t> coded);

/// Written as "path.XXXXXX.part" and renamed. Gives the size of the file.
int64_t write_picture_file(const std::string& path, SrgbView picture);
SrgbPicture read_picture_file(const std::string& path);

}  // namespace pinxit
