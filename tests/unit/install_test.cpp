// SPDX-License-Identifier: Apache-2.0
//
// The store without a network: offers, sums, selections of tensors, locks, space, pictures of imported styles. What the
// bad internet does to it is in tests/faults/store_test.py.
#include <glib.h>
#include <glib/gstdio.h>
#include <gtest/gtest.h>
#include <json-glib/json-glib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "engine/install/checksum.h"
#include "engine/install/disk.h"
#include "engine/install/http.h"
#include "engine/install/installer.h"
#include "engine/install/own_model.h"
#include "engine/install/progress_board.h"
#include "engine/install/tensor_download.h"
#include "engine/install/thumbnail_scene.h"
#include "engine/install/work.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;
using State = ModelState::State;

class Store : public testing::Test {
 protected:
  void SetUp() override {
    g_autofree char* made = g_dir_make_tmp("pinxit-install-XXXXXX", nullptr);
    folder = made;
    g_setenv("PINXIT_DATA_DIR_USER", (folder + "/data").c_str(), TRUE);
    g_setenv("PINXIT_CONFIG_DIR", (folder + "/config").c_str(), TRUE);
    g_setenv("PINXIT_MODEL_PATH", (folder + "/path").c_str(), TRUE);
    options.offer_folders = {folder + "/offers"};
    fs::create_directories(folder + "/offers");
  }
  void TearDown() override { remove_tree(folder); }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories(fs::path(folder + "/" + name).parent_path());
    std::ofstream(folder + "/" + name) << text;
  }
  void offer_text(const std::string& offers) { write("offers/a.json", R"({"pinxit": 1, "offers": [)" + offers + "]}"); }
  std::string store() const { return folder + "/data/models"; }
  std::string folder;
  InstallerOptions options;
};

std::string offer(const std::string& id, const std::string& file) {
  return R"({"id": ")" + id + R"(", "kind": "k", "operation": "o", "title": "T", "licence": {"id": "MIT"}, )" +
         R"("files": [)" + file + "]}";
}

constexpr const char* good_file =
    R"({"path": "a.bin", "role": "weights", "bytes": 3, "addresses": ["https://example.org/a.bin"]})";

TEST_F(Store, a_broken_offer_is_told_and_the_others_stay) {
  offer_text(offer("one", good_file) + "," + offer("Two", good_file) + "," + offer("three", good_file));
  const Offers offers = Offers::read(options.offer_folders);
  ASSERT_EQ(offers.all().size(), 2u);
  EXPECT_EQ(offers.all()[1].id, "three");
  ASSERT_EQ(offers.problems().size(), 1u);
  EXPECT_NE(offers.problems()[0].sentence.find("Two"), std::string::npos) << offers.problems()[0].sentence;
}

TEST_F(Store, offers_that_would_do_harm_are_refused) {
  const char* files[] = {
      R"({"path": "../a", "role": "w", "addresses": ["https://e.org/a"]})",
      R"({"path": "/a", "role": "w", "addresses": ["https://e.org/a"]})",
      R"({"path": ".hidden/a", "role": "w", "addresses": ["https://e.org/a"]})",
      R"({"path": "a/../../b", "role": "w", "addresses": ["https://e.org/a"]})",
      R"({"path": "model.json", "role": "w", "addresses": ["https://e.org/a"]})",
      R"({"path": "a", "role": "w", "addresses": []})",
      R"({"path": "a", "role": "w", "addresses": ["file:///etc/passwd"]})",
      R"({"path": "a", "role": "w", "addresses": ["http://e.org/a"]})",  // not encrypted, and no sum
      R"({"path": "a", "role": "w", "sha256": "12", "addresses": ["https://e.org/a"]})",
      R"({"path": "a", "role": "w", "convert": "run", "addresses": ["https://e.org/a"]})",
      R"({"path": "a", "role": "w", "convert": "net", "addresses": ["https://e.org/a"]})",  // into what?
      R"({"path": "a", "role": "w", "bytes": -1, "addresses": ["https://e.org/a"]})",
      R"(7)",
  };
  for (const char* file : files) {
    offer_text(offer("bad", file));
    const Offers offers = Offers::read(options.offer_folders);
    EXPECT_TRUE(offers.all().empty()) << file;
    EXPECT_EQ(offers.problems().size(), 1u) << file;
  }
  offer_text(offer("good", R"({"path": "a", "role": "w", "addresses": ["http://e.org/a"], "git_blob": ")" +
                               std::string(40, 'a') + R"("})"));
  EXPECT_EQ(Offers::read(options.offer_folders).all().size(), 1u);
}

TEST(ShippedOffers, are_sound_and_say_their_licence) {
  const Offers offers = Offers::read({PINXIT_SOURCE_ROOT "/models/offers"});
  for (const Error& problem : offers.problems()) ADD_FAILURE() << problem.sentence;
  EXPECT_GE(offers.all().size(), 45u);
  for (const Offer& one : offers.all()) {
    EXPECT_FALSE(one.description.empty() || one.purpose.empty() || one.licence.empty() || one.source.empty()) << one.id;
    EXPECT_TRUE(one.licence_url.starts_with("https://")) << one.id;
    if (one.kind != "lora") {  // their rank is not published
      EXPECT_GT(one.memory_bytes, 0) << one.id;
      EXPECT_TRUE(std::ranges::any_of(one.files, [](const OfferFile& file) { return file.planned_bytes() > 0; }))
          << one.id << ": nothing to hold against the free space";
    }
    for (const OfferFile& file : one.files)
      for (const std::string& address : file.addresses) EXPECT_TRUE(address.starts_with("https://")) << address;
  }
  ASSERT_TRUE(offers.find("vgg19"));
  EXPECT_EQ(offers.find("vgg19")->files[0].planned_bytes(), 80'097'536);
  EXPECT_EQ(offers.find("openrtist-mosaic")->trust(), Trust::sha256);
}

TEST_F(Store, sums_are_those_of_sha256sum_and_git) {
  write("hello", "hello\n");
  const FileSums sums = sum_file(folder + "/hello");
  EXPECT_EQ(sums.bytes, 6);
  EXPECT_EQ(sums.sha256, "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
  EXPECT_EQ(sums.git_blob, "ce013625030ba8dba906f756967f9e9ca394464a");
  OfferFile file;
  EXPECT_FALSE(mismatch(file, sums));
  file.sha256_prefix = "5891b5b5";
  EXPECT_FALSE(mismatch(file, sums));
  file.sha256_prefix = "5891b5b6";
  EXPECT_TRUE(mismatch(file, sums));
  EXPECT_THROW(sum_file(folder), Failure);
  EXPECT_THROW(sum_file(folder + "/nothing"), Failure);
}

TEST(Redirects, never_leave_encryption) {
  EXPECT_EQ(redirect_target("https://a.org/x/y", "z"), "https://a.org/x/z");
  EXPECT_EQ(redirect_target("https://a.org/x", "https://cdn.org/y?a=b%20c"), "https://cdn.org/y?a=b%20c");
  EXPECT_EQ(redirect_target("http://a.org/x", "https://a.org/x"), "https://a.org/x");
  EXPECT_THROW(redirect_target("https://a.org/x", "http://a.org/x"), TransferProblem);
  EXPECT_THROW(redirect_target("https://a.org/x", "ftp://a.org/x"), TransferProblem);
  EXPECT_THROW(redirect_target("https://a.org/x", nullptr), TransferProblem);
}

TEST(Speed, follows_the_last_seconds) {
  using namespace std::chrono_literals;
  SpeedMeter meter;
  const SpeedMeter::Clock::time_point begin;
  EXPECT_EQ(meter.bytes_per_second(), 0);
  for (int i = 0; i <= 100; ++i) meter.note(i * 1000, begin + i * 100ms);  // 10 kB/s
  EXPECT_NEAR(meter.bytes_per_second(), 10'000, 1);
  EXPECT_NEAR(meter.seconds_left(100'000, 150'000), 5, 0.01);
  for (int i = 1; i <= 200; ++i) meter.note(100'000 + i * 100, begin + 10s + i * 100ms);  // 1 kB/s
  EXPECT_NEAR(meter.bytes_per_second(), 1000, 60);
  meter.note(0, begin + 40s);  // thrown away
  EXPECT_EQ(meter.bytes_per_second(), 0);
  EXPECT_EQ(meter.seconds_left(0, 100), -1);
}

TEST(Tensors, of_a_header_become_ranges) {
  const std::string header = R"({"__metadata__": {"a": "b"},
    "head": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
    "f.0": {"dtype": "F32", "shape": [1, 2], "data_offsets": [8, 16]},
    "f.1": {"dtype": "F16", "shape": [4], "data_offsets": [16, 24]},
    "other": {"dtype": "U8", "shape": [1], "data_offsets": [24, 25]},
    "f.2": {"dtype": "U8", "shape": [3], "data_offsets": [25, 28]}})";
  const TensorSelection selection = select_tensors(header, {"f."});
  const int64_t data = int64_t(8 + header.size());
  ASSERT_EQ(selection.ranges.size(), 2u);
  EXPECT_EQ(selection.ranges[0].from, data + 8);
  EXPECT_EQ(selection.ranges[0].size, 16);
  EXPECT_EQ(selection.ranges[1].from, data + 25);
  EXPECT_EQ(selection.ranges[1].size, 3);
  EXPECT_EQ(selection.total(), int64_t(selection.head.size()) + 19);
  EXPECT_EQ(selection.head.size() % 8, 0u);
  EXPECT_NE(selection.head.find(R"("f.2":{"dtype":"U8","shape":[3],"data_offsets":[16,19]})"), std::string::npos)
      << selection.head;
}

TEST(Tensors, of_hostile_headers_are_refused) {
  for (const char* header : {
           "", "[]", "{}", R"({"f": 1})", R"({"f": {}})", R"({"f": {"dtype": "U8", "shape": [1]}})",
           R"({"f": {"dtype": "U8", "shape": [1], "data_offsets": [1]}})",
           R"({"f": {"dtype": "U8", "shape": [1], "data_offsets": ["0", "1"]}})",
           R"({"f": {"dtype": "U8", "shape": [1], "data_offsets": [2, 1]}})",
           R"({"f": {"dtype": "U8", "shape": [1], "data_offsets": [-1, 1]}})",
           R"({"f": {"dtype": "U8", "shape": [1], "data_offsets": [0, 9223372036854775807]}})",
           R"({"f": {"dtype": "U8", "data_offsets": [0, 1]}})",
           R"({"f": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]},
               "f2": {"dtype": "U8", "shape": [2], "data_offsets": [1, 3]}})",
       })
    EXPECT_THROW(select_tensors(header, {"f"}), std::invalid_argument) << header;
}

TEST(Names, become_ids) {
  EXPECT_EQ(id_of_name("Starry Night (2)"), "starry-night-2");
  EXPECT_EQ(id_of_name("…"), "model");
  EXPECT_EQ(id_of_name("../../etc"), "etc");
  EXPECT_LE(id_of_name(std::string(500, 'a')).size(), 100u);
}

TEST_F(Store, work_is_for_one_at_a_time_and_is_cleaned) {
  {
    const Work work = Work::take(store(), "a", {}, {});
    EXPECT_FALSE(Work::take_if_free(store(), "a"));
    std::stop_source stop;
    bool told = false;
    const auto stop_when_told = [&] { told = true, stop.request_stop(); };
    EXPECT_THROW(Work::take(store(), "a", stop_when_told, stop.get_token()), Cancelled);
    EXPECT_TRUE(told);
  }
  EXPECT_FALSE(fs::exists(store() + "/.work")) << "an empty work folder stays behind";
  write("data/models/.work/a/parts/x.part", "123");
  write("data/models/.work/a/ready/model.json", "{}");
  write("data/models/.work/a/old/model.json", "{\"old\": 1}");  // killed between two renames
  write("data/models/.work/b/parts/y.part", "123");
  offer_text(offer("a", good_file));
  const Installer installer(options);
  EXPECT_TRUE(fs::exists(store() + "/.work/a/parts/x.part"));
  EXPECT_FALSE(fs::exists(store() + "/.work/a/ready"));
  EXPECT_TRUE(fs::exists(store() + "/a/model.json")) << "the model that was to be replaced is lost";
  EXPECT_TRUE(fs::exists(store() + "/.work/b/parts/y.part")) << "its offer may only be out of sight";
}

TEST_F(Store, a_work_folder_that_cannot_be_locked_is_told_and_not_waited_for) {
  fs::create_directories(folder + "/elsewhere");
  fs::create_directories(store() + "/.work");
  fs::create_directory_symlink(folder + "/elsewhere", store() + "/.work/a");
  std::stop_source stop;
  bool waits = false;
  const auto stop_when_told = [&] { waits = true, stop.request_stop(); };
  EXPECT_THROW(Work::take(store(), "a", stop_when_told, stop.get_token()), Failure);
  EXPECT_FALSE(waits);
  EXPECT_FALSE(Work::take_if_free(store(), "a"));
}

TEST_F(Store, work_of_others_may_end_while_ours_begins) {
  const auto often = [&](const std::string& id) {
    for (int i = 0; i < 300; ++i) EXPECT_NO_THROW(Work::take(store(), id, {}, {}));
  };
  std::jthread other(often, "a");
  often("b");
}

constexpr const char* entry_by_hand =
    R"({"pinxit": 1, "id": "a", "kind": "k", "operation": "o", "title": "T",
        "files": [{"role": "weights", "path": "a.bin"}]})";

TEST_F(Store, trust_is_that_of_what_is_installed_not_of_the_offer) {
  offer_text(offer("a", R"({"path": "a.bin", "role": "weights", "addresses": ["https://e.org/a"], "sha256": ")" +
                            std::string(64, 'a') + R"("})"));
  Installer installer(options);
  EXPECT_EQ(installer.list()[0].trust, Trust::sha256);
  write("data/models/a/model.json", entry_by_hand);
  write("data/models/a/a.bin", "from a friend");
  EXPECT_EQ(installer.list()[0].state, State::installed);
  EXPECT_EQ(installer.list()[0].trust, Trust::length);
  std::string note;
  ASSERT_TRUE(installer.verify("a", [&](const InstallProgress& p) { note += p.note; }));
  EXPECT_NE(note.find("compared"), std::string::npos) << "nothing was verified, and nobody is told";
}

TEST_F(Store, a_broken_entry_made_by_hand_costs_nobody_a_file) {
  write("data/models/a/model.json", std::string(entry_by_hand) + "typo");
  write("data/models/a/a.bin", "mine");
  std::string note;
  Installer installer(options);
  ASSERT_TRUE(installer.remove("a", [&](const InstallProgress& p) { note += p.note; }));
  EXPECT_FALSE(fs::exists(store() + "/a"));
  EXPECT_TRUE(fs::exists(store() + "/.kept/a-1/a.bin"));
  EXPECT_NE(note.find(".kept/a-1"), std::string::npos) << note;
}

TEST_F(Store, too_little_space_is_told_before_anything_is_fetched) {
  offer_text(offer("big", R"({"path": "a.bin", "role": "weights", "bytes": 1000000000,
                              "addresses": ["https://pinxit.invalid/a.bin"]})"));
  options.free_space = [](const std::string&) { return int64_t(1'000'000'000); };  // but for the margin
  Installer installer(options);
  const auto done = installer.install("big");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::disk_full) << done.error().sentence;
  EXPECT_NE(done.error().sentence.find("GB"), std::string::npos) << done.error().sentence;
  EXPECT_EQ(installer.list()[0].state, State::missing);
}

TEST_F(Store, what_nobody_offers_is_model_missing) {
  Installer installer(options);
  EXPECT_EQ(installer.install("nothing").error().code, ErrorCode::model_missing);
  EXPECT_EQ(installer.remove("nothing").error().code, ErrorCode::model_missing);
  EXPECT_EQ(installer.verify("nothing").error().code, ErrorCode::model_missing);
}

constexpr const char* style = PINXIT_SOURCE_ROOT "/models/fast-style/great-wave/great-wave.safetensors";

TEST_F(Store, an_imported_style_is_listed_with_its_picture) {
  const std::string file = folder + "/My_Style.safetensors";
  fs::copy_file(style, file);
  std::string painted;
  options.make_thumbnail = [&](const std::string& weights, const std::string& picture) -> Status {
    painted = weights;
    write_whole(picture, "jpeg");
    return Nothing{};
  };
  Installer installer(options);
  const auto imported = installer.import_file(file);
  ASSERT_TRUE(imported) << imported.error().sentence;
  EXPECT_EQ(imported->ids, std::vector<std::string>{"my-style"});
  EXPECT_FALSE(painted.empty());
  const Catalogue catalogue = Catalogue::read();
  const ModelEntry* entry = catalogue.find("my-style");
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->operation, "fast-style");
  EXPECT_EQ(entry->kind, "slimnet");
  EXPECT_EQ(entry->title, "My Style");
  EXPECT_EQ(entry->thumbnail, store() + "/my-style/thumbnail.jpg");
  EXPECT_TRUE(installer.verify("my-style"));
  EXPECT_TRUE(fs::exists(file)) << "the user's own file was taken away";

  const auto again = installer.import_file(file);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->ids, imported->ids) << "the same weights became a second model";
  EXPECT_EQ(again->notes.size(), 1u);
  EXPECT_TRUE(installer.remove("my-style"));
  EXPECT_FALSE(Catalogue::read().find("my-style"));
  EXPECT_FALSE(fs::exists(store() + "/.work"));
}

TEST_F(Store, a_style_that_cannot_be_painted_is_imported_all_the_same) {
  options.make_thumbnail = [](const std::string&, const std::string& picture) -> Status {
    write_whole(picture, "half");
    return Error{ErrorCode::engine_missing, "no engine", ""};
  };
  std::vector<std::string> notes;
  Installer installer(options);
  ASSERT_TRUE(installer.import_file(style, [&](const InstallProgress& p) {
    if (!p.note.empty()) notes.push_back(p.note);
  }));
  const Catalogue catalogue = Catalogue::read();
  ASSERT_TRUE(catalogue.find("great-wave"));
  EXPECT_TRUE(catalogue.find("great-wave")->thumbnail.empty());
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("no engine"), std::string::npos);
}

TEST_F(Store, an_import_can_be_stopped) {
  std::stop_source stop;
  stop.request_stop();
  Installer installer(options);
  const auto done = installer.import_file(style, {}, stop.get_token());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::cancelled);
  EXPECT_FALSE(fs::exists(store() + "/great-wave"));
}

TEST_F(Store, the_shared_folder_of_the_settings_is_the_store) {
  EXPECT_EQ(Installer::default_store(), store());
  fs::create_directories(folder + "/shared");
  write("config/settings.ini", "[models]\nfolder=" + folder + "/shared\n");
  EXPECT_EQ(Installer::default_store(), folder + "/shared");
  EXPECT_EQ(Installer().store(), folder + "/shared");
}

TEST(Scene, is_an_opaque_picture_with_something_on_it) {
  const SrgbPicture scene = thumbnail_scene(64);
  double sum = 0, squares = 0;
  for (size_t i = 0; i < scene.data.size(); ++i) {
    ASSERT_GE(scene.data[i], 0);
    ASSERT_LE(scene.data[i], 1);
    if (i % 4 == 3) { ASSERT_EQ(scene.data[i], 1); }
    if (i % 4 == 0) sum += scene.data[i], squares += scene.data[i] * scene.data[i];
  }
  const double mean = sum / (64 * 64);
  EXPECT_GT(squares / (64 * 64) - mean * mean, 0.01) << "one flat colour";
}

}  // namespace
}  // namespace pinxit
