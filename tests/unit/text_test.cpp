// SPDX-License-Identifier: Apache-2.0
//
// Tokenizers with vocabularies of a few words, and files of captions. CLIP's own vocabulary:
// tests/goldens/text_test.cpp.
#include <glib.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/text/captions.h"
#include "engine/text/clip_tokenizer.h"
#include "engine/text/word_tokenizer.h"

namespace pinxit {
namespace {

using Ids = std::vector<int64_t>;
using Words = std::vector<std::string>;

/// A file in a private folder, gone with the object.
class TextFile {
 public:
  explicit TextFile(const std::string& contents) {
    std::string name = std::filesystem::temp_directory_path() / "pinxit-text-XXXXXX";
    folder_ = g_mkdtemp(name.data());
    std::ofstream(path()) << contents;
  }
  ~TextFile() { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/text"; }

 private:
  std::string folder_;
};

std::shared_ptr<const ClipTokenizer> tiny_clip() {
  // From 512 on: re, red</w>, os, ose</w>, rose</w>, ros.
  static const TextFile file("#version: 0.2\nr e\nre d</w>\no s\nos e</w>\nr ose</w>\nr os\n");
  return ClipTokenizer::load(file.path()).take();
}

int64_t byte_id(char c) {
  return c - '!';
}
int64_t last_byte_id(char c) {
  return 256 + byte_id(c);
}

TEST(BytePairs, joins_the_pairs_listed_first_first) {
  const auto clip = tiny_clip();
  EXPECT_EQ(clip->size(), 512 + 6 + 2);
  EXPECT_EQ(clip->ids("red"), Ids{513});
  EXPECT_EQ(clip->ids("rose"), Ids{516});
  EXPECT_EQ(clip->ids("re"), (Ids{byte_id('r'), last_byte_id('e')}));
  EXPECT_EQ(clip->ids("reds"), (Ids{512, byte_id('d'), last_byte_id('s')}));
  EXPECT_EQ(clip->ids("roses"), (Ids{517, byte_id('e'), last_byte_id('s')}));
  EXPECT_EQ(clip->ids(""), Ids{});
}

TEST(BytePairs, overlapping_pairs_are_joined_from_the_left) {
  const TextFile ends("a a\naa aa</w>\n");  // "</w>" is a symbol only where ends of words are marked
  EXPECT_EQ(BytePairs::load(ends.path(), {}).error().code, ErrorCode::model_damaged);
  const TextFile plain("a a\n");
  EXPECT_EQ(BytePairs::load(plain.path(), {}).take().ids("aaaaa"), (Ids{256, 256, byte_id('a')}));
}

TEST(BytePairs, long_pieces_take_no_long_time) {
  const TextFile plain("a b\nab ab\n");
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += i % 3 ? "ab" : "b";
  const auto ids = BytePairs::load(plain.path(), {}).take().ids(text);
  EXPECT_EQ(ids.size(), 2u * 66'667);
}

TEST(BytePairs, broken_files_are_refused) {
  for (const char* contents : {"", "#version: 0.2\n", "a\n", "a b c\n", "qq b\n", "a b\na b\n"}) {
    const TextFile file(contents);
    EXPECT_EQ(ClipTokenizer::load(file.path()).error().code, ErrorCode::model_damaged) << contents;
  }
  EXPECT_EQ(ClipTokenizer::load("/nowhere/merges.txt").error().code, ErrorCode::model_missing);
  const TextFile cut(std::string("\x1F\x8B\x08\x00garbage", 11));
  EXPECT_EQ(ClipTokenizer::load(cut.path()).error().code, ErrorCode::model_damaged);
}

TEST(ClipTokenizer, frames_and_tells_what_is_left_out) {
  const auto clip = tiny_clip();
  auto tokens = clip->read(" Red\tROSE ");
  EXPECT_EQ(tokens.ids, (Ids{clip->start(), 513, 516, clip->end()}));
  EXPECT_EQ(tokens.words, (Words{"red", "rose"}));
  EXPECT_EQ(tokens.left_out, "");
  std::string text;
  for (int i = 0; i < 74; ++i) text += "red ";
  EXPECT_EQ(clip->read(text + "rose").left_out, "");
  tokens = clip->read(text + "reds  and\nroses");
  EXPECT_EQ(tokens.ids.size(), 77u);
  EXPECT_EQ(tokens.ids[75], 512);  // the beginning of "reds"
  EXPECT_EQ(tokens.ids.back(), clip->end());
  EXPECT_EQ(tokens.words.size(), 74u);
  EXPECT_EQ(tokens.left_out, "reds and roses");
  EXPECT_EQ(clip->read("   ").words, Words{});
  Ids padded(77, 7);
  padded[0] = clip->start(), padded[1] = 513, padded[2] = clip->end();
  EXPECT_EQ(ClipTokenizer::padded(clip->read("red"), 7), padded);
}

TEST(ClipTokenizer, refuses_what_is_not_text) {
  for (const std::string& text : {std::string("\xFFred"), std::string("red\xC3"), std::string("red\0rose", 8)})
    EXPECT_THROW(tiny_clip()->read(text), Failure);
}

TEST(Unicode, lower_case_is_the_same_in_every_language) {
  EXPECT_EQ(lower_case("ÄÖÜ ΑΣ ЖУК I İ ẞ"), "äöü ασ жук i i\xCC\x87 ß");
  EXPECT_EQ(lower_case("Ⅷ Ⓩ Ǆ"), "ⅷ ⓩ ǆ");
  EXPECT_EQ(composed("e\xCC\x81"), "é");
}

TEST(WordTokenizer, reads_known_words_and_lists_the_others) {
  const auto words = WordTokenizer::make({"<end>", "this", "bird", "is", "red", "s"}).take();
  auto tokens = words->read("This BIRD’s tiny; it is Réd, tiny_bird 鳥 tiny end");
  EXPECT_EQ(tokens.ids, (Ids{1, 2, 5, 3}));
  EXPECT_EQ(tokens.words, (Words{"this", "bird", "s", "is"}));
  EXPECT_EQ(tokens.unknown_words, (Words{"tiny", "it", "rd", "tiny_bird", "鳥", "end"}));
  EXPECT_EQ(words->read("<end>").ids, Ids{});
  EXPECT_EQ(words->read("").unknown_words, Words{});
  EXPECT_THROW(words->read("bird\xFF"), Failure);
}

TEST(WordTokenizer, tells_what_is_beyond_the_limit) {
  const TextFile file("<end>\r\nbird\r\nred\r\n");
  const auto words = WordTokenizer::load(file.path(), 3).take();
  EXPECT_EQ(words->size(), 3);
  const auto tokens = words->read("red blue bird red bird and red");
  EXPECT_EQ(tokens.ids, (Ids{2, 1, 2}));
  EXPECT_EQ(tokens.left_out, "bird red");
  EXPECT_EQ(tokens.unknown_words, (Words{"blue", "and"}));
}

TEST(WordTokenizer, broken_vocabularies_are_refused) {
  EXPECT_EQ(WordTokenizer::make({"<end>", "a", "a"}).error().code, ErrorCode::model_damaged);
  EXPECT_EQ(WordTokenizer::make({"<end>"}).error().code, ErrorCode::model_damaged);
  EXPECT_EQ(WordTokenizer::load("/nowhere").error().code, ErrorCode::model_missing);
}

TEST(Captions, one_a_line) {
  const TextFile file("\xEF\xBB\xBF a red bird \r\n\n\t\n#1 flower, größer\nlast");
  const auto captions = read_captions(file.path()).take();
  ASSERT_EQ(captions.size(), 3u);
  EXPECT_EQ(captions[0].text, "a red bird");
  EXPECT_EQ(captions[1].text, "#1 flower, größer");
  EXPECT_EQ(captions[1].line, 4);
  EXPECT_EQ(captions[2].text, "last");
}

TEST(Captions, what_cannot_be_read_is_said) {
  EXPECT_EQ(read_captions("/nowhere").error().code, ErrorCode::file_unreadable);
  const TextFile empty("\n \n"), latin("a bird\nein gr\xFCner Vogel\n"), zero(std::string("a\0b", 3)),
      large(std::string((1 << 20) + 1, 'a'));
  EXPECT_EQ(read_captions(empty.path()).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(read_captions(latin.path()).error().code, ErrorCode::file_unreadable);
  EXPECT_NE(read_captions(latin.path()).error().sentence.find("line 2"), std::string::npos);
  EXPECT_EQ(read_captions(zero.path()).error().code, ErrorCode::file_unreadable);
  EXPECT_EQ(read_captions(large.path()).error().code, ErrorCode::file_unreadable);
}

}  // namespace
}  // namespace pinxit
