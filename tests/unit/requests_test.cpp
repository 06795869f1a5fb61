// SPDX-License-Identifier: Apache-2.0
//
// Requests, events and settings: everything that goes through text and comes back.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "engine/requests/events.h"
#include "engine/requests/json.h"
#include "engine/requests/settings.h"

namespace pinxit {
namespace {

FastStyleRequest sample() {
  FastStyleRequest request;
  request.styles = {{"candy", 0.7}, {"/a b/ünï.safetensors", 0.3}};
  request.strength = 62.5;
  request.keep_colors = true;
  request.device = "cuda:1";
  request.max_size = 2048;
  request.precision = "fp32";
  request.exact = true;
  return request;
}

std::string refusal(const std::string& json) {
  const auto request = fast_style_from_json(json);
  EXPECT_FALSE(request) << json;
  return request ? "" : std::string(error_name(request.error().code)) + ": " + request.error().sentence;
}

std::string with(const std::string& fields) {
  return R"({"operation":"fast-style","styles":[{"style":"candy"}],)" + fields + "}";
}

TEST(RequestJson, comes_back_as_it_went) {
  const auto back = fast_style_from_json(to_json(sample()));
  ASSERT_TRUE(back) << back.error().sentence;
  EXPECT_EQ(back->styles, sample().styles);
  EXPECT_EQ(back->strength, 62.5);
  EXPECT_TRUE(back->keep_colors);
  EXPECT_EQ(back->device, "cuda:1");
  EXPECT_EQ(back->max_size, 2048);
  EXPECT_EQ(back->precision, "fp32");
  EXPECT_TRUE(back->exact);
  EXPECT_EQ(to_json(*back), to_json(sample()));
}

TEST(RequestJson, is_one_line_of_the_documented_form) {
  FastStyleRequest request;
  request.styles = {{"candy", 1}};
  EXPECT_EQ(to_json(request),
            R"({"operation":"fast-style","version":1,"styles":[{"style":"candy","weight":1}],"strength":100,)"
            R"("keep-colors":false,"device":"auto","max-size":0,"precision":"auto","exact":false})");
}

TEST(RequestJson, keeps_fields_of_a_newer_version) {
  const auto request = fast_style_from_json(with(R"("version":7,"brush":{"size":[1,2]},"mood":"calm")"));
  ASSERT_TRUE(request) << request.error().sentence;
  EXPECT_EQ(request->unknown.size(), 2u);
  const std::string text = to_json(*request);
  EXPECT_NE(text.find(R"("brush":{"size":[1,2]})"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("mood":"calm")"), std::string::npos) << text;
}

TEST(RequestJson, missing_fields_are_the_defaults) {
  const auto request = fast_style_from_json(R"({"operation":"fast-style","styles":[{"style":"candy"}]})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->styles.at(0).weight, 1);
  EXPECT_EQ(request->strength, 100);
  EXPECT_EQ(request->device, "auto");
}

TEST(RequestJson, text_that_is_no_request_is_a_protocol_error) {
  for (const char* text : {"", "{", "[]", "3", "null", "{}", R"({"operation":"fast-style")", "\xff\xfe"})
    EXPECT_EQ(refusal(text), "protocol: This is not a request in JSON.") << text;
}

TEST(RequestJson, wrong_fields_are_named) {
  EXPECT_EQ(refusal(R"({"operation":"paint"})"), "bad-argument: operation must be fast-style.");
  EXPECT_EQ(refusal(R"({"operation":"fast-style"})"), "bad-argument: style must name at least one style.");
  EXPECT_EQ(refusal(R"({"operation":"fast-style","styles":"candy"})"), "bad-argument: style must be a list of styles.");
  EXPECT_EQ(refusal(R"({"operation":"fast-style","styles":[3]})"), "bad-argument: style must be a list of styles.");
  EXPECT_EQ(refusal(R"({"operation":"fast-style","styles":[{"style":""}]})"), "bad-argument: style must not be empty.");
  EXPECT_EQ(refusal(R"({"operation":"fast-style","styles":[{"style":"a","weight":0}]})"),
            "bad-argument: style must have weights above 0 and below 1000000.");
  EXPECT_EQ(refusal(R"({"operation":"fast-style","styles":[{"style":"a","weight":"x"}]})"),
            "bad-argument: weight must be a number.");
  EXPECT_EQ(refusal(with(R"("version":"x")")), "bad-argument: version must be a number.");
  EXPECT_EQ(refusal(with(R"("strength":101)")), "bad-argument: strength must be between 0 and 100.");
  EXPECT_EQ(refusal(with(R"("strength":-0.1)")), "bad-argument: strength must be between 0 and 100.");
  EXPECT_EQ(refusal(with(R"("strength":null)")), "bad-argument: strength must be a number.");
  EXPECT_EQ(refusal(with(R"("strength":"80")")), "bad-argument: strength must be a number.");
  EXPECT_EQ(refusal(with(R"("keep-colors":1)")), "bad-argument: keep-colors must be true or false.");
  EXPECT_EQ(refusal(with(R"("max-size":1.5)")), "bad-argument: max-size must be a whole number.");
  EXPECT_EQ(refusal(with(R"("max-size":-1)")), "bad-argument: max-size must be between 0 and 1048576.");
  EXPECT_EQ(refusal(with(R"("max-size":1e300)")), "bad-argument: max-size must be between 0 and 1048576.");
  EXPECT_EQ(refusal(with(R"("device":"gpu")")), "bad-argument: device must be auto, cpu, cuda or cuda:N, not \"gpu\".");
  EXPECT_EQ(refusal(with(R"("device":"cuda:N")")),
            "bad-argument: device must be auto, cpu, cuda or cuda:N, not \"cuda:N\".");
  EXPECT_EQ(refusal(with(R"("device":true)")), "bad-argument: device must be a text.");
  EXPECT_EQ(refusal(with(R"("precision":"fp16")")),
            "bad-argument: precision must be auto, fp32 or bf16, not \"fp16\".");
  EXPECT_EQ(refusal(with(R"("precision":"bf16","exact":true)")),
            "bad-argument: precision must not be bf16 together with exact.");
}

TEST(RequestArguments, not_a_number_is_out_of_range) {
  FastStyleRequest request = sample();
  request.strength = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(validate(request));
}

TEST(RequestArguments, are_set_from_text) {
  FastStyleRequest request;
  EXPECT_TRUE(set_argument(request, "style", "mosaic:2;candy:1"));
  EXPECT_TRUE(set_argument(request, "strength", "80.5"));
  EXPECT_TRUE(set_argument(request, "keep-colors", "yes"));
  EXPECT_TRUE(set_argument(request, "device", "cuda:12"));
  EXPECT_TRUE(set_argument(request, "max-size", "4096"));
  EXPECT_EQ(request.styles, (std::vector<WeightedStyle>{{"mosaic", 2}, {"candy", 1}}));
  EXPECT_EQ(request.strength, 80.5);
  EXPECT_TRUE(request.keep_colors);
  EXPECT_EQ(request.device, "cuda:12");
  EXPECT_EQ(request.max_size, 4096);
  EXPECT_TRUE(set_argument(request, "keep-colors", "off"));
  EXPECT_FALSE(request.keep_colors);
}

TEST(RequestArguments, wrong_text_is_refused_and_changes_nothing) {
  const std::pair<const char*, const char*> wrong[] = {
      {"style", ""},       {"style", ";"},        {"style", "candy:0"}, {"style", "candy:-1;x"}, {"strength", "much"},
      {"strength", "80 "}, {"strength", "nan"},   {"strength", "1e9"},  {"keep-colors", ""},     {"keep-colors", "ja"},
      {"device", "cuda:"}, {"device", "cuda:-1"}, {"max-size", "3.5"},  {"max-size", "-4"},      {"precision", ""},
      {"exact", "2"},      {"sparkle", "1"},
  };
  for (const auto& [name, text] : wrong) {
    FastStyleRequest request = sample();
    const Status status = set_argument(request, name, text);
    ASSERT_FALSE(status) << name << "=" << text;
    EXPECT_EQ(status.error().code, ErrorCode::bad_argument);
    EXPECT_NE(status.error().sentence.find(name), std::string::npos) << status.error().sentence;
    EXPECT_EQ(to_json(request), to_json(sample()));
  }
}

TEST(RequestArguments, every_one_has_its_words) {
  for (const auto& argument : FastStyleRequest::arguments()) {
    EXPECT_NE(std::string(argument.label).find('_'), std::string::npos) << argument.name;
    EXPECT_FALSE(std::string(argument.help).empty()) << argument.name;
  }
}

TEST(Styles, one_name_is_taken_whole) {
  for (const char* name : {"candy", "/a/b c.safetensors", "/a:b/net.pth", "C:net", "x:", "x:1y", "a:inf"})
    EXPECT_EQ(styles_from_text(name).take(), (std::vector<WeightedStyle>{{name, 1}})) << name;
}

TEST(Styles, weights_and_lists_are_split) {
  EXPECT_EQ(styles_from_text("candy:0.5").take(), (std::vector<WeightedStyle>{{"candy", 0.5}}));
  EXPECT_EQ(styles_from_text("/a:b/n.pth:2; mosaic ").take(),
            (std::vector<WeightedStyle>{{"/a:b/n.pth", 2}, {"mosaic", 1}}));
  EXPECT_FALSE(styles_from_text("candy;;mosaic"));
}

TEST(Styles, text_comes_back) {
  const std::vector<std::vector<WeightedStyle>> lists = {
      {{"candy", 1}}, {{"candy:2", 1}}, {{"a;b", 1}}, {{"a\\;b", 0.25}}, {{"a\\", 3}, {"b", 1.0 / 3}, {"c:d", 1}}};
  for (const auto& list : lists) EXPECT_EQ(styles_from_text(styles_to_text(list)).take(), list) << styles_to_text(list);
  EXPECT_EQ(styles_to_text({{"candy", 0.7}, {"mosaic", 0.3}}), "candy:0.7;mosaic:0.3");
}

TEST(EventJson, has_the_documented_form) {
  Event event;
  event.kind = Event::Kind::progress;
  event.step = 3, event.of = 20, event.seconds_left = 1.5;
  EXPECT_EQ(event_to_json(event), R"({"event":"progress","step":3,"of":20,"seconds_left":1.5})");
  event = {};
  event.kind = Event::Kind::error;
  event.error = Error{ErrorCode::model_missing, "No such \"style\".\n", "Take another."};
  EXPECT_EQ(event_to_json(event),
            R"({"event":"error","code":"model-missing","sentence":"No such \"style\".\n","hint":"Take another."})");
  event = {};
  event.kind = Event::Kind::result;
  event.width = 10, event.height = 20, event.facts = R"({"device":"cpu"})";
  EXPECT_EQ(event_to_json(event), R"({"event":"result","width":10,"height":20,"facts":{"device":"cpu"}})");
}

TEST(EventJson, every_kind_comes_back) {
  Event event;
  event.position = 4, event.step = 5, event.of = 6, event.seconds_left = 0.125, event.width = 7, event.height = 8;
  event.text = "Zeile\neins", event.facts = R"({"tiles":3})", event.error = Error{ErrorCode::out_of_memory, "Ö", "h"};
  for (int kind = 0; kind < int(Event::Kind::unknown); ++kind) {
    event.kind = Event::Kind(kind);
    const std::string line = event_to_json(event);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const Event back = event_from_json(line);
    EXPECT_EQ(back.kind, event.kind) << line;
    EXPECT_EQ(event_to_json(back), line);
  }
}

TEST(EventJson, what_is_not_understood_is_unknown) {
  for (const char* line : {"", "{", "[1]", "{}", R"({"event":3})", R"({"event":"sparkle","step":1})"})
    EXPECT_EQ(event_from_json(line).kind, Event::Kind::unknown) << line;
  const Event error = event_from_json(R"({"event":"error","code":"of-the-future"})");
  ASSERT_TRUE(error.error);
  EXPECT_EQ(error.error->code, ErrorCode::internal);
  EXPECT_FALSE(error.error->sentence.empty());
}

class SettingsFile : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/pinxit-test-XXXXXX";
    folder_ = mkdtemp(pattern);
    setenv("PINXIT_CONFIG_DIR", (folder_ + "/config").c_str(), 1);
  }
  void TearDown() override {
    unsetenv("PINXIT_CONFIG_DIR");
    std::filesystem::remove_all(folder_);
  }
  void write(const std::string& text) {
    std::filesystem::create_directories(folder_ + "/config");
    std::ofstream(Settings::file()) << text;
  }
  static std::string text() {
    std::stringstream text;
    text << std::ifstream(Settings::file()).rdbuf();
    return text.str();
  }
  std::string folder_;
};

TEST_F(SettingsFile, is_made_private_and_comes_back) {
  Settings settings;
  settings.device = "cuda:3", settings.threads = 4, settings.memory_limit_mib = 900;
  settings.idle_minutes = 0.25, settings.model_folder = "/a b/ü";
  ASSERT_TRUE(settings.save());
  struct stat facts = {};
  ASSERT_EQ(stat(Settings::file().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  const Settings back = Settings::load().take();
  EXPECT_EQ(back.device, "cuda:3");
  EXPECT_EQ(back.threads, 4);
  EXPECT_EQ(back.memory_limit_mib, 900);
  EXPECT_EQ(back.idle_minutes, 0.25);
  EXPECT_EQ(back.model_folder, "/a b/ü");
  size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_ + "/config")) ++files;
  EXPECT_EQ(files, 1u) << "a temporary file was left";
}

TEST_F(SettingsFile, missing_means_defaults) {
  EXPECT_EQ(Settings::load().take().device, "auto");
  EXPECT_EQ(Settings::load().take().idle_minutes, 10);
}

TEST_F(SettingsFile, keeps_what_it_does_not_know) {
  write("# mine\n[engine]\nthreads=2\nfuture=7\n[remote]\naddress=x\n");
  ASSERT_TRUE(Settings::load().take().save());
  for (const char* part : {"# mine", "threads=2", "future=7", "[remote]", "address=x"})
    EXPECT_NE(text().find(part), std::string::npos) << part << "\n" << text();
}

TEST_F(SettingsFile, unusable_values_are_named) {
  for (const char* line : {"threads=-1", "threads=2.5", "threads=many", "memory-limit-mib=-3", "idle-minutes=nan",
                           "idle-minutes=-1", "device=gpu"}) {
    write(std::string("[engine]\n") + line + "\n");
    const auto settings = Settings::load();
    ASSERT_FALSE(settings) << line;
    EXPECT_EQ(settings.error().code, ErrorCode::bad_argument);
    const std::string key = std::string(line).substr(0, std::string(line).find('='));
    EXPECT_NE(settings.error().sentence.find(key), std::string::npos) << settings.error().sentence;
  }
  write("no key file");
  EXPECT_FALSE(Settings::load());
}

TEST_F(SettingsFile, unusable_values_are_not_saved) {
  Settings settings;
  settings.idle_minutes = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(settings.save());
  EXPECT_FALSE(std::filesystem::exists(Settings::file()));
}

}  // namespace
}  // namespace pinxit
