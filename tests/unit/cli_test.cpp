// SPDX-License-Identifier: Apache-2.0
//
// The program `pinxit` without an engine: usage errors, the list of styles, plans of outputs.
#include <json-glib/json-glib.h>

#include "engine/requests/fast_style.h"
#include "tests/unit/cli_desk.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

class cli : public CliDesk {
 protected:
  void SetUp() override {
    CliDesk::SetUp();
    setenv("PINXIT_ENGINE", (folder / "no-engine").c_str(), 1);
    PictureFile picture;
    picture.pixels = SrgbPicture(5, 4);
    ASSERT_TRUE(write_picture(folder / "in.png", picture));
    ASSERT_TRUE(write_picture(folder / "in.jpg", picture));
  }
  /// The call must fail with this code, say so, and leave the folder as it is.
  void expect_error(ErrorCode code, std::vector<std::string> words, const std::string& mentions = "") const {
    std::string text;
    for (const std::string& word : words) text += word + " ";
    const auto files = std::distance(fs::recursive_directory_iterator(folder), {});
    const Ran ran = run(std::move(words));
    EXPECT_EQ(ran.status, error_exit_status(code)) << text << ran.err;
    EXPECT_NE(ran.err.find(std::string(error_name(code)) + ": "), std::string::npos) << text << ran.err;
    EXPECT_NE(ran.err.find(mentions), std::string::npos) << text << ran.err;
    EXPECT_EQ(std::distance(fs::recursive_directory_iterator(folder), {}), files) << text;
  }
};

TEST_F(cli, says_what_it_is) {
  EXPECT_EQ(run({"--version"}).out, std::string("pinxit ") + PINXIT_VERSION + "\n");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"help"}, {"--help"}, {"-h"}}) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.status, 0);
    for (const char* name : {"fast-style", "styles", "engine"}) EXPECT_NE(ran.out.find(name), std::string::npos);
  }
}

TEST_F(cli, options_come_from_the_declaration) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"help", "fast-style"}, {"fast-style", "--help"}}) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.status, 0);
    for (const auto& argument : FastStyleRequest::arguments())
      EXPECT_EQ(ran.out.find(std::string("--") + argument.name) != std::string::npos,
                bool(argument.faces & face_command_line))
          << argument.name;
    for (const char* name : {"--output", "--quality", "--json", "auto|cpu|cuda"})
      EXPECT_NE(ran.out.find(name), std::string::npos) << name;
  }
}

TEST_F(cli, usage_errors) {
  const ErrorCode bad = ErrorCode::bad_argument;
  expect_error(bad, {}, "pinxit help");
  expect_error(bad, {"paint"}, "paint");
  expect_error(bad, {"fast-style"});
  expect_error(bad, {"fast-style", "in.png"}, "-o");
  expect_error(bad, {"fast-style", "in.png", "-o", "out.png"}, "style");
  expect_error(bad, {"fast-style", "in.png", "-o", "out.png", "--wrong"}, "--help");
  expect_error(bad, {"fast-style", "in.png", "-o", "out.png", "--style", "a", "--strength", "120"}, "strength");
  expect_error(bad, {"fast-style", "in.png", "-o", "out.png", "--style", "a", "--strength", "much"}, "strength");
  expect_error(bad, {"fast-style", "in.png", "-o", "out.png", "--style", "a", "--device", "gpu"}, "device");
  expect_error(bad, {"fast-style", "in.png", "-o", "out.png", "--style", "a", "--precision", "fp8"}, "precision");
  expect_error(bad, {"fast-style", "in.png", "-o", "out.png", "--style", "a", "--quality", "101"}, "quality");
  expect_error(bad, {"fast-style", "in.png", "-o", "out.png", "--style", "a:0"}, "style");
  expect_error(bad, {"fast-style", "in.png", "-o", "out.gif", "--style", "a"}, "out.gif");
  expect_error(bad, {"fast-style", "in.png", "-o", "out", "--style", "a"}, "out");
  expect_error(bad, {"styles", "more"});
  expect_error(bad, {"engine"});
  expect_error(bad, {"engine", "start"});
}

TEST_F(cli, outputs_are_planned_before_anything_is_done) {
  const ErrorCode bad = ErrorCode::bad_argument;
  fs::create_directory(folder / "other");
  fs::copy(folder / "in.png", folder / "other" / "in.png");
  expect_error(bad, {"fast-style", "in.png", "in.jpg", "-o", "out.png", "--style", "a"}, "out.png");
  expect_error(bad, {"fast-style", "in.png", "other/in.png", "-o", "out/", "--style", "a"}, "in.png");
  expect_error(bad, {"fast-style", "in.png", "-o", "in.png", "--style", "a"}, "replace");
  expect_error(bad, {"fast-style", "in.png", "-o", "./", "--style", "a"}, "replace");
  expect_error(bad, {"fast-style", "in.jpg", "in.png", "-o", "other/..", "--style", "a"}, "replace");
  expect_error(ErrorCode::file_unwritable, {"fast-style", "in.png", "-o", "none/out.png", "--style", "a"}, "none");
}

TEST_F(cli, inputs_are_read_before_an_engine_is_needed) {
  write("text.png", "no picture");
  expect_error(ErrorCode::file_unreadable, {"fast-style", "none.png", "-o", "out.png", "--style", "a"}, "none.png");
  expect_error(ErrorCode::file_unreadable, {"fast-style", "text.png", "-o", "out.png", "--style", "a"}, "text.png");
  expect_error(ErrorCode::engine_missing, {"fast-style", "in.png", "-o", "out.png", "--style", "a"}, "no-engine");
  // One unreadable picture does not stop the others; the status is the first error's.
  const Ran ran = run({"fast-style", "none.png", "text.png", "-o", "out/", "--style", "a"});
  EXPECT_EQ(ran.status, error_exit_status(ErrorCode::file_unreadable));
  EXPECT_NE(ran.err.find("none.png"), std::string::npos);
  EXPECT_NE(ran.err.find("text.png"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(cli, errors_are_events_too) {
  const Ran ran = run({"fast-style", "none.png", "-o", "out.png", "--style", "a", "--json"});
  g_autoptr(JsonNode) root = json_from_string(ran.out.c_str(), nullptr);
  ASSERT_TRUE(root && JSON_NODE_HOLDS_OBJECT(root)) << ran.out;
  JsonObject* event = json_node_get_object(root);
  EXPECT_STREQ(json_object_get_string_member(event, "event"), "error");
  EXPECT_STREQ(json_object_get_string_member(event, "code"), "file-unreadable");
  EXPECT_STREQ(json_object_get_string_member(event, "input"), "none.png");
  EXPECT_FALSE(ran.err.empty());
}

TEST_F(cli, lists_styles) {
  write("models/a/model.json", R"({"pinxit":1,"id":"first","kind":"slimnet","operation":"fast-style","title":"Größe",
        "files":[{"role":"weights","path":"w.safetensors"}],"licence":{"id":"CC0-1.0","url":""}})");
  write("models/b/model.json",
        R"({"pinxit":1,"id":"words","kind":"k","operation":"other","files":[{"role":"weights","path":"w"}]})");
  write("models/c/model.json", "broken");
  const Ran text = run({"styles"});
  EXPECT_EQ(text.status, 0);
  EXPECT_NE(text.out.find("first  Größe\n"), std::string::npos) << text.out;
  EXPECT_EQ(text.out.find("words"), std::string::npos);
  EXPECT_NE(text.err.find("models/c/model.json"), std::string::npos);

  const Ran json = run({"styles", "--json"});
  EXPECT_EQ(json.status, 0);
  g_autoptr(JsonNode) root = json_from_string(json.out.c_str(), nullptr);
  ASSERT_TRUE(root && JSON_NODE_HOLDS_ARRAY(root)) << json.out;
  JsonObject* first = json_array_get_object_element(json_node_get_array(root), 0);
  EXPECT_STREQ(json_object_get_string_member(first, "id"), "first");
  EXPECT_STREQ(json_object_get_string_member(first, "title"), "Größe");
  EXPECT_STREQ(json_object_get_string_member(first, "kind"), "slimnet");
  EXPECT_STREQ(json_object_get_string_member(first, "licence"), "CC0-1.0");
}

TEST_F(cli, no_engine_is_no_error) {
  for (const char* what : {"status", "stop"}) {
    const Ran ran = run({"engine", what});
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_NE(ran.err.find("No engine is running."), std::string::npos);
  }
}

}  // namespace
}  // namespace pinxit
