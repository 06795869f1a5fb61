// SPDX-License-Identifier: Apache-2.0
//
// Generate from Text's request and the pictures among its events.
#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "engine/requests/events.h"
#include "engine/requests/json.h"

namespace pinxit {
namespace {

template <class T>
std::string told(const Result<T>& result) {
  return result ? "none" : std::string(error_name(result.error().code)) + ": " + result.error().sentence;
}

std::string refusal(const std::string& member) {
  return told(generate_from_json(R"({"operation":"generate",)" + member + "}"));
}

GenerateRequest sample() {
  GenerateRequest request;
  request.prompt = "a red „tulip“\nin the rain 🌷";
  request.model = "attngan-birds", request.count = 16, request.seed = 2147483647, request.size = 4096;
  request.all_sizes = request.maps = request.strip = request.fit = true;
  request.vary = "text", request.vary_seed = 7, request.vary_prompt = "a blue one";
  request.keep_prompt = false;
  request.device = "cuda:1", request.precision = "bf16";
  request.unknown = {{"sparkle", "[1,2]"}};
  return request;
}

TEST(GenerateRequests, the_usual_values_are_the_predecessors) {
  const GenerateRequest request;
  EXPECT_EQ(request.count, 5);
  EXPECT_EQ(request.seed, 100);
  EXPECT_EQ(request.model, "auto");
  EXPECT_TRUE(request.keep_prompt);
  EXPECT_TRUE(validate(request)) << "a model may take no prompt";
}

TEST(GenerateRequests, come_back_from_json) {
  const std::string text = to_json(sample());
  EXPECT_EQ(text.find('\n'), std::string::npos) << "one line";
  EXPECT_NE(text.find(R"("operation":"generate","version":1,)"), std::string::npos) << text;
  const GenerateRequest back = generate_from_json(text).take();
  EXPECT_EQ(to_json(back), text);
  EXPECT_EQ(back.prompt, sample().prompt);
  EXPECT_EQ(back.vary_prompt, "a blue one");
  EXPECT_EQ(back.vary_seed, 7);
  EXPECT_TRUE(back.all_sizes && back.maps && back.strip && back.fit);
  EXPECT_FALSE(back.keep_prompt);
  EXPECT_EQ(back.unknown.at("sparkle"), "[1,2]");
  EXPECT_TRUE(std::holds_alternative<GenerateRequest>(request_from_json(text).take()));
}

TEST(GenerateRequests, what_is_out_of_range_is_refused_by_name) {
  EXPECT_EQ(refusal(R"("count":0)"), "bad-argument: count must be between 1 and 16.");
  EXPECT_EQ(refusal(R"("count":17)"), "bad-argument: count must be between 1 and 16.");
  EXPECT_EQ(refusal(R"("count":16)"), "none");
  EXPECT_EQ(refusal(R"("seed":-1)"), "bad-argument: seed must be between 0 and 2147483647.");
  EXPECT_EQ(refusal(R"("seed":2147483648)"), "bad-argument: seed must be between 0 and 2147483647.");
  EXPECT_EQ(refusal(R"("vary-seed":-1)"), "bad-argument: vary-seed must be between 0 and 2147483647.");
  EXPECT_EQ(refusal(R"("size":4097)"), "bad-argument: size must be between 0 and 4096.");
  EXPECT_EQ(refusal(R"("vary":"all")"), "bad-argument: vary must be no, noise or text, not \"all\".");
  EXPECT_EQ(refusal(R"("prompt":7)"), "bad-argument: prompt must be a text.");
  EXPECT_EQ(refusal(R"("maps":1)"), "bad-argument: maps must be true or false.");
  EXPECT_EQ(refusal(R"("model":"")"), "bad-argument: model must not be empty.");
  EXPECT_EQ(refusal(R"("prompt":"a","captions":"/b.txt")"),
            "bad-argument: A prompt and a file of captions cannot go together.");
  EXPECT_EQ(refusal(R"("captions":"/b.txt")"), "none");
  const std::string longest(size_t(GenerateRequest::longest_prompt), 'a');
  EXPECT_EQ(refusal(R"("prompt":")" + longest + R"(","vary-prompt":")" + longest + "\""), "none");
  EXPECT_EQ(refusal(R"("prompt":")" + longest + "a\""), "bad-argument: prompt must have at most 20000 bytes.");
  EXPECT_EQ(refusal(R"("vary-prompt":")" + longest + "a\""),
            "bad-argument: vary-prompt must have at most 20000 bytes.");
}

TEST(GenerateRequests, are_set_from_text) {
  GenerateRequest request;
  EXPECT_TRUE(set_argument(request, "prompt", "a; b"));
  EXPECT_EQ(request.prompt, "a; b");
  EXPECT_TRUE(set_argument(request, "count", "3"));
  EXPECT_FALSE(set_argument(request, "count", "30"));
  EXPECT_FALSE(set_argument(request, "count", "few"));
  EXPECT_EQ(request.count, 3);
  EXPECT_TRUE(set_argument(request, "keep-prompt", "no"));
  EXPECT_FALSE(request.keep_prompt);
  EXPECT_FALSE(set_argument(request, "strength", "3"));
}

TEST(GenerateRequests, hold_no_word_of_the_painter_without_prompts) {
  GenerateRequest request = sample();
  request.captions = "/home/me/captions.txt";
  request.unknown["negative-prompt"] = request.unknown["text2"] = "\"rain\"";
  const GenerateRequest bare = without_prompts(request);
  const std::string text = to_json(bare);
  for (const char* word : {"tulip", "rain", "blue", "captions.txt"})
    EXPECT_EQ(text.find(word), std::string::npos) << word << " in " << text;
  EXPECT_EQ(bare.seed, request.seed);
  EXPECT_EQ(bare.vary, "text");
  EXPECT_EQ(bare.unknown, sample().unknown) << "a newer version's fields, but those that may be words";
  EXPECT_TRUE(generate_from_json(text)) << "a recipe without its prompt can be read";
}

TEST(GenerateRequests, every_argument_has_its_words_and_key) {
  std::set<char> keys;
  for (const auto& argument : GenerateRequest::arguments()) {
    const std::string label = argument.label;
    const size_t at = label.find('_');
    ASSERT_LT(at + 1, label.size()) << argument.name;
    EXPECT_TRUE(keys.insert(char(std::tolower(label[at + 1]))).second) << label;
    EXPECT_FALSE(std::string(argument.help).empty()) << argument.name;
  }
}

// ---- events

Event picture() {
  Event event;
  event.kind = Event::Kind::picture;
  event.made = Made{2, 5, "attention", "red", 2147483647, 0.25};
  event.picture = std::make_shared<SrgbPicture>(8, 4);
  return event;
}

TEST(PictureEvents, have_the_documented_form) {
  EXPECT_EQ(event_to_json(picture()),
            R"({"event":"picture","index":2,"of":5,"role":"attention","word":"red","seed":2147483647,"share":0.25,)"
            R"("width":8,"height":4})");
}

TEST(PictureEvents, come_back) {
  const Event back = event_from_json(event_to_json(picture()));
  EXPECT_EQ(back.kind, Event::Kind::picture);
  ASSERT_TRUE(back.made);
  EXPECT_EQ(back.made->index, 2);
  EXPECT_EQ(back.made->of, 5);
  EXPECT_EQ(back.made->role, "attention");
  EXPECT_EQ(back.made->word, "red");
  EXPECT_EQ(back.made->seed, 2147483647);
  EXPECT_EQ(back.made->share, 0.25);
  EXPECT_EQ(back.width, 8);
  EXPECT_EQ(back.height, 4);
  EXPECT_FALSE(event_from_json(R"({"event":"preview"})").made);
}

TEST(NoteEvents, tell_what_they_are_about) {
  Event note;
  note.kind = Event::Kind::note;
  note.text = "On the CPU.";
  EXPECT_EQ(event_to_json(note), R"({"event":"note","text":"On the CPU."})");
  EXPECT_FALSE(event_from_json(event_to_json(note)).about_prompt);
  note.about_prompt = true;
  EXPECT_EQ(event_to_json(note), R"({"event":"note","text":"On the CPU.","about":"prompt"})");
  EXPECT_TRUE(event_from_json(event_to_json(note)).about_prompt);
  EXPECT_FALSE(event_from_json(R"({"event":"note","text":"a","about":["prompt"]})").about_prompt);
}

TEST(PictureEvents, keep_their_numbers_within_bounds) {
  const Made little = *event_from_json(R"({"event":"picture"})").made;
  EXPECT_EQ(little.of, 1);
  EXPECT_EQ(little.index, 0);
  EXPECT_EQ(little.role, "picture");
  const Made wild = *event_from_json(R"({"event":"picture","index":9e99,"of":-3,"seed":-1e99,"share":7})").made;
  EXPECT_EQ(wild.of, 1);
  EXPECT_EQ(wild.index, 0);
  EXPECT_EQ(wild.seed, 0);
  EXPECT_EQ(wild.share, 1);
  const Made many = *event_from_json(R"({"event":"picture","index":12,"of":5,"word":["a"],"role":3})").made;
  EXPECT_EQ(many.index, 4);
  EXPECT_EQ(many.word, "");
  const Event large = event_from_json(R"({"event":"picture","width":1e300,"height":-1e300})");
  EXPECT_GT(large.width, 524288) << "and refused by whoever wants the pixels";
  EXPECT_LT(large.height, 0);
  Event endless = picture();
  endless.made->share = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(event_from_json(event_to_json(endless)).made->share, 0);
}

}  // namespace
}  // namespace pinxit
