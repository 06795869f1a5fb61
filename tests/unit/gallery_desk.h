// SPDX-License-Identifier: Apache-2.0
//
// A private gallery for tests, pictures to put into it, and other processes that use it.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <utility>
#include <string>

#include "engine/gallery/gallery.h"

namespace pinxit {

class GalleryDesk : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "pinxit-gallery-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    desk = pattern;
    folder = (desk / "gallery").string();
  }
  void TearDown() override { std::filesystem::remove_all(desk); }

  Gallery open() { return Gallery::open(folder).take(); }

  static NeuralStyleRequest request() {
    NeuralStyleRequest request;
    request.styles = {{"/pictures/starry night.jpg", 1}};
    request.content_weight = 2.5;
    return request;
  }

  /// A slope with fine steps, one level of 16 bits apart, and some noise.
  static SrgbPicture picture(int64_t width, int64_t height, unsigned seed = 1) {
    SrgbPicture made(width, height);
    for (size_t i = 0; i < made.data.size(); i++) {
      seed = seed * 1664525 + 1013904223;
      const auto slope = float(i / 4 % 60000) / 65535.0f;
      made.data[i] = i % 4 == 3 ? 1.0f : slope + float(seed >> 24) / 65535.0f;
    }
    return made;
  }
  static Losses losses(double total) {
    Losses made;
    made.total = total;
    made.content = total / 4;
    made.style = total / 2;
    made.variation = 1e-9 * total;
    made.taps = {{"conv1_1", 0.25, total / 3}, {"conv4_1", 1, 1e-17}};
    return made;
  }
  static double distance(const SrgbPicture& a, const SrgbPicture& b) {
    if (a.width != b.width || a.height != b.height) return 1e9;
    double most = 0;
    for (size_t i = 0; i < a.data.size(); i++) most = std::max(most, double(std::abs(a.data[i] - b.data[i])));
    return most;
  }

  /// Runs `work` in a process of its own, which must end with status 0.
  static void elsewhere(const std::function<bool()>& work) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) _exit(work() ? 0 : 1);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
  }

  /// Bytes of all files in the gallery's folder.
  int64_t on_disk() const {
    int64_t bytes = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder))
      if (file.is_regular_file()) bytes += int64_t(file.file_size());
    return bytes;
  }

  std::filesystem::path desk;
  std::string folder;
};

}  // namespace pinxit
