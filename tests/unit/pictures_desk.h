// SPDX-License-Identifier: Apache-2.0
//
// A private folder for picture files, and pictures to put there.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "engine/pictures/files.h"

namespace pinxit {

inline PictureFile make_picture(int64_t width, int64_t height, SampleDepth depth, bool grey, bool alpha) {
  PictureFile file;
  file.pixels = SrgbPicture(width, height);
  file.grey = grey;
  file.has_alpha = alpha;
  file.depth = depth;
  const double steps = depth == SampleDepth::bits8 ? 255 : 65535;
  std::mt19937 random(7);
  for (int64_t i = 0; i < width * height; ++i) {
    float* pixel = file.pixels.data.data() + 4 * i;
    for (int c = 0; c < 4; ++c) {
      const double value = (double(random() % 1001) + double(i % 97)) / 1097;
      pixel[c] = depth == SampleDepth::float32 ? float(value * 3 - 1) : float(std::round(value * steps) / steps);
    }
    if (grey) pixel[1] = pixel[2] = pixel[0];
    if (!alpha) pixel[3] = 1;
  }
  return file;
}

inline float largest_difference(SrgbView a, SrgbView b) {
  if (a.width != b.width || a.height != b.height) return INFINITY;
  float largest = 0;
  for (int64_t i = 0; i < 4 * a.width * a.height; ++i) largest = std::max(largest, std::abs(a.data[i] - b.data[i]));
  return largest;
}

class picture_files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "pinxit-pictures-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string path(const std::string& name) const { return folder / name; }
  PictureFile there_and_back(const std::string& name, const PictureFile& picture, int quality = 100) {
    const Status written = write_picture(path(name), picture, {quality});
    EXPECT_TRUE(written) << written.error().sentence;
    auto read = read_picture(path(name));
    EXPECT_TRUE(read) << read.error().sentence;
    return std::move(*read);
  }
  std::string bytes(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write_bytes(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
  }
  std::filesystem::path folder;
};

}  // namespace pinxit
