// SPDX-License-Identifier: Apache-2.0
//
// The recipe's text, without a GIMP: what is written is read back, and what cannot be read is told.
#include "plugin/recipe.h"

#include <gtest/gtest.h>

namespace pinxit {
namespace {

Recipe example() {
  return {.procedure = "plug-in-pinxit-fast-style",
          .request = FastStyleRequest{.styles = {{"great-wave", 0.7}, {"/tmp/a net.safetensors", 0.3}},
                                      .strength = 80.5},
          .facts = R"({"engine":"0.1.0","styles":[{"id":"great-wave","title":"The Great Wave"},{"title":"Sien"}]})",
          .pinxit = "0.1.0",
          .gimp = "3.0.4",
          .source = {.tattoo = 7, .name = "Ünïcode \"画\" 🎨", .checksum = "pinxit64:00", .width = 40, .height = 30},
          .selection = true};
}

TEST(Recipe, ComesBackAsItWas) {
  const Recipe written = example();
  const auto read = recipe_from_json(recipe_to_json(written));
  ASSERT_TRUE(read) << read.error().sentence;
  EXPECT_EQ(read->procedure, written.procedure);
  const auto& request = std::get<FastStyleRequest>(read->request);
  EXPECT_EQ(request.styles, std::get<FastStyleRequest>(written.request).styles);
  EXPECT_EQ(request.strength, 80.5);
  EXPECT_EQ(read->facts, written.facts);
  EXPECT_EQ(read->pinxit + read->gimp, "0.1.03.0.4");
  EXPECT_EQ(read->source.tattoo, 7u);
  EXPECT_EQ(read->source.name, written.source.name);
  EXPECT_EQ(read->source.checksum, "pinxit64:00");
  EXPECT_EQ(read->source.width * 1000 + read->source.height, 40030);
  EXPECT_TRUE(read->selection);
  EXPECT_EQ(read->iteration, -1);
}

TEST(Recipe, OfFastStyleIsWhatItAlwaysWas) {
  Recipe recipe = example();
  recipe.request = FastStyleRequest{.styles = {{"great-wave", 3}, {"/tmp/a net.safetensors", 1}}, .strength = 80.5};
  recipe.source.name = "Photo";
  recipe.facts = "{}";
  EXPECT_EQ(recipe_to_json(recipe),
            R"({"recipe":1,"procedure":"plug-in-pinxit-fast-style","request":{"operation":"fast-style","version":1,)"
            R"("styles":[{"style":"great-wave","weight":3},{"style":"/tmp/a net.safetensors","weight":1}],)"
            R"("strength":80.5,"keep-colors":false,"device":"auto","max-size":0,"precision":"auto","exact":false},)"
            R"("facts":{},"pinxit":"0.1.0","gimp":"3.0.4","source":{"tattoo":7,"name":"Photo",)"
            R"("checksum":"pinxit64:00","width":40,"height":30},"selection":true})");
}

TEST(Recipe, OfNeuralStyleComesBackAsItWas) {
  Recipe written = example();
  written.request = NeuralStyleRequest{
      .styles = {{"layer:3", 1}}, .style_masks = {"layer:4"}, .preset = "classic", .start = "last", .seed = 11};
  written.iteration = 3;
  const auto read = recipe_from_json(recipe_to_json(written));
  ASSERT_TRUE(read) << read.error().sentence;
  const auto& request = std::get<NeuralStyleRequest>(read->request);
  EXPECT_EQ(request.styles.front().style + request.style_masks.front(), "layer:3layer:4");
  EXPECT_EQ(request.preset + request.start, "classiclast");
  EXPECT_EQ(request.seed, 11);
  EXPECT_EQ(read->iteration, 3);
}

TEST(Recipe, IsPlainAscii) {
  for (const char character : recipe_to_json(example())) ASSERT_TRUE(character >= ' ' && character < 0x7f);
}

TEST(Recipe, KeepsFieldsOfNewerRequests) {
  std::string text = recipe_to_json(example());
  text.insert(text.find("\"strength\""), "\"brush\":\"wide\",");
  const auto read = recipe_from_json(text);
  ASSERT_TRUE(read) << read.error().sentence;
  EXPECT_NE(recipe_to_json(*read).find("\"brush\":\"wide\""), std::string::npos);
}

TEST(Recipe, OfANewerKindIsRefused) {
  std::string text = recipe_to_json(example());
  text.replace(text.find("\"recipe\":1"), 10, "\"recipe\":2");
  const auto read = recipe_from_json(text);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::protocol);
  EXPECT_FALSE(read.error().hint.empty());
}

TEST(Recipe, OfAnyOtherKindIsRefused) {
  for (const char* text : {"", "nonsense", "[]", "{}", R"({"recipe":1})", R"({"recipe":1,"request":3})",
                           R"({"recipe":"x","request":{}})", R"({"request":{"operation":"fast-style"}})"})
    EXPECT_FALSE(recipe_from_json(text)) << text;
}

TEST(Recipe, SurvivesFactsThatAreNone) {
  Recipe recipe = example();
  recipe.facts = "not JSON";
  const auto read = recipe_from_json(recipe_to_json(recipe));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->facts, "{}");
}

TEST(StyleTitles, AreJoined) {
  EXPECT_EQ(style_titles(example().facts), "The Great Wave + Sien");
  for (const char* text : {"", "{}", R"({"styles":3})", R"({"styles":[1,{},{"title":""}]})"})
    EXPECT_EQ(style_titles(text), "") << text;
}

}  // namespace
}  // namespace pinxit
