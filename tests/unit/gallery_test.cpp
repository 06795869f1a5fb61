// SPDX-License-Identifier: Apache-2.0
//
// The gallery: what is put in comes back, names are unique, states go one way, disk use is bounded.
#include "engine/gallery/gallery.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "engine/gallery/database.h"
#include "engine/gallery/picture_coding.h"
#include "engine/requests/json.h"
#include "gallery_desk.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;
constexpr double half_a_level = 0.51 / 65535;

using Names = std::vector<std::string>;

class GalleryOf : public GalleryDesk {
 protected:
  /// An ended run with a result, iterations 0..2, and the last in full size.
  static int64_t ended_run(Gallery& gallery, const std::string& name) {
    const int64_t id = gallery.add(name, request()).take();
    gallery.begin(id).take();
    for (int i = 0; i <= 2; i++) gallery.record(id, i, losses(10 - i), picture(40, 30, unsigned(i)).view()).take();
    gallery.record_full(id, 2, picture(120, 90).view()).take();
    gallery.complete(id, picture(120, 90, 7).view(), R"({"device":"cpu"})").take();
    return id;
  }
  static std::vector<std::string> names(Gallery& gallery, const std::string& filter = {}) {
    std::vector<std::string> found;
    for (const GalleryEntry& entry : gallery.list(filter).take()) found.push_back(entry.name);
    return found;
  }
};

TEST(PictureCoding, IsExactToHalfALevelOf16Bits) {
  SrgbPicture original(67, 5);
  for (size_t i = 0; i < original.data.size(); i++) original.data[i] = float(i) / float(original.data.size());
  const SrgbPicture back = decode_picture(encode_picture(original.view()));
  ASSERT_EQ(back.width, 67);
  ASSERT_EQ(back.height, 5);
  for (size_t i = 0; i < original.data.size(); i++) EXPECT_NEAR(back.data[i], original.data[i], half_a_level) << i;
}

TEST(PictureCoding, ClampsWhatIsOutside) {
  SrgbPicture original(1, 1);
  original.data = {-0.5f, 1.5f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()};
  EXPECT_EQ(decode_picture(encode_picture(original.view())).data, (std::vector<float>{0, 1, 0, 1}));
}

TEST(PictureCoding, RefusesEveryCutAndEveryBrokenByte) {
  SrgbPicture original(9, 7);
  for (size_t i = 0; i < original.data.size(); i++) original.data[i] = float(i % 11) / 11;
  const std::vector<uint8_t> coded = encode_picture(original.view());
  for (size_t length = 0; length < coded.size(); length++)
    EXPECT_THROW(decode_picture({coded.data(), length}), Failure) << length;
  for (size_t i = 0; i < coded.size(); i++) {
    std::vector<uint8_t> broken = coded;
    broken[i] ^= 0x55;
    EXPECT_THROW(decode_picture(broken), Failure) << i;
  }
  EXPECT_THROW(encode_picture({}), Failure);
}

TEST_F(GalleryOf, KeepsARunOverRestarts) {
  int64_t id = 0;
  {
    Gallery gallery = open();
    id = gallery.add("Evening, Starry Night", request()).take();
    EXPECT_EQ(gallery.entry(id)->state, RunState::ready);
    ASSERT_TRUE(gallery.begin(id));
    EXPECT_EQ(gallery.entry(id)->state, RunState::in_progress);
    for (int i = 0; i <= 3; i++)
      ASSERT_TRUE(gallery.record(id, i, losses(10 - i), picture(40, 30, unsigned(i)).view()));
    ASSERT_TRUE(gallery.record_full(id, 2, picture(80, 60, 22).view()));
    ASSERT_TRUE(gallery.complete(id, picture(80, 60, 9).view(), R"({"device":"cpu"})"));
  }
  Gallery gallery = open();
  EXPECT_FALSE(gallery.trouble());
  const GalleryEntry entry = gallery.entry(id).take();
  EXPECT_EQ(entry.name, "Evening, Starry Night");
  EXPECT_EQ(entry.state, RunState::completed);
  EXPECT_EQ(entry.iterations, 3) << "the start does not count";
  EXPECT_EQ(entry.facts, R"({"device":"cpu"})");
  EXPECT_EQ(entry.error, "");
  EXPECT_TRUE(entry.has_result);
  EXPECT_EQ(entry.request.content_weight, 2.5);
  EXPECT_EQ(entry.request.styles, request().styles);
  EXPECT_EQ(entry.request.name, entry.name);
  EXPECT_EQ(entry.made.size(), std::string("2026-11-21T11:58:03Z").size());
  EXPECT_GE(entry.changed, entry.made);
  EXPECT_EQ(entry.bytes, gallery.bytes());

  const auto iterations = gallery.iterations(id).take();
  ASSERT_EQ(iterations.size(), 4u);
  for (int i = 0; i <= 3; i++) {
    const GalleryIteration& one = iterations[size_t(i)];
    EXPECT_EQ(one.iteration, i);
    EXPECT_EQ(one.losses.total, 10 - i);
    EXPECT_EQ(one.losses.variation, losses(10 - i).variation);
    ASSERT_EQ(one.losses.taps.size(), 2u);
    EXPECT_EQ(one.losses.taps[0].layer, "conv1_1");
    EXPECT_EQ(one.losses.taps[1].loss, 1e-17);
    EXPECT_TRUE(one.shown);
    EXPECT_EQ(one.full, i == 2);
    EXPECT_LT(distance(gallery.picture(id, i).take(), picture(40, 30, unsigned(i))), half_a_level);
  }
  EXPECT_LT(distance(gallery.picture(id, 2, true).take(), picture(80, 60, 22)), half_a_level);
  EXPECT_EQ(gallery.picture(id, 1, true)->width, 40) << "as shown where there is no full one";
  EXPECT_LT(distance(gallery.result(id).take(), picture(80, 60, 9)), half_a_level);
}

TEST_F(GalleryOf, IsTheUsersAlone) {
  open();
  EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all);
  setenv("PINXIT_DATA_DIR_USER", (desk / "data").c_str(), 1);
  ASSERT_TRUE(Gallery::open());
  EXPECT_TRUE(fs::exists(desk / "data/gallery/gallery.sqlite"));
  unsetenv("PINXIT_DATA_DIR_USER");
}

TEST_F(GalleryOf, RefusesTakenAndEmptyNames) {
  Gallery gallery = open();
  const int64_t first = gallery.add("Käthe’s Café", request()).take();
  for (const char* name : {"Käthe’s Café", "KÄTHE’S CAFÉ", " käthe’s cafe\u0301 ", "", "  ", "\xff"}) {
    const auto refused = gallery.add(name, request());
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::bad_argument);
  }
  EXPECT_FALSE(gallery.add(std::string(201, 'x'), request()));
  EXPECT_EQ(names(gallery), Names{"Käthe’s Café"});

  const int64_t second = gallery.add("Cafe", request()).take();
  EXPECT_FALSE(gallery.rename(second, "käthe’S café"));
  EXPECT_EQ(gallery.entry(second)->name, "Cafe");
  EXPECT_TRUE(gallery.rename(first, "KÄTHE’s café")) << "its own name in another case";
  EXPECT_TRUE(gallery.rename(second, "Other"));
  EXPECT_EQ(gallery.entry(second)->request.name, "Other");
  EXPECT_EQ(names(gallery), (Names{"Other", "KÄTHE’s café"}));
}

TEST_F(GalleryOf, FindsFreeNames) {
  Gallery gallery = open();
  EXPECT_EQ(gallery.free_name("Sea"), "Sea");
  for (const char* name : {"Sea", "SEA 2"}) gallery.add(name, request()).take();
  EXPECT_EQ(gallery.free_name("sea"), "sea 3");
}

TEST_F(GalleryOf, FiltersByPartsOfNames) {
  Gallery gallery = open();
  for (const char* name : {"Élan vital", "Straße", "Harbour, 100 % _wave_"}) gallery.add(name, request()).take();
  EXPECT_EQ(names(gallery, ""), (Names{"Harbour, 100 % _wave_", "Straße", "Élan vital"})) << "newest first";
  EXPECT_EQ(names(gallery, "éLAN"), Names{"Élan vital"});
  EXPECT_EQ(names(gallery, "e\u0301lan v"), Names{"Élan vital"}) << "composed or not";
  EXPECT_EQ(names(gallery, "STRASSE"), Names{"Straße"});
  EXPECT_EQ(names(gallery, "0 % _"), Names{"Harbour, 100 % _wave_"});
  EXPECT_EQ(names(gallery, "%"), Names{"Harbour, 100 % _wave_"}) << "no wildcards";
  EXPECT_EQ(names(gallery, "nowhere"), Names{});
}

TEST_F(GalleryOf, GoesThroughItsStatesOneWay) {
  Gallery gallery = open();
  NeuralStyleRequest incomplete;
  const int64_t id = gallery.add("Sketch", incomplete).take();
  EXPECT_EQ(gallery.entry(id)->state, RunState::fresh);
  EXPECT_TRUE(gallery.entry(id)->request.styles.empty());
  EXPECT_FALSE(gallery.begin(id)) << "there is no style";
  incomplete.iterations = 4;
  EXPECT_FALSE(gallery.change(id, incomplete)) << "out of range";
  ASSERT_TRUE(gallery.change(id, request()));
  EXPECT_EQ(gallery.entry(id)->state, RunState::ready);
  EXPECT_FALSE(gallery.record(id, 0, {}, picture(4, 4).view())) << "not begun";
  EXPECT_FALSE(gallery.complete(id, picture(4, 4).view(), ""));

  ASSERT_TRUE(gallery.begin(id));
  EXPECT_FALSE(gallery.begin(id));
  EXPECT_FALSE(gallery.change(id, request())) << "settings rest once it has begun";
  EXPECT_FALSE(gallery.remove(id)) << "it runs";
  EXPECT_FALSE(gallery.record_full(id, 1, picture(4, 4).view())) << "not recorded";
  EXPECT_FALSE(gallery.record(id, -1, {}, picture(4, 4).view()));
  EXPECT_FALSE(gallery.record(id, 0, {}, {})) << "no picture";
  ASSERT_TRUE(gallery.record(id, 0, losses(std::nan("")), picture(4, 4).view()));
  EXPECT_TRUE(std::isnan(gallery.iterations(id)->front().losses.total));
  ASSERT_TRUE(gallery.record(id, 0, losses(3), picture(4, 4).view())) << "again: replaced";
  EXPECT_EQ(gallery.iterations(id)->size(), 1u);
  EXPECT_EQ(gallery.iterations(id)->front().losses.total, 3);

  ASSERT_TRUE(gallery.stop(id, picture(8, 8).view(), "{}"));
  EXPECT_EQ(gallery.entry(id)->state, RunState::stopped);
  EXPECT_TRUE(gallery.entry(id)->has_result);
  EXPECT_FALSE(gallery.begin(id));
  EXPECT_FALSE(gallery.change(id, request()));
  EXPECT_FALSE(gallery.fail(id, "too late"));

  const int64_t other = gallery.add("Other", request()).take();
  gallery.begin(other).take();
  gallery.record(other, 0, losses(1), picture(4, 4).view()).take();
  ASSERT_TRUE(gallery.fail(other, "The engine went away."));
  EXPECT_EQ(gallery.entry(other)->state, RunState::failed);
  EXPECT_EQ(gallery.entry(other)->error, "The engine went away.");
  EXPECT_TRUE(gallery.picture(other, 0));
  EXPECT_FALSE(gallery.result(other));
}

TEST_F(GalleryOf, ForgetsWhatIsRemoved) {
  Gallery gallery = open();
  const int64_t empty = on_disk();
  const int64_t id = ended_run(gallery, "Gone");
  EXPECT_TRUE(fs::exists(fs::path(folder) / "pictures" / std::to_string(id) / "result"));
  ASSERT_TRUE(gallery.remove(id));
  EXPECT_FALSE(gallery.entry(id));
  EXPECT_FALSE(gallery.remove(id));
  EXPECT_FALSE(gallery.picture(id, 0));
  EXPECT_TRUE(fs::is_empty(fs::path(folder) / "pictures"));
  EXPECT_EQ(gallery.bytes(), 0);
  EXPECT_LE(on_disk(), empty + 200000) << "the space is given back";
  EXPECT_GT(gallery.add("Gone", request()).take(), id) << "the name is free, the number is not";
}

TEST_F(GalleryOf, TidiesFullThenResultsThenIterationsOldestFirst) {
  Gallery gallery = open();
  const int64_t old = ended_run(gallery, "Old"), young = ended_run(gallery, "Young");
  const int64_t current = gallery.add("Current", request()).take();
  gallery.begin(current).take();
  for (int i = 0; i <= 1; i++) gallery.record(current, i, losses(1), picture(40, 30, 5).view()).take();

  const auto has_full = [&](int64_t id) { return gallery.iterations(id)->back().full; };
  const auto has_result = [&](int64_t id) { return gallery.entry(id)->has_result; };
  const auto shown = [&](int64_t id) {
    int count = 0;
    for (const auto& one : gallery.iterations(id).take()) count += one.shown && gallery.picture(id, one.iteration);
    return count;
  };
  const auto kept = [&] {
    return std::vector<int>{has_full(old),   has_full(young), has_result(old), has_result(young),
                            shown(old), shown(young)};
  };
  ASSERT_TRUE(gallery.tidy(gallery.bytes()));
  EXPECT_EQ(kept(), (std::vector<int>{1, 1, 1, 1, 3, 3})) << "all fits";
  for (const auto& expected : {std::vector<int>{0, 1, 1, 1, 3, 3}, {0, 0, 1, 1, 3, 3}, {0, 0, 0, 1, 3, 3},
                               {0, 0, 0, 0, 3, 3}, {0, 0, 0, 0, 1, 3}, {0, 0, 0, 0, 1, 1}}) {
    const int64_t before = gallery.bytes();
    ASSERT_TRUE(gallery.tidy(before - 1));
    EXPECT_EQ(kept(), expected);
    EXPECT_LT(gallery.bytes(), before);
  }
  const int64_t rest = gallery.bytes();
  EXPECT_TRUE(gallery.tidy(0)) << "there is nothing more to remove";
  EXPECT_EQ(gallery.bytes(), rest);
  EXPECT_EQ(shown(current), 2) << "a run in progress is left alone";
  EXPECT_TRUE(gallery.picture(old, 2)) << "the last one stays";
  EXPECT_FALSE(gallery.picture(old, 1));
  EXPECT_EQ(gallery.iterations(old)->size(), 3u) << "the losses stay";
  EXPECT_EQ(gallery.entry(old)->iterations, 2);
}

TEST_F(GalleryOf, BoundsTheDisk) {
  Gallery gallery = open();
  gallery.limit_bytes = 400000;
  for (int i = 0; i < 12; i++) ended_run(gallery, "Run " + std::to_string(i));
  EXPECT_LE(gallery.bytes(), gallery.limit_bytes);
  EXPECT_LE(on_disk(), gallery.limit_bytes * 11 / 10 + 300000) << "nor is it hidden in the database";
  EXPECT_EQ(gallery.list()->size(), 12u);
}

TEST_F(GalleryOf, PutsADamagedDatabaseAside) {
  for (int n = 1; n <= 2; n++) {
    {
      Gallery gallery = open();
      ended_run(gallery, "Lost");
    }
    const fs::path file = fs::path(folder) / "gallery.sqlite";
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    if (n == 2) stream.seekp(8192);  // pages of tables; the first time it is the file's header
    stream << std::string(8192, 'x');
    stream.close();

    auto opened = Gallery::open(folder);
    ASSERT_TRUE(opened) << opened.error().sentence;
    ASSERT_TRUE(opened->trouble());
    const fs::path aside = fs::path(folder) / ("gallery.damaged-" + std::to_string(n));
    EXPECT_NE(opened->trouble()->hint.find(aside), std::string::npos) << opened->trouble()->hint;
    EXPECT_TRUE(fs::exists(aside / "gallery.sqlite"));
    EXPECT_FALSE(fs::is_empty(aside / "pictures"));
    EXPECT_TRUE(opened->list()->empty());
    EXPECT_TRUE(opened->add("Found", request()));
    opened->remove(opened->list()->front().id).take();
    EXPECT_FALSE(open().trouble()) << "told once";
  }
}

TEST_F(GalleryOf, LooksCloselyAfterABrokenPage) {
  int64_t id = 0;
  {
    Gallery gallery = open();
    id = gallery.add("Large", request()).take();
    gallery.begin(id).take();
    gallery.record(id, 0, losses(1), picture(400, 300).view()).take();
    gallery.complete(id, picture(4, 4).view(), "{}").take();
  }
  const fs::path file = fs::path(folder) / "gallery.sqlite";
  const auto size = fs::file_size(file);
  fs::resize_file(file, size / 2);  // inside the large picture
  Gallery gallery = open();
  if (!gallery.trouble()) {  // not seen at once: by whoever asks for the picture, and then by the next to open
    EXPECT_FALSE(gallery.picture(id, 0));
    gallery = open();
  }
  EXPECT_TRUE(gallery.trouble());
}

TEST_F(GalleryOf, LeavesAGalleryOfANewerVersionAlone) {
  { open(); }
  Database(folder + "/gallery.sqlite").run("PRAGMA user_version = 99");
  const auto refused = Gallery::open(folder);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::file_unreadable);
  EXPECT_FALSE(fs::exists(fs::path(folder) / "gallery.damaged-1"));
}

TEST_F(GalleryOf, ShowsEntriesOfANewerRequest) {
  Gallery gallery = open();
  const int64_t id = gallery.add("New", request()).take();
  Database(folder + "/gallery.sqlite")
      .run(R"(UPDATE entries SET request = '{"operation":"neural-style","size":-4}')");
  ASSERT_EQ(gallery.list()->size(), 1u);
  EXPECT_NE(gallery.entry(id)->error, "");
}

}  // namespace
}  // namespace pinxit
