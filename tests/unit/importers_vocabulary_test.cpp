// SPDX-License-Identifier: Apache-2.0
//
// AttnGAN's captions.pickle and its settings.
#include "engine/importers/vocabulary.h"
#include "tests/unit/importers_desk.h"

namespace pinxit {
namespace {

using namespace samples;

class importers_vocabulary : public importers_desk {
 protected:
  Result<Vocabulary> words(const std::string& bytes) { return read_vocabulary(put("captions.pickle", bytes)); }
  using Settings = std::map<std::string, std::string>;
  Result<Settings> settings(const std::string& text) { return read_settings(put("bird.yml", text)); }
  void expect_no_settings(const std::string& text, const std::string& reason) {
    const auto read = settings(text);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().sentence.find(reason), std::string::npos) << text << ": " << read.error().sentence;
  }
};

const std::string by_index = "}(" + whole(0) + text("<end>") + whole(1) + text("bird") + whole(2) + text("a") + "u";
const std::string by_word = dict({{"bird", whole(1)}, {"a", whole(2)}, {"<end>", whole(0)}});
const std::string captions = "](](" + whole(2) + whole(1) + "ee";

TEST_F(importers_vocabulary, both_ways_and_each_alone) {
  // The last: Python 2, protocol 0.
  for (const std::string& bytes :
       {pickle("](" + captions + captions + by_index + by_word + "e"), pickle(by_index), pickle(by_word),
        std::string("(dp0\nI0\nS'<end>'\np1\nsI1\nVbird\np2\nsI2\nS'a'\ns.")}) {
    const auto read = words(bytes);
    ASSERT_TRUE(read) << read.error().sentence;
    EXPECT_EQ(read->word, (std::vector<std::string>{"<end>", "bird", "a"}));
    EXPECT_EQ(read->index, (std::map<std::string, int64_t>{{"<end>", 0}, {"bird", 1}, {"a", 2}}));
  }
}

TEST_F(importers_vocabulary, nothing_else) {
  const std::string witness = folder / "it ran";
  const std::pair<std::string, std::string> refused[] = {
      {pickle(global("posix", "system") + text("touch '" + witness + "'") + "\x85R"), "posix.system"},
      {pickle(global("collections", "OrderedDict") + ")R"), "collections.OrderedDict"},
      {pickle(storage("FloatStorage", "0", 6)), "torch.FloatStorage"},
      {pickle(text("id") + "Q"), "outside its pickle"},
      {pickle("}(" + whole(0) + text("a") + whole(2) + text("b") + "u"), "gaps"},
      {pickle("}(" + whole(0) + text("a") + whole(0) + text("b") + "u"), "gaps"},
      {pickle("}(" + whole(-1) + text("a") + "u"), "gaps"},
      {pickle("}(" + whole(0) + text("\xff") + "u"), "UTF-8"},
      {pickle("}(" + whole(0) + whole(7) + "u"), "UTF-8"},
      {pickle("](" + captions + captions + by_index + dict({{"a", whole(0)}, {"b", whole(1)}, {"c", whole(2)}}) + "e"),
       "differ"},
      {pickle("]"), "not a vocabulary"},
      {pickle("}"), "not a vocabulary"},
      {pickle(by_index).substr(0, 20), "too early"},
      {"", "too early"},
  };
  for (const auto& [bytes, reason] : refused) {
    const auto read = words(bytes);
    ASSERT_FALSE(read) << reason;
    EXPECT_NE(read.error().sentence.find(reason), std::string::npos) << read.error().sentence;
  }
  EXPECT_FALSE(std::filesystem::exists(witness));
  EXPECT_EQ(read_vocabulary(folder / "none").error().code, ErrorCode::file_unreadable);
}

TEST_F(importers_vocabulary, settings_of_a_bird) {
  const auto read = settings(
      "CONFIG_NAME: 'attn2'\n\n"
      "GPU_ID: 3\n"
      "B_VALIDATION: False  # True  # False\n"
      "TREE:\n    BRANCH_NUM: 3\n\n\n"
      "TRAIN:\n    NET_G: ''  # '../models/bird.pth'\n    #\n    SMOOTH:\n        GAMMA1: 4.0\n"
      "    NET_E: \"../text#encoder: 200.pth\"\n"
      "SIZES: [64, 'a, b', 256] # three\n"
      "EMPTY: []\n"
      "LIST:\n- one\n-   'it''s'\n"
      "DEEP:\n  L:\n    - 1\n    - 2\n"
      "NOTHING:\n"
      "LAST: http://x\n");
  ASSERT_TRUE(read) << read.error().sentence;
  EXPECT_EQ(*read, (Settings{{"CONFIG_NAME", "attn2"},
                             {"GPU_ID", "3"},
                             {"B_VALIDATION", "False"},
                             {"TREE.BRANCH_NUM", "3"},
                             {"TRAIN.NET_G", ""},
                             {"TRAIN.SMOOTH.GAMMA1", "4.0"},
                             {"TRAIN.NET_E", "../text#encoder: 200.pth"},
                             {"SIZES.0", "64"},
                             {"SIZES.1", "a, b"},
                             {"SIZES.2", "256"},
                             {"LIST.0", "one"},
                             {"LIST.1", "it's"},
                             {"DEEP.L.0", "1"},
                             {"DEEP.L.1", "2"},
                             {"LAST", "http://x"}}));
}

TEST_F(importers_vocabulary, settings_beyond_what_is_read) {
  expect_no_settings("A: 1\nB: &x 2\n", "line 2 of it uses");
  expect_no_settings("A: !!python/object:os.system 1\n", "line 1 of it uses");
  expect_no_settings("A: |\n  text\n", "line 1 of it uses");
  expect_no_settings("A: {b: 1}\n", "line 1 of it uses");
  expect_no_settings("A: 1\n---\nB: 2\n", "line 2 of it uses");
  expect_no_settings("A: [1,\n 2]\n", "line 1 of it uses");
  expect_no_settings("A: 1\n  B: 2\n", "line 2 of it is not understood");
  expect_no_settings("A:\n    B: 1\n  C: 2\n", "line 3 of it is not understood");
  expect_no_settings("A: 1\nA: 2\n", "line 2 of it is not understood");
  expect_no_settings("A\n", "line 1 of it is not understood");
  expect_no_settings("A: b: c\n", "line 1 of it is not understood");
  expect_no_settings("A: 'b' c\n", "line 1 of it is not understood");
  expect_no_settings("A: \xff\n", "UTF-8");
  EXPECT_TRUE(settings(""));
}

}  // namespace
}  // namespace pinxit
