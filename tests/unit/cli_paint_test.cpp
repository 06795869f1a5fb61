// SPDX-License-Identifier: Apache-2.0
//
// The program `pinxit` with the engine process of fake_workshop.cpp, which inverts pictures: files in and out, batches,
// events, interruption, engines that fail.
#include <json-glib/json-glib.h>
#include <lcms2.h>
#include <tiffio.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <thread>

#include "tests/unit/cli_paint_desk.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

class cli_paint : public CliPaintDesk {};

TEST_F(cli_paint, keeps_depth_and_alpha) {
  for (const std::string name : {"a.png", "a.tif"})
    for (const SampleDepth depth : {SampleDepth::bits8, SampleDepth::bits16, SampleDepth::float32}) {
      if (name == "a.png" && depth == SampleDepth::float32) continue;
      save(name, picture(depth, false, true));
      const Ran ran = run({"fast-style", name, "-o", "out-" + name, "--style", "invert"});
      ASSERT_EQ(ran.status, 0) << ran.err;
      const PictureFile result = load("out-" + name);
      EXPECT_EQ(result.depth, depth);
      EXPECT_TRUE(result.has_alpha);
      expect_inverted(load(name), result, 1e-6f);
    }
}

TEST_F(cli_paint, grey_pictures_get_colours_unless_told_otherwise) {
  save("a.png", picture(SampleDepth::bits8, true));
  ASSERT_EQ(run({"fast-style", "a.png", "-o", "colour.png", "--style", "invert"}).status, 0);
  ASSERT_EQ(run({"fast-style", "a.png", "-o", "grey.png", "--style", "invert", "--keep-colors"}).status, 0);
  EXPECT_FALSE(load("colour.png").grey);
  EXPECT_TRUE(load("grey.png").grey);
  expect_inverted(load("a.png"), load("colour.png"), 1e-6f);
  expect_inverted(load("a.png"), load("grey.png"), 1e-6f);
}

TEST_F(cli_paint, a_prophoto_tiff_comes_back_in_prophoto) {
  const cmsCIExyY white = {0.3457, 0.3585, 1};
  const cmsCIExyYTRIPLE colours = {{0.7347, 0.2653, 1}, {0.1596, 0.8404, 1}, {0.0366, 0.0001, 1}};
  cmsToneCurve* curve = cmsBuildGamma(nullptr, 1.8);
  cmsToneCurve* curves[] = {curve, curve, curve};
  cmsHPROFILE profile = cmsCreateRGBProfile(&white, &colours, curves);
  PictureFile file = picture(SampleDepth::bits16);
  for (float& value : file.pixels.data) value = value == 1 ? 1 : 0.3f + 0.4f * value;
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(profile, nullptr, &size);
  file.profile.resize(size);
  cmsSaveProfileToMem(profile, file.profile.data(), &size);
  cmsCloseProfile(profile);
  cmsFreeToneCurve(curve);
  save("a.tif", file);
  ASSERT_EQ(run({"fast-style", "a.tif", "-o", "out.tif", "--style", "invert"}).status, 0);
  const PictureFile result = load("out.tif");
  EXPECT_EQ(result.profile, file.profile);
  EXPECT_EQ(result.depth, SampleDepth::bits16);
  expect_inverted(load("a.tif"), result, 1e-3f);
}

TEST_F(cli_paint, a_turned_photo_comes_back_upright) {
  save("a.tif", picture());
  TIFF* tiff = TIFFOpen((folder / "a.tif").c_str(), "r+");
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, 6);
  TIFFRewriteDirectory(tiff);
  TIFFClose(tiff);
  ASSERT_EQ(run({"fast-style", "a.tif", "-o", "out.png", "--style", "invert"}).status, 0);
  const PictureFile result = load("out.png");
  EXPECT_EQ(result.pixels.width, 5);
  EXPECT_EQ(result.pixels.height, 7);
  // The stored top left pixel is seen at the top right.
  EXPECT_NEAR(result.pixels.view().row(0)[4 * 4 + 1], 1 - picture().pixels.data[1], 1e-6f);
}

TEST_F(cli_paint, a_batch_goes_on_after_a_bad_picture) {
  save("a.png", picture());
  save("b.png", picture());
  write("broken.png", "no picture");
  const Ran ran = run({"fast-style", "a.png", "broken.png", "b.png", "-o", "new/folder/", "--style", "invert"});
  EXPECT_EQ(ran.status, error_exit_status(ErrorCode::file_unreadable));
  expect_inverted(picture(), load("new/folder/a.png"), 1e-6f);
  expect_inverted(picture(), load("new/folder/b.png"), 1e-6f);
  EXPECT_FALSE(fs::exists(folder / "new/folder/broken.png"));
}

TEST_F(cli_paint, an_error_of_all_pictures_is_told_once) {
  save("a.png", picture());
  save("b.png", picture());
  const Ran ran = run({"fast-style", "a.png", "b.png", "-o", "out/", "--style", "refuse"});
  EXPECT_EQ(ran.status, error_exit_status(ErrorCode::model_missing));
  EXPECT_EQ(ran.err.find("model-missing"), ran.err.rfind("model-missing")) << ran.err;
  EXPECT_NE(ran.err.find("Take another."), std::string::npos);
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(cli_paint, events_as_json) {
  save("a.png", picture());
  const Ran ran = run({"fast-style", "a.png", "-o", "out.png", "--style", "steps-3", "--json"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(ran.err.empty()) << ran.err;
  std::vector<std::string> events;
  g_auto(GStrv) lines = g_strsplit(ran.out.c_str(), "\n", -1);
  for (char** line = lines; *line && **line; ++line) {
    g_autoptr(JsonNode) root = json_from_string(*line, nullptr);
    ASSERT_TRUE(root && JSON_NODE_HOLDS_OBJECT(root)) << *line;
    JsonObject* event = json_node_get_object(root);
    EXPECT_STREQ(json_object_get_string_member(event, "input"), "a.png");
    events.push_back(json_object_get_string_member(event, "event"));
    EXPECT_EQ(json_object_has_member(event, "facts") != 0, events.back() == "result");
    EXPECT_EQ(json_object_has_member(event, "output") != 0, events.back() == "written");
  }
  ASSERT_GE(events.size(), 3u);
  EXPECT_EQ(events.back(), "written");
  EXPECT_EQ(events[events.size() - 2], "result");
  EXPECT_NE(std::find(events.begin(), events.end(), "progress"), events.end());
}

TEST_F(cli_paint, an_engine_that_dies_is_told_and_started_again) {
  save("a.png", picture());
  const size_t before = files();
  const Ran ran = run({"fast-style", "a.png", "-o", "out.png", "--style", "kill"});
  EXPECT_EQ(ran.status, error_exit_status(ErrorCode::engine_lost)) << ran.err;
  EXPECT_EQ(files(), before);
  EXPECT_EQ(run({"fast-style", "a.png", "-o", "out.png", "--style", "invert"}).status, 0);
}

TEST_F(cli_paint, an_interrupt_ends_the_work_and_leaves_nothing) {
  save("a.png", picture());
  save("b.png", picture());
  ASSERT_EQ(run({"fast-style", "a.png", "-o", "first.png", "--style", "invert"}).status, 0);  // the engine runs now
  const pid_t engine = engine_process();
  const size_t before = files();
  for (const int signal : {SIGINT, SIGTERM}) {
    const GPid process = start({"fast-style", "a.png", "b.png", "-o", "out/", "--style", "steps-100000"});
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    kill(process, signal);
    int status = 0;
    ASSERT_EQ(waitpid(process, &status, 0), process);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == error_exit_status(ErrorCode::cancelled)) << status;
    EXPECT_EQ(files(), before);
  }
  EXPECT_EQ(engine_process(), engine);
  EXPECT_EQ(run({"fast-style", "a.png", "-o", "next.png", "--style", "invert"}).status, 0);
}

}  // namespace
}  // namespace pinxit
