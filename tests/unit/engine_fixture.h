// SPDX-License-Identifier: Apache-2.0
//
// A private place for tests that start engine processes: own folders, own engine program, and nothing left behind.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "engine/client/engine_client.h"
#include "engine/client/runtime.h"
#include "engine/client/wire.h"

namespace pinxit {

inline void pause_briefly() {
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

/// Waits until `holds`, at most 20 s.
template <class F>
bool eventually(F&& holds) {
  for (int i = 0; i < 4000; ++i) {
    if (holds()) return true;
    pause_briefly();
  }
  return false;
}

/// Runs and is not a zombie that nobody has fetched yet.
inline bool process_runs(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text)) return false;
  const size_t behind_name = text.rfind(')');
  return behind_name != std::string::npos && text.compare(behind_name + 2, 1, "Z") != 0;
}

class EngineFixture : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/pinxit-test-XXXXXX";
    folder_ = mkdtemp(pattern);
    setenv("PINXIT_RUNTIME_DIR", (folder_ + "/run").c_str(), 1);
    setenv("PINXIT_CONFIG_DIR", (folder_ + "/config").c_str(), 1);
    setenv("PINXIT_DATA_DIR_USER", (folder_ + "/data").c_str(), 1);
    setenv("PINXIT_MODEL_PATH", (folder_ + "/models").c_str(), 1);
    setenv("PINXIT_ENGINE", TEST_ENGINE, 1);
    write_settings("[engine]\nidle-minutes=0.5\n");  // ends by itself should this test be killed
  }

  void TearDown() override {
    for (const int pid : pids_) {
      kill(pid, SIGCONT);
      kill(pid, SIGTERM);
      EXPECT_TRUE(eventually([&] { return !process_runs(pid); })) << "engine " << pid << " does not end";
    }
    std::filesystem::remove_all(folder_);
  }

  /// A client of the private engine, which is started if need be.
  EngineClient connect(EngineOptions options = {}) {
    EngineClient client = EngineClient::connect(options).take();
    remember(client);
    return client;
  }

  int remember(EngineClient& client) {
    const int pid = int(number_in(client.status().take(), "pid", 0));
    if (std::find(pids_.begin(), pids_.end(), pid) == pids_.end()) pids_.push_back(pid);
    return pid;
  }

  static std::string socket_path() { return socket_in(runtime_folder().take()); }

  static FastStyleRequest request(const std::string& style) {
    FastStyleRequest request;
    request.styles = {{style, 1}};
    return request;
  }

  /// A picture whose every value is different, and a place for its result.
  static Job job(int64_t width, int64_t height) {
    Job job{SharedPicture::create(width, height).take(), SharedPicture::create(width, height).take(), {}, {}, {}};
    const SrgbSpan span = job.source.span();
    for (int64_t i = 0; i < 4 * width * height; ++i) span.data[i] = float(i) / float(4 * width * height);
    return job;
  }

  static void expect_inverted(const Job& job) {
    const SrgbView source = job.source.view(), result = job.result.view();
    ASSERT_EQ(source.width, result.width);
    for (int64_t i = 0; i < 4 * source.width * source.height; ++i)
      ASSERT_EQ(result.data[i], i % 4 == 3 ? source.data[i] : 1 - source.data[i]) << "value " << i;
  }

  int64_t jobs_running(EngineClient& client) {
    const std::string status = client.status().take();
    const size_t at = status.find("\"running\":");
    return at == std::string::npos ? -1 : std::atoi(status.c_str() + at + 10);
  }

  void write_settings(const std::string& text) {
    std::filesystem::create_directories(folder_ + "/config");
    std::ofstream(folder_ + "/config/settings.ini") << text;
  }

  std::string folder_;
  std::vector<int> pids_;
};

}  // namespace pinxit
