// SPDX-License-Identifier: Apache-2.0
//
// EngineClient against an engine process with the fake workshop: results, cancelling, queueing, and every way an
// engine can be missing, old, stuck or killed.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <atomic>
#include <future>

#include "tests/unit/engine_fixture.h"

namespace pinxit {
namespace {

using Kind = Event::Kind;

std::string fail_code(const Result<Outcome>& outcome) {
  return outcome ? "no error" : std::string(error_name(outcome.error().code));
}

class Client : public EngineFixture {};

TEST_F(Client, starts_an_engine_and_gets_a_result) {
  EngineClient client = connect();
  Job work = job(33, 17);
  std::vector<Kind> kinds;
  work.on_event = [&](const Event& event) { kinds.push_back(event.kind); };
  const auto outcome = client.run(request("steps-3"), work);
  ASSERT_TRUE(outcome) << outcome.error().sentence;
  EXPECT_EQ(outcome->facts, R"({"serial":1,"style":"steps-3"})");
  EXPECT_EQ(kinds, (std::vector<Kind>{Kind::queued, Kind::progress, Kind::progress, Kind::progress, Kind::result}));
  expect_inverted(work);
}

TEST_F(Client, crop_and_fitted_views) {
  EngineClient client = connect();
  Job work = job(40, 30);
  work.result = SharedPicture::create(7, 5).take();
  work.view = {View::Kind::crop, {11, 9, 7, 5}};
  ASSERT_TRUE(client.run(request("invert"), work));
  EXPECT_EQ(work.result.view().row(2)[4 * 3], 1 - work.source.view().row(11)[4 * 14]);
  work.view = {View::Kind::fitted, {}};
  ASSERT_TRUE(client.run(request("invert"), work));
  EXPECT_EQ(work.result.view().row(4)[4 * 6 + 1], 1 - work.source.view().row(24)[4 * 34 + 1]);
}

TEST_F(Client, asks_status_and_styles) {
  std::filesystem::create_directories(folder_ + "/models/a");
  std::ofstream(folder_ + "/models/a/net.safetensors") << "x";
  std::ofstream(folder_ + "/models/a/model.json")
      << R"({"pinxit":1,"id":"test-a","kind":"slimnet","operation":"fast-style","title":"Ä","description":"d",)"
      << R"("files":[{"role":"weights","path":"net.safetensors"}],"licence":{"id":"CC0-1.0","url":"u"},"source":"s"})";
  EngineClient client = connect();
  const std::string status = client.status().take();
  EXPECT_EQ(number_in(status, "protocol", 0), protocol_number);
  EXPECT_NE(status.find(R"("devices":["cpu"])"), std::string::npos) << status;
  EXPECT_NE(status.find(R"("version":)"), std::string::npos) << status;
  const auto styles = client.styles();
  ASSERT_TRUE(styles) << styles.error().sentence;
  const auto found = std::find_if(styles->begin(), styles->end(), [](const auto& s) { return s.id == "test-a"; });
  ASSERT_NE(found, styles->end());
  EXPECT_EQ(found->title, "Ä");
  EXPECT_EQ(found->licence, "CC0-1.0");
}

TEST_F(Client, two_at_once_start_one_engine) {
  std::vector<std::future<int64_t>> pids;
  for (int i = 0; i < 4; ++i)
    pids.push_back(std::async(std::launch::async,
                              [] { return number_in(EngineClient::connect({}).take().status().take(), "pid", 0); }));
  const int64_t first = pids[0].get();
  for (int i = 1; i < 4; ++i) EXPECT_EQ(pids[size_t(i)].get(), first);
  connect();
}

TEST_F(Client, errors_of_the_engine_arrive) {
  EngineClient client = connect();
  const Job work = job(4, 4);
  const auto refused = client.run(request("refuse"), work);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::model_missing);
  EXPECT_EQ(refused.error().sentence, "There is no style \"refuse\".");
  EXPECT_EQ(refused.error().hint, "Take another.");
  EXPECT_EQ(fail_code(client.run(request("throw"), work)), "internal");
  EXPECT_EQ(fail_code(client.run(request("throw-memory"), work)), "out-of-memory");
  EXPECT_EQ(fail_code(client.run(request("bad-alloc"), work)), "out-of-memory");
  FastStyleRequest wrong = request("invert");
  wrong.strength = 300;
  EXPECT_EQ(fail_code(client.run(wrong, work)), "bad-argument");
  EXPECT_EQ(fail_code(client.run(request("invert"), Job{})), "bad-argument");
  EXPECT_TRUE(client.run(request("invert"), work));
}

TEST_F(Client, settings_that_cannot_be_used_are_told) {
  EngineClient client = connect();
  write_settings("[engine]\nmemory-limit-mib=some\n");
  const auto outcome = client.run(request("invert"), job(4, 4));
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().sentence.find("memory-limit-mib"), std::string::npos);
}

TEST_F(Client, stop_ends_the_job_here_and_there) {
  EngineClient client = connect();
  Job work = job(8, 8);
  std::stop_source stop;
  work.stop = stop.get_token();
  work.on_event = [&](const Event& event) {
    if (event.kind == Kind::progress) stop.request_stop();
  };
  EXPECT_EQ(fail_code(client.run(request("steps-100000"), work)), "cancelled");
  EXPECT_TRUE(eventually([&] { return jobs_running(client) == 0; }));
  EXPECT_EQ(fail_code(client.run(request("invert"), work)), "cancelled") << "the token is still stopped";
}

TEST_F(Client, stop_from_another_thread_works_while_the_engine_hangs) {
  EngineClient client = connect();
  Job work = job(8, 8);
  std::stop_source stop;
  work.stop = stop.get_token();
  std::promise<void> began;
  std::atomic<bool> told = false;
  work.on_event = [&](const Event&) {
    if (!told.exchange(true)) began.set_value();
  };
  auto outcome = std::async(std::launch::async, [&] { return fail_code(client.run(request("steps-100000"), work)); });
  began.get_future().wait();
  kill(pids_.at(0), SIGSTOP);
  stop.request_stop();
  EXPECT_EQ(outcome.get(), "cancelled");
  kill(pids_.at(0), SIGCONT);
}

TEST_F(Client, stop_works_before_a_hung_engine_answers) {
  EngineClient client = connect();
  kill(pids_.at(0), SIGSTOP);
  Job work = job(8, 8);
  std::stop_source stop;
  work.stop = stop.get_token();
  auto outcome = std::async(std::launch::async, [&] { return fail_code(client.run(request("invert"), work)); });
  pause_briefly();
  stop.request_stop();
  EXPECT_EQ(outcome.get(), "cancelled");
  kill(pids_.at(0), SIGCONT);
}

TEST_F(Client, silence_means_lost) {
  EngineOptions options;
  options.silence_seconds = 1;
  EngineClient client = connect(options);
  Job work = job(8, 8);
  work.on_event = [&](const Event& event) {
    if (event.kind == Kind::progress) kill(pids_.at(0), SIGSTOP);
  };
  EXPECT_EQ(fail_code(client.run(request("steps-100000"), work)), "engine-lost");
  kill(pids_.at(0), SIGCONT);
}

TEST_F(Client, heartbeats_come_while_nothing_else_does) {
  EngineClient first = connect();
  EngineClient second = connect();
  Job long_work = job(4, 4), work = job(4, 4);
  std::stop_source stop;
  long_work.stop = stop.get_token();
  std::promise<void> began;
  std::atomic<bool> told = false;
  long_work.on_event = [&](const Event& event) {
    if (event.kind == Kind::progress && !told.exchange(true)) began.set_value();
  };
  auto blocked =
      std::async(std::launch::async, [&] { return fail_code(first.run(request("steps-100000"), long_work)); });
  began.get_future().wait();
  int heartbeats = 0;
  work.on_event = [&](const Event& event) {
    if (event.kind == Kind::heartbeat && ++heartbeats == 2) stop.request_stop();
  };
  EXPECT_TRUE(second.run(request("invert"), work));
  EXPECT_EQ(heartbeats, 2);
  EXPECT_EQ(blocked.get(), "cancelled");
}

TEST_F(Client, a_killed_engine_is_told_and_started_anew) {
  EngineClient client = connect();
  const Job work = job(8, 8);
  EXPECT_EQ(fail_code(client.run(request("kill"), work)), "engine-lost");
  ASSERT_TRUE(client.run(request("invert"), work));
  remember(client);
  expect_inverted(work);
  EXPECT_EQ(fail_code(client.run(request("abort"), work)), "engine-lost");
  EXPECT_TRUE(client.styles());
  remember(client);
}

TEST_F(Client, an_engine_that_ended_while_idle_is_started_anew) {
  write_settings("[engine]\nidle-minutes=0\n");
  EngineClient client = connect();
  const int pid = pids_.at(0);
  EXPECT_TRUE(eventually([&] { return !process_runs(pid); })) << "idle engine does not end";
  EXPECT_FALSE(std::filesystem::exists(socket_path()));
  const Job work = job(8, 8);
  ASSERT_TRUE(client.run(request("invert"), work));
  EXPECT_NE(remember(client), pid);
}

TEST_F(Client, retire_ends_it) {
  EngineClient client = connect();
  ASSERT_TRUE(client.retire(false));
  EXPECT_TRUE(eventually([&] { return !process_runs(pids_.at(0)); }));
  EXPECT_FALSE(std::filesystem::exists(socket_path()));
  const auto status = client.status();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::engine_missing);
}

TEST_F(Client, retire_later_lets_the_job_finish_and_makes_room) {
  EngineClient client = connect(), other = connect();
  Job work = job(8, 8);
  std::promise<void> began;
  std::atomic<bool> told = false;
  work.on_event = [&](const Event& event) {
    if (event.kind == Kind::progress && !told.exchange(true)) began.set_value();
  };
  auto outcome = std::async(std::launch::async, [&] { return fail_code(client.run(request("steps-50"), work)); });
  began.get_future().wait();
  ASSERT_TRUE(other.retire(false));
  EngineClient next = connect();
  EXPECT_EQ(pids_.size(), 2u) << "a second engine runs beside the retiring one";
  EXPECT_EQ(outcome.get(), "no error");
  EXPECT_TRUE(eventually([&] { return !process_runs(pids_.at(0)); }));
  EXPECT_TRUE(next.run(request("invert"), job(4, 4))) << "the retired engine must not take the new one's socket along";
}

TEST_F(Client, retire_now_stops_the_job) {
  EngineClient client = connect(), other = connect();
  Job work = job(8, 8);
  work.on_event = [&](const Event& event) {
    if (event.kind != Kind::progress || event.step != 1) return;
    EXPECT_TRUE(other.retire(true));
  };
  EXPECT_EQ(fail_code(client.run(request("steps-100000"), work)), "engine-lost");
  EXPECT_TRUE(eventually([&] { return !process_runs(pids_.at(0)); }));
}

TEST_F(Client, missing_programs_are_told) {
  setenv("PINXIT_ENGINE", (folder_ + "/nothing").c_str(), 1);
  auto client = EngineClient::connect({});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, ErrorCode::engine_missing);
  EXPECT_NE(client.error().sentence.find(folder_), std::string::npos) << client.error().sentence;
  setenv("PINXIT_ENGINE", "/bin/false", 1);
  client = EngineClient::connect({});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, ErrorCode::engine_missing);
  EngineOptions options;
  options.start = false;
  client = EngineClient::connect(options);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, ErrorCode::engine_missing);
}

TEST_F(Client, waits_its_turn_and_hears_its_position) {
  EngineClient first = connect(), second = connect();
  Job long_work = job(4, 4), work = job(4, 4);
  std::promise<void> began;
  std::atomic<bool> told = false;
  std::stop_source stop;
  long_work.stop = stop.get_token();
  long_work.on_event = [&](const Event& event) {
    if (event.kind == Kind::progress && !told.exchange(true)) began.set_value();
  };
  auto blocked =
      std::async(std::launch::async, [&] { return fail_code(first.run(request("steps-100000"), long_work)); });
  began.get_future().wait();
  std::vector<int> positions;
  work.on_event = [&](const Event& event) {
    if (event.kind != Kind::queued) return;
    positions.push_back(event.position);
    if (event.position == 1) stop.request_stop();
  };
  EXPECT_TRUE(second.run(request("invert"), work));
  EXPECT_EQ(positions.at(0), 1);
  EXPECT_EQ(blocked.get(), "cancelled");
}

TEST_F(Client, a_newer_preview_takes_the_place_of_a_waiting_one) {
  EngineClient blocker = connect(), older = connect(), newer = connect();
  Job long_work = job(4, 4), old_work = job(4, 4), new_work = job(4, 4);
  old_work.view = new_work.view = {View::Kind::fitted, {}};
  std::stop_source stop;
  long_work.stop = stop.get_token();
  std::promise<void> began, waits;
  std::atomic<bool> told = false;
  long_work.on_event = [&](const Event& event) {
    if (event.kind == Kind::progress && !told.exchange(true)) began.set_value();
  };
  old_work.on_event = [&](const Event& event) {
    if (event.kind == Kind::queued) waits.set_value();
  };
  auto blocked =
      std::async(std::launch::async, [&] { return fail_code(blocker.run(request("steps-100000"), long_work)); });
  began.get_future().wait();
  auto replaced = std::async(std::launch::async, [&] { return fail_code(older.run(request("invert"), old_work)); });
  waits.get_future().wait();
  auto wanted = std::async(std::launch::async, [&] { return fail_code(newer.run(request("invert"), new_work)); });
  EXPECT_EQ(replaced.get(), "cancelled");
  stop.request_stop();
  EXPECT_EQ(wanted.get(), "no error");
  EXPECT_EQ(blocked.get(), "cancelled");
}

TEST_F(Client, pixels_travel_in_the_body_where_memory_cannot_be_shared) {
  setenv("PINXIT_SHARED_MEMORY", "off", 1);  // as in a sandbox; read by the engine when it starts
  EngineClient client = connect();
  unsetenv("PINXIT_SHARED_MEMORY");
  Job work = job(517, 311);
  for (int i = 0; i < 2; ++i) {
    std::memset(work.result.span().data, 0, work.result.span().bytes());
    const auto outcome = client.run(request("invert"), work);
    ASSERT_TRUE(outcome) << outcome.error().sentence;
    expect_inverted(work);
  }
  work.result = SharedPicture::create(3, 2).take();
  work.view = {View::Kind::crop, {500, 300, 3, 2}};
  ASSERT_TRUE(client.run(request("invert"), work));
  EXPECT_EQ(work.result.view().row(1)[4 * 2], 1 - work.source.view().row(301)[4 * 502]);
}

TEST_F(Client, large_pictures_are_shared_not_copied) {
  EngineClient client = connect();
  Job work{SharedPicture::create(20000, 10000).take(), SharedPicture::create(2, 2).take(), {}, {}, {}};
  work.source.span().row(9999)[4 * 19999] = 0.25f;  // of 3.2 GB only two pages are ever touched
  work.view = {View::Kind::crop, {19998, 9998, 2, 2}};
  const auto outcome = client.run(request("invert"), work);
  ASSERT_TRUE(outcome) << outcome.error().sentence;
  EXPECT_EQ(work.result.view().row(1)[4], 0.75f);
}

TEST(SharedPictures, are_sealed_named_and_bounded) {
  SharedPicture picture = SharedPicture::create(3, 2).take();
  EXPECT_EQ(fcntl(picture.descriptor(), F_GET_SEALS) & F_SEAL_SHRINK, F_SEAL_SHRINK);
  EXPECT_NE(ftruncate(picture.descriptor(), 1), 0);
  EXPECT_EQ(picture.span().bytes(), 96u);
  const std::string before = picture.identity();
  EXPECT_FALSE(before.empty());
  picture.touch();
  EXPECT_NE(picture.identity(), before);
  const SharedPicture copy = picture;
  EXPECT_EQ(copy.span().data, picture.span().data);
  for (const auto& [width, height] : {std::pair<int64_t, int64_t>{0, 1}, {1, 0}, {-1, 5}, {largest_side + 1, 1}})
    EXPECT_FALSE(SharedPicture::create(width, height));
}

}  // namespace
}  // namespace pinxit
