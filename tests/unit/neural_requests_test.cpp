// SPDX-License-Identifier: Apache-2.0
//
// Neural Style's request, its presets, and the events it brings.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "engine/requests/events.h"
#include "engine/requests/json.h"
#include "engine/requests/neural_presets.h"

namespace pinxit {
namespace {

NeuralStyleRequest sample() {
  NeuralStyleRequest request;
  request.styles = {{"layer:7", 2}, {"/a/b.png", 1}};
  request.style_masks = {"", "layer:9"};
  return request;
}

template <class T>
std::string told(const Result<T>& result) {
  return result ? "none" : std::string(error_name(result.error().code)) + ": " + result.error().sentence;
}

std::string refusal(const std::string& member) {
  return told(neural_style_from_json(R"({"operation":"neural-style","styles":[{"style":"a.png"}],)" + member + "}"));
}

TEST(NeuralRequest, the_usual_values_are_the_predecessors) {
  const NeuralStyleRequest request;
  EXPECT_EQ(request.iterations, 10);
  EXPECT_EQ(request.content_weight, 1);
  EXPECT_EQ(request.style_weight, 100);
  EXPECT_EQ(request.variation_weight, 0.001);
  EXPECT_EQ(request.size, 400);
  EXPECT_EQ(request.start, "content");
  EXPECT_TRUE(validate(sample())) << told(validate(sample()));
}

TEST(NeuralRequest, comes_back_from_json) {
  NeuralStyleRequest request = sample();
  request.preset = neural_preset_to_json(neural_preset("classic").take());
  request.iterations = 17, request.content_weight = 0.0001, request.size = 0, request.seed = 2147483647;
  request.start = "last", request.keep_colors = "matched", request.encoder = "x", request.keep_every = 5;
  request.precision = "fp64", request.name = "Ö", request.unknown = {{"sparkle", "[1,2]"}};
  const std::string text = to_json(request);
  EXPECT_EQ(text.find('\n'), std::string::npos) << "one line";
  EXPECT_NE(text.find(R"("style-masks":["","layer:9"])"), std::string::npos) << text;
  const NeuralStyleRequest back = neural_style_from_json(text).take();
  EXPECT_EQ(to_json(back), text);
  EXPECT_EQ(back.style_masks, request.style_masks);
  EXPECT_EQ(back.preset, request.preset);
  EXPECT_EQ(back.unknown.at("sparkle"), "[1,2]");
}

TEST(NeuralRequest, what_is_out_of_range_is_refused_by_name) {
  EXPECT_EQ(refusal(R"("iterations":4)"), "bad-argument: iterations must be between 5 and 100.");
  EXPECT_EQ(refusal(R"("iterations":101)"), "bad-argument: iterations must be between 5 and 100.");
  for (const std::string name : {"content-weight", "style-weight", "variation-weight"}) {
    const std::string sentence = "bad-argument: " + name + " must be between 1e-04 and 10000.";
    EXPECT_EQ(refusal('"' + name + R"(":0.00009)"), sentence);
    EXPECT_EQ(refusal('"' + name + R"(":10001)"), sentence);
    EXPECT_EQ(refusal('"' + name + R"(":10000)"), "none");
  }
  EXPECT_EQ(refusal(R"("size":801)"), "bad-argument: size must be between 0 and 800.");
  for (const char* size : {R"("size":1)", R"("size":99)"})
    EXPECT_EQ(refusal(size), "bad-argument: size must be 0 or between 100 and 800.");
  for (const char* size : {R"("size":0)", R"("size":100)", R"("size":800)"}) EXPECT_EQ(refusal(size), "none");
  EXPECT_EQ(refusal(R"("seed":-1)"), "bad-argument: seed must be between 0 and 2147483647.");
  EXPECT_EQ(refusal(R"("style-scale":5)"), "bad-argument: style-scale must be between 0.1 and 4.");
  EXPECT_EQ(refusal(R"("keep-every":101)"), "bad-argument: keep-every must be between 0 and 100.");
  EXPECT_EQ(refusal(R"("keep-colors":"yes")"),
            "bad-argument: keep-colors must be no, luminance or matched, not \"yes\".");
  EXPECT_TRUE(refusal(R"("start":"somewhere")").starts_with("bad-argument: start must be content, style, noise"));
  EXPECT_EQ(refusal(R"("style-masks":"a")"), "bad-argument: style-masks must be a list of texts.");
  EXPECT_EQ(refusal(R"("style-masks":[1])"), "bad-argument: style-masks must be a text.");
  EXPECT_EQ(refusal(R"("preset":"nicest")"), "bad-argument: There is no preset \"nicest\".");
  EXPECT_EQ(refusal(R"("styles":[])"), "bad-argument: style must name at least one style.");
}

TEST(NeuralRequest, blank_and_random_mean_noise) {
  for (const char* name : {"blank", "random"}) {
    const auto read = neural_style_from_json(R"({"operation":"neural-style","styles":[{"style":"a"}],"start":")" +
                                             std::string(name) + "\"}");
    EXPECT_EQ(read->start, "noise") << name;
    NeuralStyleRequest request;
    EXPECT_TRUE(set_argument(request, "start", name));
    EXPECT_EQ(request.start, "noise");
  }
}

TEST(NeuralRequest, arguments_are_set_from_text) {
  NeuralStyleRequest request;
  EXPECT_TRUE(set_argument(request, "style", "layer:7;/a;b"));
  EXPECT_EQ(request.styles, (std::vector<WeightedStyle>{{"layer:7", 1}, {"/a", 1}, {"b", 1}}));
  EXPECT_TRUE(set_argument(request, "style", "layer:7:0.5;layer:8"));
  EXPECT_EQ(request.styles, (std::vector<WeightedStyle>{{"layer:7", 0.5}, {"layer:8", 1}}));
  EXPECT_TRUE(set_argument(request, "style-masks", ";layer:9; /a\\;b.png"));
  EXPECT_EQ(request.style_masks, (std::vector<std::string>{"", "layer:9", "/a;b.png"}));
  EXPECT_TRUE(set_argument(request, "name", "Evening"));
  EXPECT_FALSE(set_argument(request, "iterations", "4"));
}

TEST(NeuralRequest, every_argument_has_its_words_and_key) {
  std::set<char> keys;
  for (const auto& argument : NeuralStyleRequest::arguments()) {
    const std::string label = argument.label;
    const size_t at = label.find('_');
    ASSERT_LT(at + 1, label.size()) << argument.name;
    EXPECT_TRUE(keys.insert(char(std::tolower(label[at + 1]))).second) << label;
    EXPECT_FALSE(std::string(argument.help).empty()) << argument.name;
  }
}

TEST(AnyRequests, are_told_apart_by_their_operation) {
  const AnyRequest neural = request_from_json(to_json(sample())).take();
  EXPECT_TRUE(std::holds_alternative<NeuralStyleRequest>(neural));
  EXPECT_EQ(to_json(neural), to_json(sample()));
  FastStyleRequest fast;
  fast.styles = {{"candy", 1}};
  EXPECT_TRUE(std::holds_alternative<FastStyleRequest>(request_from_json(to_json(fast)).take()));
  EXPECT_EQ(told(request_from_json(R"({"operation":"knitting"})")),
            "bad-argument: operation must not be \"knitting\".");
  EXPECT_EQ(told(request_from_json("[]")), "protocol: This is not a request in JSON.");
  EXPECT_EQ(told(fast_style_from_json(to_json(sample()))), "bad-argument: operation must be fast-style.");
}

TEST(ListsOfTexts, come_back) {
  const std::vector<std::vector<std::string>> lists = {{}, {"a"}, {"", ""}, {"a;b", "c\\d", ""}, {"", "x"}};
  for (const auto& list : lists) EXPECT_EQ(texts_from_text(texts_to_text(list)), list) << texts_to_text(list);
}

TEST(Presets, best_is_first_and_all_come_back) {
  std::vector<std::string> ids;
  for (const NeuralPreset& preset : neural_presets()) {
    ids.push_back(preset.id);
    const auto back = neural_preset(neural_preset_to_json(preset));
    ASSERT_TRUE(back) << told(back);
    EXPECT_TRUE(*back == preset) << neural_preset_to_json(*back);
    EXPECT_TRUE(neural_preset(preset.id).take() == preset);
    EXPECT_FALSE(preset.title.empty());
    EXPECT_FALSE(preset.description.empty());
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"best", "classic", "pycasso", "picstylist", "crowsonkb"}));
}

TEST(Presets, originals_take_the_steps_of_their_programs) {
  const auto steps = [](const char* id) { return 10 * neural_preset(id).take().schedule.steps; };
  EXPECT_EQ(steps("classic"), 1000);
  EXPECT_EQ(steps("pycasso"), 200);
  EXPECT_EQ(steps("picstylist"), 320);
  EXPECT_EQ(steps("crowsonkb"), 3000);
}

TEST(Presets, a_file_may_say_only_what_differs) {
  const auto preset = neural_preset(R"({"based-on":"classic","id":"mine","content":{"weight":7},
      "style":[{"kind":"moments","taps":[{"layer":"conv3_4","weight":2}]}]})");
  ASSERT_TRUE(preset) << told(preset);
  NeuralPreset wanted = neural_preset("classic").take();
  wanted.id = "mine";
  wanted.content.weight = 7;
  wanted.style = {{StyleTerm::Kind::moments, {}, {}, {{"conv3_4", 2}}}};
  wanted.style[0].divisor = StyleTerm().divisor;
  EXPECT_TRUE(*preset == wanted) << neural_preset_to_json(*preset);
  EXPECT_EQ(neural_preset(R"({"id":"mine"})")->schedule.steps, neural_preset("best")->schedule.steps);
}

TEST(Presets, faults_are_named) {
  const std::pair<const char*, const char*> faults[] = {
      {"{", "This is not a usable preset"},
      {R"({"pinxit-preset":2})", "pinxit-preset must be a number between 1 and 1."},
      {R"({"based-on":"x"})", "There is no preset \"x\"."},
      {R"({"contant":{}})", "there is no field contant."},
      {R"({"content":{"wait":1}})", "there is no field content.wait."},
      {R"({"content":{"layer":"conv3_5"}})", "content.layer must be a layer such as conv4_1."},
      {R"({"content":{"layer":"conv1_3"}})", "content.layer must be a layer"},
      {R"({"content":{"weight":-1}})", "content.weight must be a number between 0 and 1e+12."},
      {R"({"content":{"mean":1}})", "content.mean must be true or false."},
      {R"({"content":[]})", "content must hold named fields."},
      {R"({"style":[]})", "style must not be empty."},
      {R"({"style":[{"kind":"gram"}]})", "style.taps must not be empty."},
      {R"({"style":[{"kind":"grams"}]})", "style.kind must be gram, wasserstein or moments."},
      {R"({"schedule":{"steps":1.5}})", "schedule.steps must be a whole number."},
      {R"({"schedule":{"average":1}})", "schedule.average must be a number between 0 and 0.99999."},
      {R"({"noise":{"base":[1,2]}})", "noise.base must have three numbers."},
      {R"({"start":"last"})", "start must be content, style or noise."},
  };
  for (const auto& [text, sentence] : faults) {
    const auto preset = neural_preset(text);
    ASSERT_FALSE(preset) << text;
    EXPECT_EQ(preset.error().code, ErrorCode::bad_argument) << text;
    EXPECT_NE(preset.error().sentence.find(sentence), std::string::npos) << preset.error().sentence;
  }
}

TEST(NeuralEvents, states_bring_losses_and_the_size_of_their_picture) {
  Event event;
  event.kind = Event::Kind::state;
  event.step = 3, event.of = 10;
  event.losses = Losses{1.5, 2, 3, 4, {{"conv1_1", 5, 0.25}}};
  event.picture = std::make_shared<SrgbPicture>(8, 6);
  event.full = true;
  const std::string line = event_to_json(event);
  EXPECT_EQ(line, R"({"event":"state","step":3,"of":10,"losses":{"total":1.5,"content":2.0,"style":4.0,"tv":3.0,)"
                  R"("taps":[{"layer":"conv1_1","weight":5.0,"loss":0.25}]},"full":true,"width":8,"height":6})");
  const Event back = event_from_json(line);
  EXPECT_EQ(back.kind, Event::Kind::state);
  EXPECT_EQ(back.step, 3);
  EXPECT_TRUE(back.full);
  EXPECT_EQ(back.width, 8);
  ASSERT_TRUE(back.losses);
  EXPECT_EQ(back.losses->variation, 3);
  EXPECT_EQ(back.losses->style, 4);
  EXPECT_EQ(back.losses->taps.at(0).loss, 0.25);
  EXPECT_FALSE(event_from_json(R"({"event":"state","step":1,"full":1})").full);
}

TEST(NeuralEvents, losses_that_ran_away_do_not_break_the_line) {
  Losses losses;
  losses.total = std::numeric_limits<double>::infinity();
  losses.content = std::nan("");
  losses.style = 1e300;
  const std::string text = losses_to_json(losses);
  EXPECT_NE(text.find(R"("total":null)"), std::string::npos) << text;
  const auto back = losses_from_json(text);
  ASSERT_TRUE(back);
  EXPECT_TRUE(std::isnan(back->total));
  EXPECT_TRUE(std::isnan(back->content));
  EXPECT_EQ(back->style, 1e300);
  EXPECT_FALSE(losses_from_json("3"));
}

TEST(NeuralEvents, queued_names_the_job) {
  Event event;
  event.kind = Event::Kind::queued;
  event.position = 2, event.job = 17;
  EXPECT_EQ(event_to_json(event), R"({"event":"queued","position":2,"job":17})");
  EXPECT_EQ(event_from_json(event_to_json(event)).job, 17u);
  EXPECT_EQ(event_from_json(R"({"event":"queued","position":2,"job":-3})").job, 0u);
}

}  // namespace
}  // namespace pinxit
