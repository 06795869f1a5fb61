// SPDX-License-Identifier: Apache-2.0
//
// Kills engines and clients (SIGKILL) at random moments of a job: 10 times, or 100 times with PINXIT_LONG=1. After
// each kill the survivors must notice and the next job must succeed; after all of them nothing may be left.
//
//     kill_engine                 the ring
//     kill_engine client STYLE    one job as a process of its own: exit status 0, or that of the error's code
#include <spawn.h>
#include <sys/wait.h>

#include <random>

#include "tests/unit/engine_fixture.h"

extern char** environ;

namespace pinxit {
namespace {

int one_job(const std::string& style) {
  auto client = EngineClient::connect({});
  if (!client) return error_exit_status(client.error().code);
  const Job job{SharedPicture::create(300, 200).take(), SharedPicture::create(300, 200).take(), {}, {}, {}};
  FastStyleRequest request;
  request.styles = {{style, 1}};
  const auto outcome = client->run(request, job);
  if (!outcome) return error_exit_status(outcome.error().code);
  return job.result.view().data[0] == 1 ? 0 : 1;
}

class Kills : public EngineFixture {
 protected:
  pid_t start_client(const char* style) {
    const char* words[] = {"/proc/self/exe", "client", style, nullptr};
    pid_t pid = 0;
    EXPECT_EQ(posix_spawn(&pid, words[0], nullptr, nullptr, const_cast<char* const*>(words), environ), 0);
    return pid;
  }

  static int exit_status(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  /// The process that holds the engine's lock; 0 while none does.
  static int engine_pid() {
    std::ifstream file(engine_lock_of(socket_path()));
    int pid = 0;
    return file >> pid ? pid : 0;
  }

  void expect_next_run_works() {
    EngineClient client = connect();
    const Job work = job(20, 10);
    const auto outcome = client.run(request("invert"), work);
    ASSERT_TRUE(outcome) << outcome.error().sentence;
    expect_inverted(work);
    EXPECT_TRUE(eventually([&] { return jobs_running(client) == 0; })) << "a job outlives its client";
  }

  void expect_nothing_left() {
    EngineClient client = connect();
    ASSERT_TRUE(client.retire(false));
    for (const int pid : pids_) EXPECT_TRUE(eventually([&] { return !process_runs(pid); })) << pid;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/run")) {
      const std::string name = entry.path().filename();
      EXPECT_TRUE(name == "engine.socket.lock" || name == "engine.socket.start" || name == "engine.log") << name;
    }
  }

  std::mt19937 random_{20260101};
};

TEST_F(Kills, engine_and_client_at_random_moments) {
  const int rounds = std::getenv("PINXIT_LONG") ? 100 : 10;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const bool kill_engine = round % 2 == 0;
    const pid_t client = start_client("steps-25");
    std::this_thread::sleep_for(std::chrono::milliseconds(random_() % 400));
    const int engine = engine_pid();
    if (kill_engine && engine > 1) {
      pids_.push_back(engine);
      kill(engine, SIGKILL);
    }
    if (!kill_engine) kill(client, SIGKILL);
    const int status = exit_status(client);
    if (kill_engine) {
      EXPECT_TRUE(status == 0 || status == error_exit_status(ErrorCode::engine_lost) ||
                  status == error_exit_status(ErrorCode::engine_missing))
          << status;
    } else {
      EXPECT_TRUE(status == 0 || status == -SIGKILL) << status;
    }
    expect_next_run_works();
  }
  expect_nothing_left();
}

TEST_F(Kills, engine_while_it_starts) {
  for (int round = 0; round < 3; ++round) {
    const pid_t client = start_client("invert");
    ASSERT_TRUE(eventually([&] { return process_runs(engine_pid()); }));
    kill(engine_pid(), SIGKILL);
    const int status = exit_status(client);
    EXPECT_TRUE(status == 0 || status == error_exit_status(ErrorCode::engine_lost) ||
                status == error_exit_status(ErrorCode::engine_missing))
        << status;
    expect_next_run_works();
    kill(engine_pid(), SIGKILL);
    ASSERT_TRUE(eventually([&] { return !process_runs(engine_pid()); }));
  }
  expect_nothing_left();
}

/// The engine of a client that was killed while it started is used, not fought over.
TEST_F(Kills, client_while_it_starts_an_engine) {
  const std::string slow = folder_ + "/slow-engine", sign = folder_ + "/started";
  std::ofstream(slow) << "#!/bin/sh\necho >>" << sign << "\nsleep 0.5\nexec " TEST_ENGINE " \"$@\"\n";
  std::filesystem::permissions(slow, std::filesystem::perms::owner_all);
  setenv("PINXIT_ENGINE", slow.c_str(), 1);
  const pid_t killed = start_client("invert");
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(sign); }));
  kill(killed, SIGKILL);
  EXPECT_EQ(exit_status(killed), -SIGKILL);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(exit_status(start_client("invert")), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(8)) << "waited for the other engine to end";
  expect_next_run_works();
  expect_nothing_left();
}

}  // namespace
}  // namespace pinxit

int main(int argc, char** argv) {
  if (argc == 3) return pinxit::one_job(argv[2]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
