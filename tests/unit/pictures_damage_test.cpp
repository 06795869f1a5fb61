// SPDX-License-Identifier: Apache-2.0
//
// Damaged, missing and huge picture files, and writes that fail.
#include <sys/resource.h>
#include <tiffio.h>

#include <csignal>

#include "tests/unit/pictures_desk.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

TEST_F(picture_files, damage_is_noticed) {
  const PictureFile picture = make_picture(200, 150, SampleDepth::bits8, false, false);
  for (const std::string name : {"a.png", "a.jpg", "a.webp", "a.tif"}) {
    there_and_back(name, picture, 90);
    const std::string whole = bytes(name);
    for (const double share : {0.0, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99}) {
      const std::string cut = whole.substr(0, size_t(double(whole.size()) * share));
      write_bytes("cut-" + name, cut);
      const auto read = read_picture(path("cut-" + name));
      ASSERT_FALSE(read) << name << " " << share;
      EXPECT_EQ(read.error().code, ErrorCode::file_unreadable) << name << " " << share;
      EXPECT_FALSE(read.error().hint.empty());
    }
    // Any damage gives a picture or an error, never a crash.
    std::mt19937 random(11);
    for (int i = 0; i < 60; ++i) {
      std::string changed = whole;
      for (int k = 0; k < 4; ++k)
        changed[random() % (i % 2 ? changed.size() : std::min<size_t>(300, changed.size()))] = char(random());
      write_bytes("changed-" + name, changed);
      const auto read = read_picture(path("changed-" + name));
      EXPECT_TRUE(read || !read.error().sentence.empty());
    }
  }
  std::string noise(5000, '\0');
  std::mt19937 random(3);
  for (char& c : noise) c = char(random());
  for (const std::string start : {"", "\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "RIFF....WEBP"}) {
    write_bytes("noise", start + noise);
    EXPECT_FALSE(read_picture(path("noise")));
  }
  write_bytes("noise", std::string("II*\0", 4) + noise);
  EXPECT_FALSE(read_picture(path("noise")));
}

TEST_F(picture_files, missing_and_huge_pictures) {
  for (const std::string& name : {path("none.png"), folder.string()}) {
    const auto read = read_picture(name);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::file_unreadable);
  }
  // A header that promises 60000 × 60000 pixels, and one that promises 30000 × 30000 without data for them.
  const PictureFile picture = make_picture(3, 3, SampleDepth::bits8, false, false);
  TIFF* tiff = TIFFOpen(path("huge.tif").c_str(), "w");
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 60000);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 60000);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
  unsigned char row[60000] = {};
  TIFFWriteScanline(tiff, row, 0, 0);
  TIFFClose(tiff);
  EXPECT_FALSE(read_picture(path("huge.tif")));
  there_and_back("a.jpg", picture);
  std::string jpeg = bytes("a.jpg");
  const size_t frame = jpeg.find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  jpeg.replace(frame + 5, 4, "\x75\x30\x75\x30");
  write_bytes("huge.jpg", jpeg);
  const auto read = read_picture(path("huge.jpg"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::file_unreadable);
}

TEST_F(picture_files, failed_writes_leave_nothing) {
  const PictureFile picture = make_picture(300, 200, SampleDepth::bits16, false, false);
  const auto code = [&](const std::string& name) {
    const Status written = write_picture(name, picture);
    return written ? std::string("fine") : std::string(error_name(written.error().code));
  };
  EXPECT_EQ(code(path("none/a.png")), "file-unwritable");
  EXPECT_EQ(code(path("a.gif")), "bad-argument");
  EXPECT_EQ(code(path("png")), "bad-argument");

  // A full disk, as this process sees it.
  write_bytes("old.png", "old");
  std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit usual {};
  getrlimit(RLIMIT_FSIZE, &usual);
  struct rlimit full = usual;
  full.rlim_cur = 20000;
  setrlimit(RLIMIT_FSIZE, &full);
  std::vector<std::string> codes;
  for (const char* name : {"old.png", "a.jpg", "a.webp", "a.tif"}) codes.push_back(code(path(name)));
  setrlimit(RLIMIT_FSIZE, &usual);
  EXPECT_EQ(codes, std::vector<std::string>(4, "file-unwritable"));
  EXPECT_EQ(bytes("old.png"), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
  EXPECT_EQ(code(path("old.png")), "fine");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 1);
}

TEST_F(picture_files, links_stay_links) {
  const PictureFile picture = make_picture(3, 2, SampleDepth::bits8, false, false);
  there_and_back("real.png", picture);
  fs::create_symlink(path("real.png"), path("link.png"));
  ASSERT_TRUE(write_picture(path("link.png"), make_picture(5, 4, SampleDepth::bits8, false, false)));
  EXPECT_TRUE(fs::is_symlink(path("link.png")));
  EXPECT_EQ(read_picture(path("real.png")).take().pixels.width, 5);
}

}  // namespace
}  // namespace pinxit
