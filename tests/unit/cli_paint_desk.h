// SPDX-License-Identifier: Apache-2.0
//
// A private folder to run `pinxit` in, with an engine process of fake_workshop.cpp, and small pictures.
#pragma once

#include <json-glib/json-glib.h>

#include <chrono>
#include <csignal>
#include <iterator>
#include <string>
#include <thread>

#include "tests/unit/cli_desk.h"

namespace pinxit {

class CliPaintDesk : public CliDesk {
 protected:
  void SetUp() override {
    CliDesk::SetUp();
    setenv("PINXIT_ENGINE", std::getenv("PINXIT_FAKE_ENGINE"), 1);
  }
  void TearDown() override {
    const pid_t engine = engine_process();
    run({"engine", "stop", "--now"});
    for (int i = 0; engine > 0 && i < 500 && kill(engine, 0) == 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(engine <= 0 || kill(engine, 0) != 0) << "the engine does not end";
    CliDesk::TearDown();
  }
  pid_t engine_process() const {
    g_autoptr(JsonNode) root = json_from_string(run({"engine", "status"}).out.c_str(), nullptr);
    return root ? pid_t(json_object_get_int_member(json_node_get_object(root), "pid")) : 0;
  }
  /// A picture of 7 × 5 pixels with different samples everywhere.
  PictureFile picture(SampleDepth depth = SampleDepth::bits8, bool grey = false, bool alpha = false) const {
    PictureFile file;
    file.pixels = SrgbPicture(7, 5);
    file.depth = depth, file.grey = grey, file.has_alpha = alpha;
    for (int i = 0; i < 35; ++i)
      for (int c = 0; c < 4; ++c) {
        const int value = c == 3 ? (alpha ? 7 * i : 255) : grey ? 3 * i : (5 * i + 60 * c) % 256;
        file.pixels.data[size_t(4 * i + c)] = float(value) / 255;
      }
    return file;
  }
  void save(const std::string& name, const PictureFile& file) const { write_picture(folder / name, file).take(); }
  PictureFile load(const std::string& name) const { return read_picture(folder / name).take(); }
  void expect_inverted(const PictureFile& source, const PictureFile& result, float tolerance) const {
    ASSERT_EQ(result.pixels.data.size(), source.pixels.data.size());
    for (size_t i = 0; i < source.pixels.data.size(); ++i) {
      const float value = source.pixels.data[i];
      ASSERT_NEAR(result.pixels.data[i], i % 4 == 3 ? value : 1 - value, tolerance) << i;
    }
  }
  std::string text_of(const std::string& name) const {
    std::ifstream file(folder / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  size_t files() const { return size_t(std::distance(std::filesystem::directory_iterator(folder), {})); }
};

}  // namespace pinxit
