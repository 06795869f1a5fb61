// SPDX-License-Identifier: Apache-2.0
// Presets on disk: what is saved comes back, nothing of a newer version is lost, names are free.
#include "dialogs/painting/preset_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/requests/json.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

class Presets : public testing::Test {
 protected:
  Presets() {
    std::string pattern = (fs::temp_directory_path() / "pinxit-presets-XXXXXX").string();
    folder_ = fs::path(mkdtemp(pattern.data())) / "fast-style";
  }
  ~Presets() override { fs::remove_all(folder_.parent_path()); }

  static FastStyleRequest evening() {
    FastStyleRequest request;
    request.styles = {{"candy", 0.7}, {"/home/me/own net.safetensors", 0.3}};
    request.strength = 62.5;
    request.keep_colors = true;
    request.max_size = 2048;
    return request;
  }
  void write(const std::string& file, const std::string& text) {
    fs::create_directories(folder_);
    std::ofstream(folder_ / file) << text;
  }
  std::string read(const std::string& file) {
    std::ifstream stream(folder_ / file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  fs::path folder_;
  PresetStore store() const { return PresetStore("fast-style", folder_.string()); }
};

TEST_F(Presets, AreEmptyWithoutAFolder) {
  EXPECT_TRUE(store().names().empty());
  EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(Presets, ComeBackAsSaved) {
  ASSERT_TRUE(store().save("Evening light", evening()));
  EXPECT_TRUE(fs::exists(folder_ / "Evening light.json"));
  const auto back = store().load("Evening light");
  ASSERT_TRUE(back);
  EXPECT_EQ(to_json(*back), to_json(evening()));
}

TEST_F(Presets, AreListedInReadingOrder) {
  for (const char* name : {"Oil 10", "Oil 9", "chalk", "Ink"}) ASSERT_TRUE(store().save(name, evening()));
  write("notes.txt", "not a preset");
  EXPECT_EQ(store().names().size(), 4u);
  const auto names = store().names();
  EXPECT_LT(std::find(names.begin(), names.end(), "Oil 9"), std::find(names.begin(), names.end(), "Oil 10"));
}

TEST_F(Presets, HaveFreeNames) {
  for (const char* name : {"a/b", "..", ".hidden", "100 %", "Käthe’s „Blau“", "back\\slash", "%41"}) {
    ASSERT_TRUE(store().save(name, evening())) << name;
    EXPECT_TRUE(store().load(name)) << name;
    EXPECT_EQ(fs::path(store().file(name)).parent_path(), folder_) << name;
  }
  EXPECT_EQ(store().names().size(), 7u);
  for (const auto& name : store().names()) EXPECT_TRUE(store().load(name)) << name;
  EXPECT_EQ(store().load("A").error().code, ErrorCode::file_unreadable) << "\"%41\" is not \"A\"";
}

TEST_F(Presets, RefuseNamesOfNothing) {
  EXPECT_EQ(store().save("  ", evening()).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(store().save(std::string(101, 'x'), evening()).error().code, ErrorCode::bad_argument);
  EXPECT_TRUE(store().names().empty());
}

TEST_F(Presets, KeepFieldsOfANewerVersion) {
  write("New.json", R"({"operation":"fast-style","version":1,"styles":[{"style":"candy","weight":1}],"brush":"round"})");
  const auto loaded = store().load("New");
  ASSERT_TRUE(loaded);
  ASSERT_TRUE(store().save("Copy", *loaded));
  EXPECT_NE(read("Copy.json").find(R"("brush":"round")"), std::string::npos);
  ASSERT_TRUE(store().save("New", evening()));  // another request under the old name
  EXPECT_NE(read("New.json").find(R"("brush":"round")"), std::string::npos);
  EXPECT_EQ(std::get<FastStyleRequest>(*store().load("New")).strength, 62.5);
}

TEST_F(Presets, OfNeuralStyleComeBackToo) {
  NeuralStyleRequest request;
  request.styles = {{"/home/me/starry night.jpg", 0.25}, {"layer:17", 0.75}};
  request.style_masks = {"", "layer:18"};
  request.preset = "classic";
  request.content_weight = 0.31622776;
  request.size = 0;
  const PresetStore neural("neural-style", folder_.string());
  ASSERT_TRUE(neural.save("Night", request));
  const auto back = neural.load("Night");
  ASSERT_TRUE(back);
  EXPECT_EQ(to_json(*back), to_json(AnyRequest(request)));
}

TEST_F(Presets, OfAnotherOperationAreRefused) {
  ASSERT_TRUE(store().save("Evening", evening()));
  const auto wrong = PresetStore("neural-style", folder_.string()).load("Evening");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::bad_argument);
  EXPECT_NE(wrong.error().sentence.find("fast-style"), std::string::npos);
}

TEST_F(Presets, NameTheBrokenOne) {
  write("Broken.json", "{\"operation\":");
  const auto broken = store().load("Broken");
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().sentence.find("Broken"), std::string::npos);
  EXPECT_EQ(store().load("Missing").error().code, ErrorCode::file_unreadable);
  ASSERT_TRUE(store().save("Broken", evening())) << "a broken file can be replaced";
  EXPECT_TRUE(store().load("Broken"));
}

TEST_F(Presets, LeaveNothingBesideThem) {
  ASSERT_TRUE(store().save("One", evening()));
  ASSERT_TRUE(store().save("One", evening()));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
  ASSERT_TRUE(store().remove("One"));
  EXPECT_TRUE(store().remove("One")) << "gone is gone";
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(Presets, SayWhenTheyCannotBeSaved) {
  std::ofstream(folder_.string()) << "a file where the folder should be";
  EXPECT_EQ(store().save("One", evening()).error().code, ErrorCode::file_unwritable);
}

}  // namespace
}  // namespace pinxit
