// SPDX-License-Identifier: Apache-2.0
//
// Picture files in and out: PNG, JPEG, WebP and TIFF, 8 and 16 bit and float, through the formats' own libraries.
// Reading applies EXIF orientation and converts an embedded ICC profile to sRGB (lcms2, relative colorimetric with
// black point compensation; values outside 0..1 of a wide gamut are kept in float). Writing converts back to the
// source's profile and precision as far as the format can hold them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/pixels.h"

namespace pinxit {

enum class FileFormat { png, jpeg, webp, tiff };
enum class SampleDepth { bits8, bits16, float32 };

struct PictureFile {
  SrgbPicture pixels;  ///< upright, sRGB, straight alpha (1 where the file has none)
  bool has_alpha = false;
  bool grey = false;  ///< the file had one colour channel
  SampleDepth depth = SampleDepth::bits8;
  std::vector<uint8_t> profile;  ///< embedded ICC profile, empty if none
};

/// Errors: file_unreadable (missing, damaged, not a picture, too large to be true), picture_unsupported (a profile
/// that cannot be used, CMYK).
Result<PictureFile> read_picture(const std::string& path);

/// Where the pixels of a picture of this size are to go, for instance into shared memory. May throw a Failure.
using PicturePlace = std::function<SrgbSpan(int64_t width, int64_t height)>;
/// As above, decoded row by row straight into `place(width, height)`; `pixels` of the result stays empty.
Result<PictureFile> read_picture(const std::string& path, const PicturePlace& place);

struct WriteOptions {
  int quality = 95;  ///< JPEG and WebP
};

/// The format follows the name's ending (.png .jpg .jpeg .webp .tif .tiff). Written to a temporary file beside the
/// target and renamed, so a failure leaves nothing. Alpha over white where the format has none (JPEG).
/// Where the format cannot hold `depth` the next best is taken (PNG: 16 bit for float; JPEG, WebP: 8 bit); integers are
/// rounded to nearest, half to even, after clamping. JPEG and WebP of `quality` 100: least loss, and none with WebP.
/// Errors: bad_argument (unknown ending), file_unwritable, picture_unsupported (a profile that cannot be used).
Status write_picture(const std::string& path, const PictureFile& picture, const WriteOptions& options = {});
/// As above with the pixels from elsewhere: `like` says alpha, grey, depth and profile.
Status write_picture(const std::string& path, SrgbView pixels, const PictureFile& like,
                     const WriteOptions& options = {});

/// Format by ending; error bad_argument.
Result<FileFormat> format_of(const std::string& path);

}  // namespace pinxit
