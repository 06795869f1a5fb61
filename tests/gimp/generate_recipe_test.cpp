// SPDX-License-Identifier: Apache-2.0
//
// What an image keeps of a generated picture, without a GIMP: names and recipe, with the prompt and without.
#include "plugin/generate_recipe.h"

#include <gtest/gtest.h>

namespace pinxit {
namespace {

constexpr const char* facts =
    R"({"engine":"0.1.0","device":"cpu","precision":"fp32","model":{"id":"birds","title":"Birds","sha256":"00"},)"
    R"("words":["scarlet"],"unknown_words":["zeppelin"],"left_out":"marmalade","later":"scarlet","seconds":2.5,)"
    R"("load_seconds":1,"pictures":[{"seed":7,"seconds":1},{"seed":8,"seconds":1.5}]})";

std::shared_ptr<const SrgbPicture> picture_of(int64_t width, int64_t height) {
  return std::make_shared<const SrgbPicture>(width, height);
}

GeneratedPicture example(bool keep) {
  GenerateRequest request{.prompt = "scarlet zeppelin marmalade", .count = 2, .seed = 7};
  request.keep_prompt = keep;
  request.captions = "/tmp/scarlet.txt";
  GeneratedPicture picture{{.index = 1, .of = 2, .seed = 8}, picture_of(256, 200), {}, request, facts};
  const auto add = [&](const char* role, const char* word, int64_t side) {
    picture.parts.push_back({{.role = role, .word = word}, picture_of(side, side)});
  };
  add("smaller", "", 64);
  for (const int64_t side : {64, 128})
    for (const char* word : {"scarlet", "marmalade"}) add("attention", word, side);
  add("strip", "scarlet, marmalade", 500);
  return picture;
}

GenerateRequest kept_request(const GeneratedPicture& picture) {
  return std::get<GenerateRequest>(recipe_from_json(recipe_to_json(generated_recipe(picture))).take().request);
}

TEST(GeneratedRecipe, OrdersThisPicture) {
  const GenerateRequest request = kept_request(example(true));
  EXPECT_EQ(request.prompt, "scarlet zeppelin marmalade");
  EXPECT_EQ(request.seed, 8);
  EXPECT_EQ(request.count, 1);
  EXPECT_EQ(request.captions, "");
}

TEST(GeneratedRecipe, NamesTheModelThatWasChosen) {
  GeneratedPicture picture = example(true);
  EXPECT_EQ(kept_request(picture).model, "birds") << "auto may be another one tomorrow";
  picture.request.model = "/home/me/flowers.safetensors";
  EXPECT_EQ(kept_request(picture).model, picture.request.model);
  picture.request.model = "auto";
  picture.facts.clear();
  EXPECT_EQ(kept_request(picture).model, "auto");
}

TEST(GeneratedRecipe, HasAnIdOfItsOwn) {
  const std::string one = generated_id(generated_recipe(example(true)).facts);
  EXPECT_EQ(one.size(), 36u) << one;
  EXPECT_NE(generated_id(generated_recipe(example(true)).facts), one);
  for (const char* text : {"", "[]", R"({"picture":3})", R"({"picture":{"seed":8}})"})
    EXPECT_EQ(generated_id(text), "");
}

TEST(GeneratedRecipe, OfPicturesThatVaryOrdersAll) {
  GeneratedPicture picture = example(true);
  picture.request.vary = "noise";
  EXPECT_EQ(kept_request(picture).seed, 7);
  EXPECT_EQ(kept_request(picture).count, 2);
  EXPECT_EQ(generated_index(generated_recipe(picture).facts), 1);
}

TEST(GeneratedRecipe, HasNoSource) {
  const std::string text = recipe_to_json(generated_recipe(example(true)));
  EXPECT_EQ(text.find("\"source\""), std::string::npos) << text;
  EXPECT_NE(text.find(R"("facts":{"engine":"0.1.0","device":"cpu")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("seconds":2.5)"), std::string::npos);
  EXPECT_NE(text.find(R"("picture":{"seconds":1.5,"index":1,"of":2,"seed":8)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("unknown_words":["zeppelin"])"), std::string::npos);
  EXPECT_FALSE(generated_prompt_left_out(generated_recipe(example(true)).facts));
}

TEST(GeneratedRecipe, HoldsNoWordOfAPromptThatIsNotKept) {
  const GeneratedPicture picture = example(false);
  std::string all = recipe_to_json(generated_recipe(picture)) + generated_name(picture) +
                    generated_group_name(picture) + generated_details_name(picture);
  for (size_t i = 0; i < picture.parts.size(); ++i) all += generated_part_name(picture, i);
  for (const char* word : {"scarlet", "zeppelin", "marmalade"}) EXPECT_EQ(all.find(word), std::string::npos) << all;
  EXPECT_TRUE(generated_prompt_left_out(generated_recipe(picture).facts));
  EXPECT_EQ(kept_request(picture).seed, 8);
}

TEST(GeneratedRecipe, SurvivesFactsThatAreNone) {
  GeneratedPicture picture = example(true);
  for (const char* text : {"", "nonsense", "[]", R"({"pictures":3,"model":4})", R"({"pictures":[1,2]})"}) {
    picture.facts = text;
    EXPECT_NE(generated_recipe(picture).facts.find(R"("seed":8)"), std::string::npos) << text;
    EXPECT_EQ(generated_name(picture), "scarlet zeppelin marmalade – seed 8");
    EXPECT_EQ(generated_index(text), 0);
  }
}

TEST(GeneratedNames, TellPromptAndSeed) {
  GeneratedPicture picture = example(true);
  EXPECT_EQ(generated_name(picture), "scarlet zeppelin marmalade – seed 8");
  EXPECT_EQ(generated_group_name(picture), "scarlet zeppelin marmalade");
  picture.request.vary = "noise";
  picture.made.share = 0.254;
  EXPECT_EQ(generated_name(picture), "scarlet zeppelin marmalade – seed 8, 25 %");
  picture.request.prompt = "über " + std::string(80, 'x');
  EXPECT_EQ(generated_group_name(picture), "über " + std::string(35, 'x') + "…");
  picture.request.prompt = "broken \xff text\n\nof lines";
  EXPECT_EQ(generated_group_name(picture), "broken \xEF\xBF\xBD text  of lines");
}

TEST(GeneratedNames, TellTheModelWhereThereIsNoPrompt) {
  GeneratedPicture picture = example(false);
  EXPECT_EQ(generated_name(picture), "Birds – seed 8");
  picture.facts.clear();
  picture.request.model = "/home/me/flowers.v2.safetensors";
  EXPECT_EQ(generated_name(picture), "flowers.v2 – seed 8");
}

TEST(GeneratedNames, OfDetails) {
  const char* kept[] = {"64 × 64",
                        "scarlet (64 × 64)",
                        "marmalade (64 × 64)",
                        "scarlet (128 × 128)",
                        "marmalade (128 × 128)",
                        "Strongest words: scarlet, marmalade"};
  const char* without[] = {
      "64 × 64", "Word 1 (64 × 64)", "Word 2 (64 × 64)", "Word 1 (128 × 128)", "Word 2 (128 × 128)", "Strongest words"};
  for (size_t i = 0; i < std::size(kept); ++i) {
    EXPECT_EQ(generated_part_name(example(true), i), kept[i]);
    EXPECT_EQ(generated_part_name(example(false), i), without[i]);
  }
}

TEST(GeneratedNames, OfDetailsAreKnownAgain) {
  for (const bool keep : {true, false})
    for (size_t i = 0; i < example(keep).parts.size(); ++i) {
      const GeneratedPicture picture = example(keep);
      const std::string facts = generated_recipe(picture).facts, name = generated_part_name(picture, i);
      const PartLabel part = generated_part_label(picture, i);
      EXPECT_TRUE(is_generated_part_name(name, part, facts)) << name;
      EXPECT_TRUE(is_generated_part_name(name + " #12", part, facts)) << name;
      EXPECT_TRUE(is_generated_part_name(generated_part_name(example(false), i), part, facts)) << "it was forgotten";
      for (const char* other : {"Mine", "", "scarlet", "scarlet (64 × 65)", "my favourite (64 × 64)",
                                "scarlet (64 × 64) mine", "64 × 64 #a", "Strongest words – for Anna"})
        EXPECT_FALSE(is_generated_part_name(other, part, facts)) << other << " for " << name;
    }
}

TEST(GeneratedNames, OfMapsAreThoseOfTheirWords) {
  const PartLabel second{.role = "attention", .word = 2, .width = 64, .height = 64};
  const std::string kept = generated_recipe(example(true)).facts, forgotten = generated_recipe(example(false)).facts;
  EXPECT_TRUE(is_generated_part_name("marmalade (64 × 64)", second, kept));
  EXPECT_FALSE(is_generated_part_name("scarlet (64 × 64)", second, kept));
  EXPECT_FALSE(is_generated_part_name("marmalade (64 × 64)", second, forgotten));
  EXPECT_FALSE(is_generated_part_name(" (64 × 64)", {.role = "attention", .word = 3, .width = 64, .height = 64}, kept));
  for (const char* facts : {"", "{}", R"({"picture":{"words":3}})", R"({"picture":{"words":[1,{}]}})"}) {
    EXPECT_FALSE(is_generated_part_name("marmalade (64 × 64)", second, facts));
    EXPECT_TRUE(is_generated_part_name("Word 2 (64 × 64)", second, facts));
  }
}

TEST(GeneratedFacts, TellWhetherAPromptIsTaken) {
  EXPECT_FALSE(generated_takes_prompt(R"({"takes_prompt":false})"));
  for (const char* text : {"", "{}", R"({"takes_prompt":true})"}) EXPECT_TRUE(generated_takes_prompt(text)) << text;
}

}  // namespace
}  // namespace pinxit
