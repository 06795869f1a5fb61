// SPDX-License-Identifier: Apache-2.0
//
// `pinxit generate` with the engine process of fake_workshop.cpp: plain pictures whose colour tells seed and share.
#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "engine/requests/generate.h"
#include "tests/unit/cli_paint_desk.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

class cli_generate : public CliPaintDesk {
 protected:
  /// Names in a folder, in their order.
  std::vector<std::string> names(const std::string& in) const {
    std::set<std::string> found;
    std::error_code none;
    for (const auto& file : fs::directory_iterator(folder / in, none)) found.insert(file.path().filename().string());
    return {found.begin(), found.end()};
  }
  /// Files and folders, without the engine's own.
  size_t made_files() const {
    size_t count = 0;
    for (fs::recursive_directory_iterator file(folder), end; file != end; ++file) {
      if (file->path().filename() == "private") file.disable_recursion_pending();
      ++count;
    }
    return count;
  }
  /// As fake_color tells it.
  void expect_color(const std::string& file, int64_t seed, double share = 0) const {
    const PictureFile made = load(file);
    const int64_t factors[] = {7, 31, 101};
    for (int c = 0; c < 3; ++c)
      EXPECT_NEAR(made.pixels.data[size_t(c)], double((seed * factors[c]) % 256) / 255 * (1 - share / 2), 0.003)
          << file << " " << c;
  }
  /// The lines of --json of one event, as objects.
  static std::vector<JsonNode*> events(const std::string& out, const std::string& name) {
    std::vector<JsonNode*> found;
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);) {
      JsonNode* root = json_from_string(line.c_str(), nullptr);
      EXPECT_TRUE(root && JSON_NODE_HOLDS_OBJECT(root)) << line;
      if (text(root, "event") == name)
        found.push_back(root);
      else
        json_node_unref(root);
    }
    return found;
  }
  static std::string text(JsonNode* event, const char* name) {
    return json_object_get_string_member_with_default(json_node_get_object(event), name, "");
  }
  void expect_refused(std::vector<std::string> more, const std::string& mentions,
                      ErrorCode code = ErrorCode::bad_argument) const {
    const size_t before = made_files();
    more.insert(more.begin(), "generate");
    const Ran ran = run(more);
    EXPECT_EQ(ran.status, error_exit_status(code)) << ran.err;
    EXPECT_NE(ran.err.find("pinxit: "), std::string::npos);
    EXPECT_NE(ran.err.find(mentions), std::string::npos) << ran.err;
    EXPECT_TRUE(ran.out.empty()) << ran.out;
    EXPECT_EQ(made_files(), before) << mentions;
  }
};

TEST_F(cli_generate, a_file_gets_one_picture) {
  const Ran ran = run({"generate", "a red tulip", "-o", "out.png", "--seed", "7"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(ran.out.empty()) << ran.out;
  EXPECT_TRUE(ran.err.empty()) << ran.err;
  const PictureFile made = load("out.png");
  EXPECT_EQ(made.pixels.width, 64);
  EXPECT_EQ(made.depth, SampleDepth::bits8);
  EXPECT_FALSE(made.has_alpha || made.grey);
  expect_color("out.png", 7);
  ASSERT_EQ(run({"generate", "--prompt", "a red tulip", "-o", "out.jpg", "-n", "1", "--size", "40"}).status, 0);
  EXPECT_EQ(load("out.jpg").pixels.height, 40);
  expect_color("out.png", 7);  // untouched
}

TEST_F(cli_generate, a_folder_gets_numbers_and_seeds_and_no_word_of_the_prompt) {
  const Ran ran = run({"generate", "a vermilion tulip", "-o", "new/tulips/", "--count", "3"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(names("new/tulips"),
            (std::vector<std::string>{"0001-seed-100.png", "0002-seed-1100.png", "0003-seed-2100.png"}));
  expect_color("new/tulips/0002-seed-1100.png", 1100);
  // Pictures of the folder are never replaced: the numbers go on.
  ASSERT_EQ(run({"generate", "a cerulean tulip", "-o", "new/tulips"}).status, 0);
  ASSERT_EQ(names("new/tulips").size(), 8u);
  EXPECT_EQ(names("new/tulips")[3], "0004-seed-100.png");
  EXPECT_EQ(names("new/tulips")[7], "0008-seed-4100.png");
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(file.path(), folder).string();
    const std::string inside = file.is_regular_file() ? text_of(name) : "";
    for (const char* word : {"vermilion", "cerulean"}) EXPECT_EQ((name + inside).find(word), std::string::npos) << name;
  }
}

TEST_F(cli_generate, maps_smaller_pictures_and_the_strip_are_files_beside) {
  const Ran ran = run({"generate", "a red tulip", "-o", "out.png", "--maps", "--all-sizes", "--strip"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  std::vector<std::string> expected = {"out-32x32.png",
                                       "out-map-32x32-01.png",
                                       "out-map-32x32-02.png",
                                       "out-map-32x32-03.png",
                                       "out-strip.png",
                                       "out.png",
                                       "private"};
  EXPECT_EQ(names("."), expected);
  const PictureFile map = load("out-map-32x32-02.png");
  EXPECT_TRUE(map.grey);
  EXPECT_EQ(map.depth, SampleDepth::bits16);
  EXPECT_NEAR(map.pixels.data[0], 2.0 / 3, 1e-5);
  EXPECT_EQ(load("out-32x32.png").pixels.width, 32);
  EXPECT_EQ(load("out-strip.png").pixels.width, 3 * 64);
  // Each picture of a folder has its own.
  ASSERT_EQ(run({"generate", "a tulip", "-o", "out/", "-n", "2", "--maps"}).status, 0);
  expected = {"0001-seed-100-map-32x32-01.png",  "0001-seed-100-map-32x32-02.png",  "0001-seed-100.png",
              "0002-seed-1100-map-32x32-01.png", "0002-seed-1100-map-32x32-02.png", "0002-seed-1100.png"};
  EXPECT_EQ(names("out"), expected);
}

TEST_F(cli_generate, pictures_vary_from_one_end_to_the_other) {
  ASSERT_EQ(run({"generate", "a", "-o", "out/", "-n", "3", "--vary", "noise", "--vary-seed", "8"}).status, 0);
  EXPECT_EQ(names("out"),
            (std::vector<std::string>{"0001-seed-100.png", "0002-seed-100-vary-50.png", "0003-seed-100-vary-100.png"}));
  expect_color("out/0002-seed-100-vary-50.png", 100, 0.5);
  ASSERT_EQ(run({"generate", "a", "-o", "text/", "-n", "2", "--vary", "text", "--vary-prompt", "b"}).status, 0);
  EXPECT_EQ(names("text").size(), 2u);
  expect_refused({"a", "-o", "text/", "--vary", "text", "--vary-prompt", "xx"}, "xx");
  expect_refused({"a", "-o", "out.png", "--vary", "noise"}, "Several pictures");
}

TEST_F(cli_generate, a_model_without_prompt_needs_none) {
  ASSERT_EQ(run({"generate", "--model", "digits", "-o", "out.png"}).status, 0);
  EXPECT_TRUE(fs::exists(folder / "out.png"));
  expect_refused({"one", "--model", "digits", "-o", "one.png"}, "takes no prompt");
}

TEST_F(cli_generate, a_file_of_captions_is_a_batch) {
  write("captions.txt", "a red tulip\n\n  a xanadu iris \nxx xy\na white lily\n");
  const Ran ran = run({"generate", "--captions", "captions.txt", "-o", "out/", "-n", "2"});
  EXPECT_EQ(ran.status, error_exit_status(ErrorCode::bad_argument));
  EXPECT_EQ(names("out"), (std::vector<std::string>{"0001-line-1-seed-100.png", "0002-line-1-seed-1100.png",
                                                    "0003-line-3-seed-100.png", "0004-line-3-seed-1100.png",
                                                    "0005-line-5-seed-100.png", "0006-line-5-seed-1100.png"}));
  EXPECT_NE(ran.err.find("pinxit: captions.txt:3: The model does not know"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("xanadu"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("pinxit: captions.txt:4: bad-argument: The model knows none of these words: xx, xy."),
            std::string::npos)
      << ran.err;
  EXPECT_EQ(ran.err.find("captions.txt:1"), std::string::npos) << ran.err;
  EXPECT_EQ(ran.err.find("captions.txt:5"), std::string::npos) << ran.err;
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
}

TEST_F(cli_generate, notes_are_told_of_each_caption_that_they_are_about) {
  write("captions.txt", "a xanadu iris\na red tulip\na xanadu lily\na xylophone\n");
  const std::vector<std::string> call = {"generate", "--captions", "captions.txt", "-o",      "out/",
                                         "-n",       "2",          "--model",      "cpu-only"};
  const Ran ran = run(call);
  ASSERT_EQ(ran.status, 0) << ran.err;
  const std::string note = "The model does not know these words and leaves them out: ";
  EXPECT_EQ(ran.err, "pinxit: No GPU here: painting on the CPU.\n"
                     "pinxit: captions.txt:1: " + note + "xanadu.\n" +
                     "pinxit: captions.txt:3: " + note + "xanadu.\n" +
                     "pinxit: captions.txt:4: " + note + "xylophone.\n");
  // Programs are told all, and what it is about.
  std::vector<std::string> told;
  std::vector<std::string> as_json = call;
  as_json.push_back("--json");
  for (JsonNode* event : events(run(as_json).out, "note")) {
    told.push_back(text(event, "input") + " " + text(event, "about"));
    json_node_unref(event);
  }
  EXPECT_EQ(told, (std::vector<std::string>{"captions.txt:1 ", "captions.txt:1 prompt", "captions.txt:2 ",
                                            "captions.txt:3 ", "captions.txt:3 prompt", "captions.txt:4 ",
                                            "captions.txt:4 prompt"}));
}

TEST_F(cli_generate, a_caption_that_is_too_long_concerns_itself_alone) {
  const std::string longest(20'000, 'a');
  write("captions.txt", longest + "a\na red tulip\n" + longest + "\nb" + longest + "\na lily\n");
  Ran ran = run({"generate", "--captions", "captions.txt", "-o", "out/", "-n", "1"});
  EXPECT_EQ(ran.status, error_exit_status(ErrorCode::bad_argument));
  EXPECT_EQ(names("out"), (std::vector<std::string>{"0001-line-2-seed-100.png", "0002-line-3-seed-100.png",
                                                    "0003-line-5-seed-100.png"}));
  for (const char* line : {"1", "4"})
    EXPECT_EQ(count_of(ran.err, std::string("pinxit: captions.txt:") + line +
                                    ": bad-argument: prompt must have at most 20000 bytes."),
              1u)
        << ran.err;
  EXPECT_EQ(count_of(ran.err, "pinxit: "), 2u) << ran.err;
  ran = run({"generate", "--captions", "captions.txt", "--describe"});
  EXPECT_EQ(ran.status, error_exit_status(ErrorCode::bad_argument));
  EXPECT_NE(ran.out.find("captions.txt:5\nIt reads: 1 a, 2 lily\n"), std::string::npos) << ran.out;
}

TEST_F(cli_generate, a_failure_of_all_captions_is_told_once) {
  write("captions.txt", "one\ntwo\nthree\n");
  for (const char* model : {"digits", "refuse"}) {
    const Ran ran = run({"generate", "--captions", "captions.txt", "-o", "out/", "--model", model});
    EXPECT_EQ(ran.status,
              error_exit_status(model == std::string("refuse") ? ErrorCode::model_missing : ErrorCode::bad_argument));
    EXPECT_NE(ran.err.find("captions.txt:1"), std::string::npos) << ran.err;
    EXPECT_EQ(ran.err.find("captions.txt:2"), std::string::npos) << ran.err;
  }
  // A crash concerns the prompt at work: the others are tried.
  const Ran ran = run({"generate", "--captions", "captions.txt", "-o", "out/", "-n", "1", "--model", "abort-1"});
  EXPECT_EQ(ran.status, error_exit_status(ErrorCode::engine_lost)) << ran.err;
  EXPECT_NE(ran.err.find("captions.txt:3: engine-lost"), std::string::npos) << ran.err;
  for (const std::string& name : names("out")) EXPECT_EQ(load("out/" + name).pixels.width, 64) << name;
}

TEST_F(cli_generate, what_is_read_is_told) {
  Ran ran = run({"generate", "a xanadu tulip", "--describe", "--model", "birds"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  for (const char* line :
       {"Model: birds (birds)\n", "32 × 32, 64 × 64\n", "It reads: 1 a, 2 tulip\n", "It does not know: xanadu\n"})
    EXPECT_NE(ran.out.find(line), std::string::npos) << line << ran.out;
  ran = run({"generate", "--describe", "--model", "digits"});
  EXPECT_NE(ran.out.find("It takes no prompt."), std::string::npos) << ran.out;
  write("captions.txt", "xx\na b c d e f g h i j k l m n o p q r s t\n");
  ran = run({"generate", "--captions", "captions.txt", "--describe"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find("Attention maps: yes\ncaptions.txt:1\nIt reads: nothing\nIt does not know: "
                         "xx\ncaptions.txt:2\nIt reads: 1 a,"),
            std::string::npos)
      << ran.out;
  EXPECT_NE(ran.out.find("Beyond its limit: s t\n"), std::string::npos) << ran.out;
  ran = run({"generate", "a xanadu tulip", "--describe", "--json"});
  g_autoptr(JsonNode) facts = json_from_string(ran.out.c_str(), nullptr);
  ASSERT_TRUE(facts && JSON_NODE_HOLDS_OBJECT(facts)) << ran.out;
  EXPECT_EQ(text(facts, "input"), "prompt");
  EXPECT_EQ(json_array_get_length(json_object_get_array_member(json_node_get_object(facts), "words")), 2u);
  EXPECT_EQ(files(), 2u);  // "private" and the captions
}

TEST_F(cli_generate, events_are_told_as_json) {
  const Ran ran = run({"generate", "a xanadu tulip", "-o", "out/", "-n", "2", "--maps", "--json"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(ran.err.empty()) << ran.err;
  const auto written = events(ran.out, "written");
  ASSERT_EQ(written.size(), 6u);
  EXPECT_EQ(text(written[0], "output"), "out/0001-seed-100.png");
  EXPECT_EQ(text(written[0], "role"), "picture");
  EXPECT_EQ(text(written[0], "input"), "prompt");
  EXPECT_EQ(text(written[5], "output"), "out/0002-seed-1100-map-32x32-02.png");
  EXPECT_EQ(text(written[5], "role"), "attention");
  EXPECT_EQ(text(written[5], "word"), "tulip");
  EXPECT_EQ(json_object_get_int_member(json_node_get_object(written[5]), "seed"), 1100);
  EXPECT_EQ(json_object_get_int_member(json_node_get_object(written[5]), "index"), 1);
  const auto notes = events(ran.out, "note");
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(text(notes[0], "text").find("xanadu"), std::string::npos);
  const auto results = events(ran.out, "result");
  ASSERT_EQ(results.size(), 1u);
  JsonObject* facts = json_object_get_object_member(json_node_get_object(results[0]), "facts");
  EXPECT_EQ(json_array_get_length(json_object_get_array_member(facts, "pictures")), 2u);
  for (const auto& list : {written, notes, results})
    for (JsonNode* node : list) json_node_unref(node);
}

TEST_F(cli_generate, usage_errors) {
  write("captions.txt", "a\n");
  write("empty.txt", "\n \n");
  write("latin.txt", "caf\xE9\n");
  write("file", "");
  expect_refused({"a"}, "-o");
  expect_refused({"a", "tulip", "-o", "out.png"}, "quotes");
  expect_refused({"a", "--prompt", "b", "-o", "out.png"}, "More than one prompt");
  expect_refused({"a", "--captions", "captions.txt", "-o", "out/"}, "cannot go together");
  expect_refused({"--captions", "captions.txt", "-o", "out.png"}, "folder");
  expect_refused({"--captions", "empty.txt", "-o", "out/"}, "empty.txt");
  expect_refused({"--captions", "none.txt", "-o", "out/"}, "none.txt", ErrorCode::file_unreadable);
  expect_refused({"--captions", "latin.txt", "-o", "out/"}, "line 1", ErrorCode::file_unreadable);
  expect_refused({"a", "-o", "out.png", "-n", "2"}, "out.png");
  expect_refused({"a", "-o", "out/", "-n", "17"}, "count");
  expect_refused({"a", "-o", "out/", "-n", "0"}, "count");
  expect_refused({"a", "-o", "out.png", "--seed", "-1"}, "seed");
  expect_refused({"a", "-o", "out.png", "--size", "5000"}, "size");
  expect_refused({"a", "-o", "out.png", "--vary", "much"}, "vary");
  expect_refused({"a", "-o", "out.gif"}, "out.gif");
  expect_refused({"a", "-o", "out.jpg", "--quality", "0"}, "quality");
  expect_refused({"a", "-o", "none/out.png"}, "none", ErrorCode::file_unwritable);
  expect_refused({"a", "-o", "file/"}, "file", ErrorCode::file_unwritable);
  expect_refused({"caf\xE9", "-o", "out.png"}, "UTF-8");
  expect_refused({"--prompt", "caf\xE9", "-o", "out.png"}, "UTF-8");
}

TEST_F(cli_generate, an_engine_refuses_what_cannot_be_painted) {
  expect_refused({"-o", "out.png"}, "The prompt is empty.");
  expect_refused({"   ", "-o", "out.png"}, "The prompt is empty.");
  expect_refused({"xx xy", "-o", "out/"}, "xx, xy");
  expect_refused({"a", "-o", "out/", "--model", "refuse"}, "refuse", ErrorCode::model_missing);
  expect_refused({"a", "-o", "out.png", "--model", "abort"}, "engine", ErrorCode::engine_lost);
}

TEST_F(cli_generate, options_come_from_the_declaration) {
  const Ran ran = run({"help", "generate"});
  for (const auto& argument : GenerateRequest::arguments())
    EXPECT_EQ(ran.out.find(std::string("--") + argument.name) != std::string::npos,
              bool(argument.faces & face_command_line))
        << argument.name << ran.out;
  for (const char* text : {"-n, --count=", "--captions=FILE", "--prompt=TEXT", "--model=NAME|FILE", "--describe",
                           "-o, --output=FILE|FOLDER/", "[PROMPT]"})
    EXPECT_NE(ran.out.find(text), std::string::npos) << text << ran.out;
}

TEST_F(cli_generate, an_interrupt_keeps_what_is_complete) {
  const GPid process = start({"generate", "a", "-o", "out/", "-n", "16", "--model", "steps-20"});
  for (int i = 0; i < 2000 && names("out").size() < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  kill(process, SIGINT);
  int status = 0;
  EXPECT_EQ(waitpid(process, &status, 0), process);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), error_exit_status(ErrorCode::cancelled));
  const std::vector<std::string> made = names("out");
  EXPECT_GE(made.size(), 2u);
  EXPECT_LT(made.size(), 16u);
  for (const std::string& name : made) {
    EXPECT_TRUE(name.starts_with("00") && name.ends_with(".png")) << name;  // no temporary file
    EXPECT_EQ(load("out/" + name).pixels.width, 64) << name;
  }
}

}  // namespace
}  // namespace pinxit
