// SPDX-License-Identifier: Apache-2.0
//
// `pinxit neural-style`, `evaluate` and `presets` with the engine process of fake_workshop.cpp: it goes from a picture to
// its inverse, and the encoder's name says how.
#include <cmath>
#include <cstring>

#include "engine/requests/neural_presets.h"
#include "tests/unit/cli_paint_desk.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

class cli_neural : public CliPaintDesk {
 protected:
  void SetUp() override {
    CliPaintDesk::SetUp();
    save("a.png", picture(SampleDepth::bits16));
    save("style.png", picture());
  }
  std::vector<std::string> call(std::vector<std::string> more) const {
    std::vector<std::string> words = {"neural-style", "a.png", "--style", "style.png", "-o", "out.png"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  void expect_refused(const std::vector<std::string>& more, const std::string& mentions) const {
    const size_t before = files();
    const Ran ran = run(call(more));
    EXPECT_EQ(ran.status, error_exit_status(ErrorCode::bad_argument)) << ran.err;
    EXPECT_NE(ran.err.find(mentions), std::string::npos) << ran.err;
    EXPECT_EQ(files(), before);
  }
};

TEST_F(cli_neural, paints_and_keeps_what_is_asked_for) {
  const Ran ran = run(call({"--log", "log.json", "--keep-every", "4", "--preset", "crowsonkb"}));
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(ran.out.empty()) << ran.out;
  expect_inverted(load("a.png"), load("out.png"), 1e-4f);
  EXPECT_EQ(load("out.png").depth, SampleDepth::bits16);
  for (const char* kept : {"out-0004.png", "out-0008.png"}) {
    ASSERT_TRUE(fs::exists(folder / kept));
    const float share = std::string(kept) == "out-0004.png" ? 0.4f : 0.8f, value = load("a.png").pixels.data[1];
    EXPECT_NEAR(load(kept).pixels.data[1], value + share * (1 - 2 * value), 1e-4f);
  }
  EXPECT_FALSE(fs::exists(folder / "out-0010.png"));
  g_autoptr(JsonNode) root = json_from_string(text_of("log.json").c_str(), nullptr);
  ASSERT_TRUE(root);
  JsonObject* log = json_node_get_object(root);
  EXPECT_STREQ(json_object_get_string_member(log, "preset"), "crowsonkb");
  EXPECT_STREQ(json_object_get_string_member(log, "encoder"), "auto");
  JsonArray* iterations = json_object_get_array_member(log, "iterations");
  ASSERT_EQ(json_array_get_length(iterations), 11u);
  for (guint i = 0; i < 11; ++i) {
    JsonObject* one = json_array_get_object_element(iterations, i);
    EXPECT_EQ(json_object_get_int_member(one, "iteration"), gint64(i));
    EXPECT_DOUBLE_EQ(json_object_get_double_member(one, "total"), 1000. / (1 + i));
    for (const char* name : {"content", "style", "tv"}) EXPECT_GT(json_object_get_double_member(one, name), 0) << name;
    JsonObject* tap = json_array_get_object_element(json_object_get_array_member(one, "taps"), 0);
    EXPECT_STREQ(json_object_get_string_member(tap, "layer"), "conv1_1");
  }
}

TEST_F(cli_neural, style_pictures_masks_and_a_last_result_travel_along) {
  const Ran ran = run(call({"--style", "a.png:3", "--mask", "none", "--mask", "style.png", "--last", "style.png",
                            "--json"}));
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find(R"(["style-0 7x5","style-1 7x5","mask-1 7x5","start 7x5"])"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find(R"("event":"state","step":10,"of":10)"), std::string::npos);
}

TEST_F(cli_neural, presets_come_from_files) {
  write("mine.json", "\n " + run({"presets", "classic"}).out);
  ASSERT_TRUE(neural_preset(run({"presets", "classic"}).out).take() == neural_preset("classic").take());
  const Ran ran = run(call({"--preset", "mine.json", "--json"}));
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.out.find(R"("preset":"classic")"), std::string::npos) << ran.out;
  write("wrong.json", R"({"contant":1})");
  expect_refused({"--preset", "wrong.json"}, "contant");
  write("text.json", "best");
  expect_refused({"--preset", "text.json"}, "not a preset in JSON");
  EXPECT_EQ(run(call({"--preset", "none.json"})).status, error_exit_status(ErrorCode::file_unreadable));
  const Ran list = run({"presets"});
  for (const NeuralPreset& preset : neural_presets()) EXPECT_NE(list.out.find(preset.id + " "), std::string::npos);
}

TEST_F(cli_neural, usage_errors) {
  expect_refused({"--size", "50"}, "size must be 0 or between 100 and 800.");
  expect_refused({"--iterations", "4"}, "iterations");
  expect_refused({"--preset", "nicest"}, "nicest");
  expect_refused({"--start", "last"}, "--last");
  expect_refused({"--mask", "a.png", "--mask", "a.png"}, "more masks");
  expect_refused({"b.png"}, "one picture at a time");
  expect_refused({"-o", "style.png"}, "would replace");
  expect_refused({"--quality", "0"}, "quality");
  EXPECT_EQ(run({"neural-style", "a.png", "-o", "out.png"}).status, error_exit_status(ErrorCode::bad_argument));
  EXPECT_EQ(run({"neural-style", "a.png", "--style", "no.png", "-o", "out.png"}).status,
            error_exit_status(ErrorCode::file_unreadable));
}

TEST_F(cli_neural, a_failure_leaves_no_result) {
  const Ran ran = run(call({"--encoder", "abort-3", "--log", "log.json"}));
  EXPECT_EQ(ran.status, error_exit_status(ErrorCode::engine_lost)) << ran.err;
  EXPECT_FALSE(fs::exists(folder / "out.png"));
  EXPECT_FALSE(fs::exists(folder / "log.json"));
}

/// Starts a long run and waits until it has written its fifth iteration.
class cli_neural_interrupts : public cli_neural {
 protected:
  GPid start_long_run() {
    const GPid process = start(call({"--encoder", "steps-20", "--iterations", "100", "--keep-every", "5"}));
    for (int i = 0; i < 2000 && !fs::exists(folder / "out-0005.png"); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    EXPECT_TRUE(fs::exists(folder / "out-0005.png"));
    return process;
  }
  static int ended(GPid process) {
    int status = 0;
    EXPECT_EQ(waitpid(process, &status, 0), process);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};

TEST_F(cli_neural_interrupts, the_first_one_writes_the_last_iteration) {
  const GPid process = start_long_run();
  kill(process, SIGINT);
  EXPECT_EQ(ended(process), 0);
  ASSERT_TRUE(fs::exists(folder / "out.png"));
  const float source = load("a.png").pixels.data[1], result = load("out.png").pixels.data[1];
  const float share = (result - source) / (1 - 2 * source);
  EXPECT_GE(share, 0.049f);
  EXPECT_LT(share, 0.6f);
}

TEST_F(cli_neural_interrupts, the_second_one_gives_up) {
  const GPid process = start_long_run();
  const pid_t engine = engine_process();
  kill(engine, SIGSTOP);  // or it could be done before the second one
  kill(process, SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  kill(process, SIGINT);
  EXPECT_EQ(ended(process), error_exit_status(ErrorCode::cancelled));
  kill(engine, SIGCONT);
  EXPECT_FALSE(fs::exists(folder / "out.png"));
}

TEST_F(cli_neural_interrupts, other_signals_give_up_at_once) {
  const GPid process = start_long_run();
  kill(process, SIGTERM);
  EXPECT_EQ(ended(process), error_exit_status(ErrorCode::cancelled));
  EXPECT_FALSE(fs::exists(folder / "out.png"));
}

// ---- evaluate

class cli_evaluate : public cli_neural {
 protected:
  Ran evaluate(std::vector<std::string> more) const {
    std::vector<std::string> words = {"evaluate", "neural-style", "--vgg",     "net.safetensors", "--content", "a.png",
                                      "--style",  "style.png",    "--preset", "pycasso"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

TEST_F(cli_evaluate, losses_are_printed_and_the_gradient_is_written) {
  save("at.png", picture());
  const Ran ran = evaluate({"--at", "at.png", "-o", "gradient.safetensors", "--fp64"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  g_autoptr(JsonNode) root = json_from_string(ran.out.c_str(), nullptr);
  ASSERT_TRUE(root) << ran.out;
  JsonObject* losses = json_node_get_object(root);
  EXPECT_EQ(json_object_get_double_member(losses, "total"), 9.5);
  EXPECT_EQ(json_object_get_double_member(losses, "content"), 1.5);
  EXPECT_EQ(json_object_get_double_member(losses, "tv"), 3);
  JsonObject* style = json_array_get_object_element(json_object_get_array_member(losses, "style"), 0);
  EXPECT_STREQ(json_object_get_string_member(style, "layer"), "conv1_1");
  EXPECT_EQ(json_object_get_double_member(style, "loss"), 0.25);

  const std::string file = text_of("gradient.safetensors");
  uint64_t header = 0;
  ASSERT_GT(file.size(), sizeof header);
  std::memcpy(&header, file.data(), sizeof header);
  EXPECT_EQ(header % 8, 0u);
  ASSERT_EQ(file.size(), sizeof header + header + 3 * 5 * 7 * sizeof(float));
  EXPECT_TRUE(file.substr(8, size_t(header))
                  .starts_with(R"({"gradient":{"dtype":"F32","shape":[3,5,7],"data_offsets":[0,420]}})"));
  for (int i = 0; i < 3 * 5 * 7; ++i) {
    float value = 0;
    std::memcpy(&value, file.data() + 8 + header + size_t(i) * sizeof value, sizeof value);
    // The fake's gradient is twice the picture, and the picture's samples are exact eighths of bytes.
    const int channel = i / 35, pixel = i % 35;
    EXPECT_EQ(value, 2 * (float((5 * pixel + 60 * channel) % 256) / 255)) << i;
  }
}

TEST_F(cli_evaluate, usage_errors) {
  const int bad = error_exit_status(ErrorCode::bad_argument);
  save("at.png", picture());
  PictureFile small = picture();
  small.pixels = SrgbPicture(3, 3);
  save("small.png", small);
  EXPECT_EQ(evaluate({}).status, bad);
  EXPECT_EQ(evaluate({"--at", "small.png"}).status, bad);
  EXPECT_EQ(evaluate({"--at", "at.png", "more"}).status, bad);
  EXPECT_EQ(run({"evaluate"}).status, bad);
  EXPECT_EQ(run({"evaluate", "knitting"}).status, bad);
  EXPECT_EQ(evaluate({"--at", "at.png", "--device", "gpu"}).status, bad);
  EXPECT_EQ(evaluate({"--at", "at.png", "--vgg", "refuse"}).status, error_exit_status(ErrorCode::model_missing));
  EXPECT_EQ(evaluate({"--at", "at.png", "-o", "nowhere/g.safetensors"}).status,
            error_exit_status(ErrorCode::file_unwritable));
}

}  // namespace
}  // namespace pinxit
