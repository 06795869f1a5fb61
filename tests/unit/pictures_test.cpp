// SPDX-License-Identifier: Apache-2.0
//
// Picture files: every format, depth and kind of channels there and back.
#include <tiffio.h>

#include "tests/unit/pictures_desk.h"

namespace pinxit {
namespace {

TEST_F(picture_files, lossless_formats_keep_everything) {
  struct Size {
    int64_t width, height;
  };
  for (const Size size : {Size{1, 1}, Size{257, 259}, Size{1, 300}, Size{5000, 3}})
    for (const SampleDepth depth : {SampleDepth::bits8, SampleDepth::bits16, SampleDepth::float32})
      for (const bool grey : {false, true})
        for (const bool alpha : {false, true})
          for (const std::string name : {"a.png", "a.tif", "a.TIFF", "a.webp"}) {
            if (name == "a.webp" && (grey || depth != SampleDepth::bits8)) continue;
            if (name == "a.png" && depth == SampleDepth::float32) continue;
            const PictureFile picture = make_picture(size.width, size.height, depth, grey, alpha);
            const PictureFile back = there_and_back(name, picture);
            SCOPED_TRACE(name + " " + std::to_string(size.width) + " " + std::to_string(int(depth)) +
                         (grey ? " grey" : "") + (alpha ? " alpha" : ""));
            EXPECT_LE(largest_difference(back.pixels.view(), picture.pixels.view()),
                      depth == SampleDepth::float32 ? 0 : 1e-7f);
            EXPECT_EQ(back.depth, depth);
            EXPECT_EQ(back.grey, grey);
            // A WebP file whose alpha is 1 everywhere has none.
            EXPECT_EQ(back.has_alpha, alpha);
            EXPECT_TRUE(back.profile.empty());
          }
}

TEST_F(picture_files, lossy_formats_come_close) {
  PictureFile picture = make_picture(67, 41, SampleDepth::bits8, false, false);
  for (int64_t y = 0; y < 41; ++y)
    for (int64_t x = 0; x < 67; ++x) {
      float* pixel = picture.pixels.span().row(y) + 4 * x;
      pixel[0] = float(x) / 66, pixel[1] = float(y) / 40, pixel[2] = 0.5f;
    }
  for (const char* name : {"a.jpg", "a.jpeg", "a.webp"}) {
    const PictureFile back = there_and_back(name, picture, 95);
    EXPECT_LT(largest_difference(back.pixels.view(), picture.pixels.view()), 0.05f) << name;
    EXPECT_FALSE(back.has_alpha || back.grey) << name;
    EXPECT_EQ(back.depth, SampleDepth::bits8);
  }
  const auto size = [&](int quality) {
    there_and_back("q.jpg", picture, quality);
    return std::filesystem::file_size(path("q.jpg"));
  };
  EXPECT_LT(size(30), size(95));
  picture = make_picture(33, 20, SampleDepth::bits8, true, false);
  for (float& value : picture.pixels.data) value = value == 1 ? 1 : 0.25f;
  const PictureFile grey = there_and_back("grey.jpg", picture);
  EXPECT_TRUE(grey.grey);
  EXPECT_LT(largest_difference(grey.pixels.view(), picture.pixels.view()), 0.01f);
}

TEST_F(picture_files, formats_take_the_nearest_they_can_hold) {
  PictureFile picture = make_picture(9, 5, SampleDepth::float32, false, true);
  const PictureFile png = there_and_back("a.png", picture);
  EXPECT_EQ(png.depth, SampleDepth::bits16);
  for (size_t i = 0; i < picture.pixels.data.size(); ++i)
    EXPECT_NEAR(png.pixels.data[i], std::clamp(picture.pixels.data[i], 0.0f, 1.0f), 0.5f / 65535 + 1e-6f);

  picture = make_picture(2, 1, SampleDepth::bits8, false, true);
  const float clear_and_half[] = {1, 0, 0, 0, 0, 0, 1, 0.5f};
  std::copy_n(clear_and_half, 8, picture.pixels.data.data());
  const PictureFile jpeg = there_and_back("a.jpg", picture);
  EXPECT_FALSE(jpeg.has_alpha);
  EXPECT_NEAR(jpeg.pixels.data[0], 1, 0.03);
  EXPECT_NEAR(jpeg.pixels.data[1], 1, 0.03);
  EXPECT_NEAR(jpeg.pixels.data[4], 0.5, 0.03);
  EXPECT_NEAR(jpeg.pixels.data[6], 1, 0.03);
}

TEST_F(picture_files, eight_bits_round_half_to_even) {
  PictureFile picture = make_picture(6, 1, SampleDepth::bits8, false, false);
  const float values[] = {0.5f / 255, 1.5f / 255, 2.5f / 255, -3, 7, NAN};
  const int rounded[] = {0, 2, 2, 0, 255, 0};
  for (int i = 0; i < 6; ++i) std::fill_n(picture.pixels.data.data() + 4 * i, 3, values[i]);
  const PictureFile back = there_and_back("a.png", picture);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(std::lround(back.pixels.data[4 * i] * 255), rounded[i]) << i;
}

TEST_F(picture_files, tiff_tiles_planes_and_other_kinds) {
  const int width = 70, height = 53;
  const auto value = [](int x, int y, int c) { return uint16_t(x * 500 + y * 400 + c * 9000); };
  const auto write = [&](const std::string& name, bool tiles, bool planar, int extra) {
    TIFF* tiff = TIFFOpen(path(name).c_str(), "w");
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 4);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 16);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_LZW);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    const uint16_t kind = uint16_t(extra);
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
    const int samples = planar ? 1 : 4, planes = planar ? 4 : 1;
    const auto sample = [&](int x, int y, int c) { return c == 3 ? uint16_t(32768) : uint16_t(value(x, y, c) / 2); };
    if (tiles) {
      TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 32);
      TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
      std::vector<uint16_t> tile(size_t(32 * 16 * samples));
      for (int plane = 0; plane < planes; ++plane)
        for (int y = 0; y < height; y += 16)
          for (int x = 0; x < width; x += 32) {
            for (int i = 0; i < 32 * 16; ++i)
              for (int c = 0; c < samples; ++c)
                tile[size_t(i * samples + c)] = sample(x + i % 32, y + i / 32, plane + c);
            TIFFWriteTile(tiff, tile.data(), uint32_t(x), uint32_t(y), 0, uint16_t(plane));
          }
    } else {
      TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 20);
      std::vector<uint16_t> row(size_t(width * samples));
      for (int plane = 0; plane < planes; ++plane)
        for (int y = 0; y < height; ++y) {
          for (int x = 0; x < width; ++x)
            for (int c = 0; c < samples; ++c) row[size_t(x * samples + c)] = sample(x, y, plane + c);
          TIFFWriteScanline(tiff, row.data(), uint32_t(y), uint16_t(plane));
        }
    }
    TIFFClose(tiff);
  };
  for (const bool tiles : {false, true})
    for (const bool planar : {false, true})
      for (const int extra : {EXTRASAMPLE_ASSOCALPHA, EXTRASAMPLE_UNASSALPHA}) {
        SCOPED_TRACE(std::string(tiles ? "tiles " : "strips ") + (planar ? "planar " : "") + std::to_string(extra));
        write("kind.tif", tiles, planar, extra);
        const PictureFile read = read_picture(path("kind.tif")).take();
        ASSERT_EQ(read.pixels.width, width);
        ASSERT_EQ(read.pixels.height, height);
        EXPECT_TRUE(read.has_alpha);
        EXPECT_EQ(read.depth, SampleDepth::bits16);
        const double alpha = 32768 / 65535.0;
        for (int y = 0; y < height; ++y)
          for (int x = 0; x < width; ++x) {
            const float* pixel = read.pixels.view().row(y) + 4 * x;
            const double stored = (value(x, y, 1) / 2) / 65535.0;
            ASSERT_NEAR(pixel[1], extra == EXTRASAMPLE_ASSOCALPHA ? stored / alpha : stored, 1e-6) << x << " " << y;
            ASSERT_NEAR(pixel[3], alpha, 1e-6);
          }
      }

  TIFF* tiff = TIFFOpen(path("bits.tif").c_str(), "w");
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 8);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 1);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISWHITE);
  unsigned char bits = 0xB2;
  TIFFWriteScanline(tiff, &bits, 0, 0);
  TIFFClose(tiff);
  const PictureFile read = read_picture(path("bits.tif")).take();
  EXPECT_TRUE(read.grey);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(read.pixels.data[size_t(4 * i)], (0xB2 >> (7 - i) & 1) ? 0.0f : 1.0f) << i;
}

TEST_F(picture_files, pixels_go_where_they_are_wanted) {
  const PictureFile picture = make_picture(21, 12, SampleDepth::bits8, false, true);
  there_and_back("a.png", picture);
  SrgbPicture own;
  const PictureFile read = read_picture(path("a.png"), [&](int64_t width, int64_t height) {
                             own = SrgbPicture(width, height);
                             return own.span();
                           }).take();
  EXPECT_TRUE(read.pixels.data.empty());
  EXPECT_LE(largest_difference(own.view(), picture.pixels.view()), 1e-7f);
  const auto refused = read_picture(
      path("a.png"), [](int64_t, int64_t) -> SrgbSpan { throw Failure(ErrorCode::out_of_memory, "no room"); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::out_of_memory);
}

}  // namespace
}  // namespace pinxit
