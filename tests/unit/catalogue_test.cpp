// SPDX-License-Identifier: Apache-2.0
//
// The catalogue: what is found, in which order, what is left out and why, and how a name becomes checked files.
#include "engine/store/catalogue.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace pinxit {
namespace {

namespace fs = std::filesystem;

/// sha256 of "abc", from FIPS 180-4.
constexpr const char* sum_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

class catalogue : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "pinxit-catalogue-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    setenv("PINXIT_CONFIG_DIR", (folder / "config").c_str(), 1);
    setenv("PINXIT_DATA_DIR_USER", (folder / "user").c_str(), 1);
    setenv("PINXIT_MODEL_PATH", ((folder / "one").string() + ":" + (folder / "two").string()).c_str(), 1);
  }
  void TearDown() override { fs::remove_all(folder); }

  void write(const fs::path& path, const std::string& text) {
    fs::create_directories((folder / path).parent_path());
    std::ofstream(folder / path, std::ios::binary) << text;
  }
  void add(const std::string& place, const std::string& id, const std::string& file = "w.safetensors",
           const std::string& more = "") {
    write(fs::path(place) / "model.json", R"({"pinxit":1,"id":")" + id +
                                              R"(","kind":"slimnet","operation":"fast-style","title":"Title of )" + id +
                                              R"(","files":[{"role":"weights","path":")" + file + "\"" + more + "}]}");
    write(fs::path(place) / "w.safetensors", "abc");
  }
  static bool has_problem(const Catalogue& found, const std::string& text) {
    for (const Error& problem : found.problems())
      if (problem.sentence.find(text) != std::string::npos && !problem.hint.empty()) return true;
    return false;
  }
  fs::path folder;
};

TEST_F(catalogue, reads_an_entry) {
  write("one/a/thumb.png", "x");
  write("one/a/model.json", R"({"pinxit":1,"id":"great-wave","kind":"slimnet","operation":"fast-style",
    "title":"Die große Welle","description":"Blue.","source":"somewhere","thumbnail":"thumb.png","newer":[1],
    "files":[{"role":"weights","path":"data/w.safetensors","bytes":3,"sha256":")" +
                                std::string(64, 'A') + R"("}],
    "licence":{"id":"Apache-2.0","url":"https://example.org"}})");
  const Catalogue found = Catalogue::read();
  ASSERT_EQ(found.entries().size(), 1u);
  EXPECT_TRUE(found.problems().empty());
  const ModelEntry* entry = found.find("great-wave");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->title, "Die große Welle");
  EXPECT_EQ(entry->kind, "slimnet");
  EXPECT_EQ(entry->operation, "fast-style");
  EXPECT_EQ(entry->description, "Blue.");
  EXPECT_EQ(entry->source, "somewhere");
  EXPECT_EQ(entry->licence, "Apache-2.0");
  EXPECT_EQ(entry->licence_url, "https://example.org");
  EXPECT_EQ(entry->folder, folder / "one/a");
  EXPECT_EQ(entry->thumbnail, folder / "one/a/thumb.png");
  ASSERT_NE(entry->file("weights"), nullptr);
  EXPECT_EQ(entry->file("weights")->path, folder / "one/a/data/w.safetensors");
  EXPECT_EQ(entry->file("weights")->bytes, 3);
  EXPECT_EQ(entry->file("weights")->sha256, std::string(64, 'a'));
  EXPECT_EQ(entry->file("config"), nullptr);
  EXPECT_EQ(found.find("greatwave"), nullptr);
}

TEST_F(catalogue, searches_in_order_and_three_levels_deep) {
  add("two/x", "b");
  add("one/1/2/3", "deep");
  add("one/1/2/3/4", "too-deep");
  add("one/.hidden", "hidden");
  add("user/models/u", "user");
  add("settings/s", "set");
  add("extra", "extra");
  write("config/settings.ini", "[models]\nfolder=" + (folder / "settings").string() + "\n");
  std::vector<std::string> ids;
  const Catalogue found = Catalogue::read({folder / "extra"});
  for (const ModelEntry& entry : found.entries()) ids.push_back(entry.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"extra", "deep", "b", "set", "user"}));
}

TEST_F(catalogue, first_of_an_id_wins) {
  add("one/a", "same");
  add("two/b", "same");
  fs::create_directory_symlink(folder / "one", folder / "two" / "again");  // the same entry, not another one
  const Catalogue found = Catalogue::read();
  ASSERT_EQ(found.entries().size(), 1u);
  EXPECT_EQ(found.entries()[0].folder, folder / "one/a");
  EXPECT_EQ(found.problems().size(), 1u);
  EXPECT_TRUE(has_problem(found, "two/b/model.json"));
}

TEST_F(catalogue, leaves_out_broken_entries_and_says_why) {
  add("one/good", "good");
  add("one/up", "up", "../good/w.safetensors");
  add("one/absolute", "absolute", "/etc/passwd");
  add("one/link", "link");
  fs::remove(folder / "one/link/w.safetensors");
  fs::create_symlink("/etc/passwd", folder / "one/link/w.safetensors");
  add("one/id", "Bad Id");
  add("one/sum", "sum", "w.safetensors", R"(,"sha256":"12")");
  add("one/bytes", "bytes", "w.safetensors", R"(,"bytes":"three")");
  write("one/cut/model.json", R"({"pinxit":1,"id":)");
  write("one/list/model.json", "[1]");
  write("one/nothing/model.json", "");
  write("one/binary/model.json", std::string("\xff\xfe\0\1", 4));
  write("one/deep/model.json", std::string(100000, '['));
  write("one/large/model.json", std::string(2 << 20, ' '));
  write("one/newer/model.json", R"({"pinxit":2,"id":"newer"})");
  write("one/types/model.json", R"({"pinxit":"1","id":7})");
  write("one/files/model.json", R"({"pinxit":1,"id":"f","kind":"k","operation":"o","files":{"role":1}})");
  write("one/file/model.json", R"({"pinxit":1,"id":"f","kind":"k","operation":"o","files":["w"]})");
  write("one/none/model.json", R"({"pinxit":1,"id":"f","kind":"k","operation":"o","files":[]})");
  const Catalogue found = Catalogue::read();
  ASSERT_EQ(found.entries().size(), 1u);
  EXPECT_EQ(found.entries()[0].id, "good");
  for (const char* name : {"up", "absolute", "link", "id", "sum", "bytes", "cut", "list", "nothing", "binary", "deep",
                           "large", "newer", "types", "files", "file", "none"})
    EXPECT_TRUE(has_problem(found, std::string("one/") + name + "/model.json")) << name;
  EXPECT_EQ(found.problems().size(), 17u);
}

TEST_F(catalogue, unusable_settings_are_told) {
  write("config/settings.ini", "[engine]\nthreads=many\n");
  add("one/a", "a");
  const Catalogue found = Catalogue::read();
  EXPECT_EQ(found.entries().size(), 1u);
  EXPECT_TRUE(has_problem(found, "threads"));
}

TEST_F(catalogue, sums_files) {
  write("file", "abc");
  EXPECT_EQ(file_sha256(folder / "file").take(), sum_of_abc);
  for (const fs::path& path : {folder / "none", folder}) {
    const auto sum = file_sha256(path);
    ASSERT_FALSE(sum) << path;
    EXPECT_EQ(sum.error().code, ErrorCode::file_unreadable);
  }
}

TEST_F(catalogue, resolves_ids_and_checks_files) {
  add("one/plain", "plain");
  add("one/right", "right", "w.safetensors", R"(,"bytes":3,"sha256":")" + std::string(sum_of_abc) + "\"");
  add("one/long", "long", "w.safetensors", R"(,"bytes":4)");
  add("one/other", "other", "w.safetensors", R"(,"sha256":")" + std::string(64, '0') + "\"");
  add("one/gone", "gone", "missing.safetensors");
  const Catalogue found = Catalogue::read();
  const auto code = [&](const std::string& name, const std::string& operation = "fast-style") {
    const auto entry = resolve_model(found, name, operation);
    return entry ? std::string("fine") : std::string(error_name(entry.error().code));
  };
  EXPECT_EQ(code("right"), "fine");
  EXPECT_EQ(code("long"), "model-damaged");
  EXPECT_EQ(code("other"), "model-damaged");
  EXPECT_EQ(code("gone"), "model-missing");
  EXPECT_EQ(code("right", "text"), "model-missing");
  const ModelEntry plain = resolve_model(found, "plain", "fast-style").take();
  EXPECT_EQ(plain.files[0].sha256, sum_of_abc);
  EXPECT_EQ(plain.files[0].bytes, 3);

  write("one/right/w.safetensors", "abd");  // changed after it was checked
  fs::last_write_time(folder / "one/right/w.safetensors", fs::file_time_type::clock::now() + std::chrono::seconds(5));
  EXPECT_EQ(code("right"), "model-damaged");
}

TEST_F(catalogue, resolves_files) {
  write("my net.safetensors", "abc");
  const std::string path = folder / "my net.safetensors";
  const ModelEntry entry = resolve_model(Catalogue::read(), path, "fast-style").take();
  EXPECT_EQ(entry.title, "my net");
  EXPECT_EQ(entry.operation, "fast-style");
  ASSERT_NE(entry.file("weights"), nullptr);
  EXPECT_EQ(entry.file("weights")->path, path);
  EXPECT_EQ(entry.file("weights")->sha256, sum_of_abc);
  for (const std::string& missing : {folder.string() + "/none.safetensors", folder.string()}) {
    const auto none = resolve_model(Catalogue::read(), missing, "fast-style");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::model_missing);
  }
}

TEST_F(catalogue, names_the_nearest_ids) {
  add("one/a", "candy");
  add("one/b", "mosaic");
  add("one/c", "great-wave");
  const Catalogue found = Catalogue::read();
  const auto hint = [&](const std::string& id) { return resolve_model(found, id, "fast-style").error().hint; };
  EXPECT_NE(hint("candi").find("“candy”"), std::string::npos);
  EXPECT_NE(hint("Mosaik").find("“mosaic”"), std::string::npos);
  EXPECT_NE(hint("wave").find("“great-wave”"), std::string::npos);
  EXPECT_EQ(hint("Mosaik").find("candy"), std::string::npos);
  EXPECT_NE(hint("zzzzzzzz").find("pinxit styles"), std::string::npos);
}

}  // namespace
}  // namespace pinxit
