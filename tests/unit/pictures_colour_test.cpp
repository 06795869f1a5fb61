// SPDX-License-Identifier: Apache-2.0
//
// Profiles and orientation of picture files.
#include <lcms2.h>
#include <tiffio.h>

#include <cstring>

#include "engine/pictures/orientation.h"
#include "tests/unit/pictures_desk.h"

namespace pinxit {
namespace {

std::vector<uint8_t> profile_bytes(cmsHPROFILE profile) {
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  std::vector<uint8_t> bytes(size);
  cmsSaveProfileToMem(profile, bytes.data(), &size);
  cmsCloseProfile(profile);
  return bytes;
}

std::vector<uint8_t> prophoto() {
  const cmsCIExyY white = {0.3457, 0.3585, 1};
  const cmsCIExyYTRIPLE colours = {{0.7347, 0.2653, 1}, {0.1596, 0.8404, 1}, {0.0366, 0.0001, 1}};
  cmsToneCurve* curve = cmsBuildGamma(nullptr, 1.8);
  cmsToneCurve* curves[] = {curve, curve, curve};
  cmsHPROFILE profile = cmsCreateRGBProfile(&white, &colours, curves);
  cmsFreeToneCurve(curve);
  return profile_bytes(profile);
}

std::vector<uint8_t> grey_profile(double gamma) {
  cmsToneCurve* curve = cmsBuildGamma(nullptr, gamma);
  cmsHPROFILE profile = cmsCreateGrayProfile(cmsD50_xyY(), curve);
  cmsFreeToneCurve(curve);
  return profile_bytes(profile);
}

TEST_F(picture_files, wide_gamut_survives_there_and_back) {
  const std::vector<uint8_t> profile = prophoto();
  for (const std::string name : {"a.tif", "a.png"}) {
    // Raw samples first: written without the profile, which is then attached by writing through sRGB floats.
    PictureFile raw = make_picture(64, 32, SampleDepth::bits16, false, true);
    for (float& value : raw.pixels.data) value = 0.02f + 0.96f * value;
    for (float& value : raw.pixels.data) value = std::round(value * 65535) / 65535;
    there_and_back("raw.tif", raw);
    TIFF* tiff = TIFFOpen(path("raw.tif").c_str(), "r+");
    TIFFSetField(tiff, TIFFTAG_ICCPROFILE, uint32_t(profile.size()), profile.data());
    TIFFRewriteDirectory(tiff);
    TIFFClose(tiff);

    const PictureFile srgb = read_picture(path("raw.tif")).take();
    EXPECT_EQ(srgb.profile, profile);
    EXPECT_LT(*std::min_element(srgb.pixels.data.begin(), srgb.pixels.data.end()), -0.1f);  // outside sRGB, and kept
    ASSERT_TRUE(write_picture(path(name), srgb));
    PictureFile again = read_picture(path(name)).take();
    EXPECT_EQ(again.profile, profile);
    EXPECT_EQ(again.depth, SampleDepth::bits16);
    again.profile.clear();
    EXPECT_LE(largest_difference(again.pixels.view(), srgb.pixels.view()), 0.01f) << name;

    // In the file's own samples the round trip is good to two steps of 65535.
    PictureFile plain = srgb;
    ASSERT_TRUE(write_picture(path("profiled.tif"), plain));
    tiff = TIFFOpen(path("profiled.tif").c_str(), "r+");
    TIFFUnsetField(tiff, TIFFTAG_ICCPROFILE);
    TIFFRewriteDirectory(tiff);
    TIFFClose(tiff);
    const PictureFile samples = read_picture(path("profiled.tif")).take();
    EXPECT_LE(largest_difference(samples.pixels.view(), raw.pixels.view()), 2.01f / 65535) << name;
  }
}

TEST_F(picture_files, profiles_in_every_format) {
  const std::vector<uint8_t> profile = prophoto();
  PictureFile picture = make_picture(16, 16, SampleDepth::bits8, false, false);
  for (float& value : picture.pixels.data) value = value == 1 ? 1 : 0.5f;
  picture.profile = profile;
  for (const char* name : {"a.png", "a.jpg", "a.webp", "a.tif"}) {
    const PictureFile back = there_and_back(name, picture);
    EXPECT_EQ(back.profile, profile) << name;
    EXPECT_LT(largest_difference(back.pixels.view(), picture.pixels.view()), 0.02f) << name;
  }
  // A profile of more than one JPEG segment.
  picture.profile = profile_bytes(cmsCreate_sRGBProfile());
  picture.profile.resize(200000);
  const uint32_t size = __builtin_bswap32(200000);
  std::memcpy(picture.profile.data(), &size, 4);
  EXPECT_EQ(there_and_back("long.jpg", picture).profile, picture.profile);
}

TEST_F(picture_files, an_srgb_profile_changes_no_sample) {
  PictureFile picture = make_picture(61, 17, SampleDepth::bits16, false, true);
  picture.profile = profile_bytes(cmsCreate_sRGBProfile());
  for (const char* name : {"a.png", "a.tif"}) {
    const PictureFile back = there_and_back(name, picture);
    EXPECT_EQ(back.profile, picture.profile);
    EXPECT_LE(largest_difference(back.pixels.view(), picture.pixels.view()), 1e-7f);
  }
}

TEST_F(picture_files, grey_profiles) {
  PictureFile picture = make_picture(16, 16, SampleDepth::bits16, true, true);
  picture.profile = grey_profile(1.0);
  for (const char* name : {"a.png", "a.tif"}) {
    const PictureFile back = there_and_back(name, picture);
    EXPECT_TRUE(back.grey);
    EXPECT_EQ(back.profile, picture.profile);
    EXPECT_LT(largest_difference(back.pixels.view(), picture.pixels.view()), 0.002f) << name;
  }
  // Linear 0.2 shows as 0.485 in sRGB.
  PictureFile raw = make_picture(1, 1, SampleDepth::bits16, true, false);
  std::fill_n(raw.pixels.data.data(), 3, 0.2f);
  there_and_back("raw.tif", raw);
  TIFF* tiff = TIFFOpen(path("raw.tif").c_str(), "r+");
  TIFFSetField(tiff, TIFFTAG_ICCPROFILE, uint32_t(picture.profile.size()), picture.profile.data());
  TIFFRewriteDirectory(tiff);
  TIFFClose(tiff);
  EXPECT_NEAR(read_picture(path("raw.tif")).take().pixels.data[0], 0.4845f, 0.001f);
}

/// EXIF data with nothing but an orientation.
std::string exif_with(int orientation, bool little) {
  std::string exif = little ? std::string("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18)
                            : std::string("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01", 18);
  exif += little ? std::string{char(orientation), 0, 0, 0} : std::string{0, char(orientation), 0, 0};
  return exif + std::string(4, '\0');
}

/// A PNG chunk with its length and check sum.
std::string png_chunk(const std::string& name_and_data) {
  uint32_t sum = ~0U;
  for (const char c : name_and_data) {
    sum ^= uint8_t(c);
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320U : 0);
  }
  const auto big_endian = [](uint32_t n) { return std::string{char(n >> 24), char(n >> 16), char(n >> 8), char(n)}; };
  return big_endian(uint32_t(name_and_data.size() - 4)) + name_and_data + big_endian(~sum);
}

TEST_F(picture_files, png_gamma_counts_without_a_profile) {
  constexpr size_t after_header = 33;
  PictureFile picture = make_picture(1, 1, SampleDepth::bits16, false, false);
  std::fill_n(picture.pixels.data.data(), 3, 0.2f);
  there_and_back("a.png", picture);
  const std::string png = bytes("a.png");
  const std::string linear = png_chunk(std::string("gAMA\0\x01\x86\xa0", 8)),
                    usual = png_chunk(std::string("gAMA\0\0\xb1\x8f", 8));
  const std::string srgb = png_chunk(std::string("sRGB\0", 5));
  const auto value = [&](const std::string& chunks) {
    write_bytes("b.png", png.substr(0, after_header) + chunks + png.substr(after_header));
    return read_picture(path("b.png")).take().pixels.data[0];
  };
  EXPECT_NEAR(value(linear), 0.4845f, 0.001f);
  EXPECT_NEAR(value(usual), 0.2f, 1e-5f);
  EXPECT_NEAR(value(linear + srgb), 0.2f, 1e-5f);
  // It is written back as a profile: the same colours in another program.
  write_bytes("b.png", png.substr(0, after_header) + linear + png.substr(after_header));
  const PictureFile read = read_picture(path("b.png")).take();
  EXPECT_FALSE(read.profile.empty());
  EXPECT_NEAR(there_and_back("c.tif", read).pixels.data[0], 0.4845f, 0.001f);
}

TEST_F(picture_files, orientation_in_png) {
  constexpr size_t after_header = 33;
  const PictureFile picture = make_picture(7, 4, SampleDepth::bits8, false, false);
  there_and_back("a.png", picture);
  const std::string png = bytes("a.png");
  write_bytes("b.png", png.substr(0, after_header) + png_chunk("eXIf" + exif_with(6, true)) + png.substr(after_header));
  const PictureFile read = read_picture(path("b.png")).take();
  ASSERT_EQ(read.pixels.width, 4);
  for (int64_t y = 0; y < 4; ++y)
    for (int64_t x = 0; x < 7; ++x)
      EXPECT_EQ(read.pixels.view().row(x)[4 * (3 - y)], picture.pixels.view().row(y)[4 * x]);
}

TEST_F(picture_files, colours_become_grey_of_the_same_light) {
  PictureFile picture = make_picture(1, 1, SampleDepth::bits8, true, false);
  const float red[] = {1, 0, 0, 1};
  std::copy_n(red, 4, picture.pixels.data.data());
  EXPECT_NEAR(there_and_back("a.png", picture).pixels.data[0], 0.498f, 0.003f);  // 21 % of the light
}

TEST_F(picture_files, unusable_profiles_are_refused) {
  PictureFile picture = make_picture(4, 4, SampleDepth::bits8, false, false);
  there_and_back("a.tif", picture);
  const std::string broken(300, 'x');
  for (const auto& bytes : {std::vector<uint8_t>(broken.begin(), broken.end()), grey_profile(2.2)}) {
    TIFF* tiff = TIFFOpen(path("a.tif").c_str(), "r+");
    TIFFSetField(tiff, TIFFTAG_ICCPROFILE, uint32_t(bytes.size()), bytes.data());
    TIFFRewriteDirectory(tiff);
    TIFFClose(tiff);
    const auto read = read_picture(path("a.tif"));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::picture_unsupported);
    EXPECT_FALSE(read.error().hint.empty());
  }
}

/// The corner (of 0: top left, 1: top right, 2: bottom right, 3: bottom left) where the bright pixel is.
int bright_corner(const PictureFile& file) {
  const int64_t w = file.pixels.width, h = file.pixels.height;
  const auto value = [&](int64_t x, int64_t y) { return file.pixels.data[size_t(4 * (y * w + x))]; };
  if (value(0, 0) > 0.5f) return 0;
  if (value(w - 1, 0) > 0.5f) return 1;
  return value(w - 1, h - 1) > 0.5f ? 2 : value(0, h - 1) > 0.5f ? 3 : -1;
}

TEST_F(picture_files, orientation_is_applied) {
  // Where the stored top left corner, and the stored top right corner, are seen; from the EXIF standard.
  const int first[] = {0, 1, 2, 3, 0, 1, 2, 3}, second[] = {1, 0, 3, 2, 3, 2, 1, 0};
  for (int right = 0; right < 2; ++right) {
    PictureFile picture = make_picture(48, 32, SampleDepth::bits8, false, false);
    for (int64_t y = 0; y < 32; ++y)
      for (int64_t x = 0; x < 48; ++x)
        std::fill_n(picture.pixels.span().row(y) + 4 * x, 3, y < 16 && (x < 24) == (right == 0) ? 1.0f : 0.0f);
    there_and_back("a.jpg", picture);
    there_and_back("a.tif", picture);
    const std::string jpeg = bytes("a.jpg");
    for (int orientation = 1; orientation <= 8; ++orientation) {
      const std::string body = std::string("Exif\0\0", 6) + exif_with(orientation, orientation % 2);
      write_bytes("turned.jpg",
                  jpeg.substr(0, 2) + "\xff\xe1" + char(0) + char(body.size() + 2) + body + jpeg.substr(2));
      TIFF* tiff = TIFFOpen(path("a.tif").c_str(), "r+");
      TIFFSetField(tiff, TIFFTAG_ORIENTATION, orientation);
      TIFFRewriteDirectory(tiff);
      TIFFClose(tiff);
      for (const char* name : {"turned.jpg", "a.tif"}) {
        const PictureFile read = read_picture(path(name)).take();
        EXPECT_EQ(read.pixels.width, orientation < 5 ? 48 : 32) << name << orientation;
        EXPECT_EQ(bright_corner(read), (right ? second : first)[orientation - 1]) << name << orientation;
      }
    }
  }
}

TEST(orientation, broken_exif_means_upright) {
  const std::string good = exif_with(6, true);
  const auto orientation = [](const std::string& text) {
    return exif_orientation(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  };
  EXPECT_EQ(orientation(good), 6);
  EXPECT_EQ(orientation(exif_with(9, true)), 1);
  EXPECT_EQ(orientation(exif_with(0, false)), 1);
  for (size_t size = 0; size < 20; ++size) EXPECT_EQ(orientation(good.substr(0, size)), 1) << size;
  std::string far = good;
  far[4] = far[5] = far[6] = far[7] = '\xff';
  EXPECT_EQ(orientation(far), 1);
}

}  // namespace
}  // namespace pinxit
