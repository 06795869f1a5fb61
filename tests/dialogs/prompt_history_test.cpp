// SPDX-License-Identifier: Apache-2.0
// The private history of prompts: for its owner alone, newest first, bounded, and whole whatever two processes do.
#include "dialogs/generate/prompt_history.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace pinxit {
namespace {

namespace fs = std::filesystem;

class Prompts : public testing::Test {
 protected:
  Prompts() {
    std::string pattern = (fs::temp_directory_path() / "pinxit-prompts-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~Prompts() override { fs::remove_all(folder_); }

  PromptHistory history() const { return PromptHistory((folder_ / "data").string()); }
  std::vector<std::string> texts() const {
    std::vector<std::string> texts;
    for (const KeptPrompt& one : history().prompts()) texts.push_back(one.prompt);
    return texts;
  }
  std::string read() const {
    std::ifstream stream(history().file());
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  void write(const std::string& text) const {
    fs::create_directories(folder_ / "data");
    std::ofstream(history().file()) << text;
  }

  fs::path folder_;
};

TEST_F(Prompts, AreNoneAtFirst) {
  EXPECT_TRUE(history().prompts().empty());
  EXPECT_FALSE(history().newest());
  EXPECT_FALSE(fs::exists(folder_ / "data")) << "looking makes nothing";
}

TEST_F(Prompts, ComeBackNewestFirst) {
  ASSERT_TRUE(history().add({"a red tulip", {}}));
  ASSERT_TRUE(history().add({"  two lines\nof “Größe” 🌷 \n", "a blue tulip "}));
  const std::vector<KeptPrompt> expected = {{"two lines\nof “Größe” 🌷", "a blue tulip"}, {"a red tulip", {}}};
  EXPECT_EQ(history().prompts(), expected);
  EXPECT_EQ(history().newest(), expected.front());
}

TEST_F(Prompts, AreForTheirOwnerAlone) {
  umask(0);
  ASSERT_TRUE(history().add({"a secret garden", {}}));
  for (const char* step : {"made", "changed"}) {
    struct stat facts = {};
    ASSERT_EQ(stat(history().file().c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600u) << step;
    ASSERT_EQ(stat((folder_ / "data").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0700u) << step;
    ASSERT_TRUE(history().add({"another", {}}));
  }
  for (const auto& entry : fs::directory_iterator(folder_ / "data")) {  // of what lies beside it, too
    struct stat facts = {};
    ASSERT_EQ(stat(entry.path().c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0077, 0u) << entry.path();
  }
}

TEST_F(Prompts, AreKeptOnce) {
  for (const char* text : {"one", "two", " one ", "three"}) ASSERT_TRUE(history().add({text, {}}));
  EXPECT_EQ(texts(), (std::vector<std::string>{"three", "one", "two"}));
  ASSERT_TRUE(history().add({"two", "three"}));
  EXPECT_EQ(history().prompts().size(), 4u) << "with another other end it is another";
}

TEST_F(Prompts, BlankOnesAreNotKept) {
  ASSERT_TRUE(history().add({" \n\t ", "something"}));
  EXPECT_TRUE(history().prompts().empty());
  EXPECT_FALSE(fs::exists(history().file()));
}

TEST_F(Prompts, TheOldestGo) {
  for (size_t i = 0; i < PromptHistory::most + 7; i++) ASSERT_TRUE(history().add({"p" + std::to_string(i), {}}));
  const auto all = texts();
  ASSERT_EQ(all.size(), PromptHistory::most);
  EXPECT_EQ(all.front(), "p" + std::to_string(PromptHistory::most + 6));
  EXPECT_EQ(all.back(), "p7");
  EXPECT_EQ(read().find("\"p6\""), std::string::npos) << "also from the disk";
}

TEST_F(Prompts, AreGoneWhenCleared) {
  ASSERT_TRUE(history().add({"a secret garden", {}}));
  ASSERT_TRUE(history().clear());
  EXPECT_TRUE(history().prompts().empty());
  for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path());
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_EQ(text.find("secret"), std::string::npos) << entry.path();
  }
  ASSERT_TRUE(history().clear()) << "twice does no harm";
  ASSERT_TRUE(history().add({"afresh", {}}));
  EXPECT_EQ(texts(), std::vector<std::string>{"afresh"});
}

TEST_F(Prompts, ADamagedFileIsAsNone) {
  for (const char* text : {"", "{", "[]", "7", "{\"prompts\":3}", "{\"prompts\":[1,null,{},{\"prompt\":7}]}"}) {
    write(text);
    EXPECT_TRUE(history().prompts().empty()) << text;
  }
  write("{\"prompts\":[{\"prompt\":\"kept\",\"later\":1},5]}");
  EXPECT_EQ(texts(), std::vector<std::string>{"kept"});
  ASSERT_TRUE(history().add({"new", {}}));
  EXPECT_EQ(texts(), (std::vector<std::string>{"new", "kept"}));
}

TEST_F(Prompts, RememberWhetherTheyMayStayWithLayers) {
  ASSERT_TRUE(history().add({"a red tulip", {}, false}));
  EXPECT_FALSE(history().newest()->keep);
  ASSERT_TRUE(history().add({"a red tulip", {}, true}));
  ASSERT_EQ(texts().size(), 1u) << "the same prompt, whether it may stay or not";
  EXPECT_TRUE(history().newest()->keep);
  ASSERT_TRUE(history().add({"a blue tulip", "a poppy"}));
  ASSERT_TRUE(history().set_keep({" a red tulip ", {}, false}));
  EXPECT_EQ(texts(), (std::vector<std::string>{"a blue tulip", "a red tulip"})) << "nothing moves";
  EXPECT_TRUE(history().prompts()[0].keep);
  EXPECT_FALSE(history().prompts()[1].keep);
  ASSERT_TRUE(history().clear());
  ASSERT_TRUE(history().set_keep({"a red tulip", {}, false}));
  EXPECT_TRUE(history().prompts().empty()) << "what was cleared does not come back";
  write("{\"prompts\":[{\"prompt\":\"kept\",\"keep\":0}]}");
  EXPECT_TRUE(history().newest()->keep);
}

TEST_F(Prompts, TwoProcessesLoseNothing) {
  constexpr int writers = 4, each = 20;  // together fewer than are kept
  for (int writer = 0; writer < writers; writer++) {
    if (fork() != 0) continue;
    bool fine = true;
    for (int i = 0; i < each; i++)
      fine = history().add({std::to_string(writer) + "-" + std::to_string(i), {}}) && fine;
    _exit(fine ? 0 : 1);
  }
  for (int writer = 0; writer < writers; writer++) {
    int status = 0;
    ASSERT_GT(wait(&status), 0);
    EXPECT_EQ(status, 0);
  }
  auto all = texts();
  ASSERT_EQ(all.size(), size_t(writers * each));
  for (int writer = 0; writer < writers; writer++) {  // newest first, also of each
    const std::string prefix = std::to_string(writer) + "-";
    int last = each;
    for (const std::string& text : all) {
      if (!text.starts_with(prefix)) continue;
      EXPECT_EQ(std::stoi(text.substr(prefix.size())), --last);
    }
    EXPECT_EQ(last, 0);
  }
}

TEST_F(Prompts, WhatCannotBeWrittenIsTold) {
  std::ofstream(folder_ / "data") << "a file where the folder should be";
  const auto added = history().add({"a red tulip", {}});
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, ErrorCode::file_unwritable);
  EXPECT_EQ(added.error().sentence.find("tulip"), std::string::npos) << "a message is no place for it";
}

TEST_F(Prompts, AreInTheUsersDataFolder) {
  setenv("PINXIT_DATA_DIR_USER", (folder_ / "user").c_str(), 1);
  EXPECT_EQ(PromptHistory().file(), (folder_ / "user/prompts.json").string());
  unsetenv("PINXIT_DATA_DIR_USER");
  EXPECT_TRUE(PromptHistory().file().ends_with("/pinxit/prompts.json"));
}

}  // namespace
}  // namespace pinxit
