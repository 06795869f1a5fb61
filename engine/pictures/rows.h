// SPDX-License-Identifier: Apache-2.0
//
// Pictures pass between the formats' readers and writers (png.cpp, jpeg.cpp, webp.cpp, tiff.cpp) and the painter's
// floats one row at a time, so that no second picture is held in memory.
//
// A row of samples is interleaved (grey or R G B, then straight alpha if any), in this machine's byte order: uint8_t,
// uint16_t or float as the depth says.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/pictures/colour.h"
#include "engine/pictures/files.h"
#include "engine/pictures/problem.h"

namespace pinxit {

/// What a file holds, as stored (before its orientation is applied).
struct FileFacts {
  int64_t width = 0, height = 0;
  bool has_alpha = false, grey = false;
  SampleDepth depth = SampleDepth::bits8;
  std::vector<uint8_t> profile;
  int orientation = 1;

  size_t channels() const { return (grey ? 1u : 3u) + (has_alpha ? 1u : 0u); }
  size_t sample_bytes() const { return depth == SampleDepth::bits8 ? 1 : depth == SampleDepth::bits16 ? 2 : 4; }
  size_t row_bytes() const { return size_t(width) * channels() * sample_bytes(); }
};

/// Takes the rows that a reader decodes and puts them, upright and in sRGB, where the picture is wanted.
class PictureSink {
 public:
  explicit PictureSink(const PicturePlace& place) : place_(place) {}
  /// Before the first row. Refuses sizes too large to be true and profiles that cannot be used.
  void begin(FileFacts facts);
  void row(int64_t y, const void* samples) { row(y, samples, facts_.depth); }
  /// Samples of another depth than the file's, such as floats with more precision.
  void row(int64_t y, const void* samples, SampleDepth depth);
  /// Facts of the finished picture, without pixels.
  PictureFile finish();

 private:
  const PicturePlace& place_;
  FileFacts facts_;
  ColourTransform colour_;
  SrgbSpan target_;
  std::vector<float> scratch_;
};

/// Refuses a picture that claims more pixels than Pinxit takes.
void check_size(int64_t width, int64_t height);
/// Refuses a file that cannot hold what it claims: formats with at most `ratio` bytes for each byte of the file.
void check_claim(const FileFacts& facts, int64_t file_bytes, int64_t ratio);

/// Gives a writer its rows, in the file's own colours and samples.
class PictureRows {
 public:
  PictureRows(SrgbView pixels, const PictureFile& like, FileFormat format);
  const FileFacts& facts() const { return facts_; }
  const void* row(int64_t y);  ///< valid until the next call

 private:
  SrgbView pixels_;
  FileFacts facts_;
  bool over_white_ = false;  ///< the format has no alpha, the picture may
  ColourTransform colour_;
  std::vector<float> scratch_;
  std::vector<uint8_t> packed_;
};

}  // namespace pinxit
