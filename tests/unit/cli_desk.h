// SPDX-License-Identifier: Apache-2.0
//
// A private folder to run `pinxit` in, as a shell would run it.
#pragma once

#include <glib.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/pictures/files.h"

namespace pinxit {

struct Ran {
  int status = -1;  ///< exit status; -1: killed
  std::string out, err;
};

class CliDesk : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "pinxit-cli-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    for (const char* name : {"PINXIT_RUNTIME_DIR", "PINXIT_CONFIG_DIR", "PINXIT_DATA_DIR_USER"})
      setenv(name, (folder / "private").c_str(), 1);
    std::filesystem::create_directory(folder / "private");
    std::filesystem::permissions(folder / "private", std::filesystem::perms::owner_all);
    setenv("PINXIT_MODEL_PATH", (folder / "models").c_str(), 1);
    setenv("LC_ALL", "C.UTF-8", 1);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  GPid start(std::vector<std::string> words, GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD) const {
    GPid process = 0;
    std::vector<char*> pointers = command(words);
    EXPECT_TRUE(g_spawn_async(folder.c_str(), pointers.data(), nullptr, flags, nullptr, nullptr, &process, nullptr));
    return process;
  }
  Ran run(std::vector<std::string> words) const {
    std::vector<char*> pointers = command(words);
    g_autofree char* out = nullptr;
    g_autofree char* err = nullptr;
    int status = 0;
    EXPECT_TRUE(g_spawn_sync(folder.c_str(), pointers.data(), nullptr, G_SPAWN_DEFAULT, nullptr, nullptr, &out, &err,
                             &status, nullptr));
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, out ? out : "", err ? err : ""};
  }
  void write(const std::filesystem::path& path, const std::string& text) const {
    std::filesystem::create_directories((folder / path).parent_path());
    std::ofstream(folder / path, std::ios::binary) << text;
  }
  std::filesystem::path folder;

 private:
  /// Points into `words`.
  static std::vector<char*> command(std::vector<std::string>& words) {
    words.insert(words.begin(), std::getenv("PINXIT_CLI"));
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
  }
};

}  // namespace pinxit
