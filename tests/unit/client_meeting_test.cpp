// SPDX-License-Identifier: Apache-2.0
//
// The first minute between a client and whatever is on the socket: engines of other versions, answers that make no
// sense, and folders that must not be trusted.
#include <sys/stat.h>

#include "tests/unit/engine_fixture.h"
#include "tests/unit/scripted_engine.h"

namespace pinxit {
namespace {

using Kind = Event::Kind;

std::string fail_code(const Result<Outcome>& outcome) {
  return outcome ? "no error" : std::string(error_name(outcome.error().code));
}

class Meeting : public EngineFixture {};

TEST_F(Meeting, an_old_engine_is_asked_to_leave_and_replaced) {
  bool asked = false;
  ScriptedEngine* self = nullptr;
  ScriptedEngine old(socket_path(), [&](const std::string& request) -> std::string {
    if (request.starts_with("POST /v1/retire")) {
      asked = true;
      self->leave();
    }
    return "{\"version\":\"0.0.1\",\"protocol\":0}\n";
  });
  self = &old;
  EngineOptions only_look;
  only_look.start = false;
  const auto refused = EngineClient::connect(only_look);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::engine_old);
  EXPECT_FALSE(asked);
  EngineClient client = connect();
  EXPECT_TRUE(asked);
  EXPECT_TRUE(client.run(request("invert"), job(4, 4)));
}

TEST_F(Meeting, an_old_engine_that_stays_is_told) {
  ScriptedEngine old(socket_path(), [](const std::string&) -> std::string { return "{\"protocol\":0}\n"; });
  const auto client = EngineClient::connect({});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, ErrorCode::engine_old);
}

/// What a client makes of an engine that answers a job with `events`.
struct Heard {
  std::string code;
  std::vector<Kind> kinds;
};

Heard hear(const std::string& socket, const Job& work, const std::string& events, size_t missing = 0) {
  ScriptedEngine engine(
      socket,
      [&](const std::string& request) {
        return request.starts_with("GET /v1/status") ? std::string("{\"protocol\":2}") + "\n" : events;
      },
      missing);
  EngineOptions only_look;
  only_look.start = false;
  FastStyleRequest request;
  request.styles = {{"any", 1}};
  Heard heard;
  Job listening = work;
  listening.on_event = [&](const Event& event) { heard.kinds.push_back(event.kind); };
  auto client = EngineClient::connect(only_look);
  if (!client) return {std::string(error_name(client.error().code)), {}};
  heard.code = fail_code(client->run(request, listening));
  return heard;
}

TEST_F(Meeting, events_of_a_newer_engine_are_skipped_with_their_bytes) {
  const Job work = job(1, 1);
  const std::string pixels(reinterpret_cast<const char*>(work.source.span().data), 16);
  const Heard heard = hear(socket_path(), work,
                           "{\"event\":\"sparkle\",\"body\":3}\n\n{x{\"event\":\"preview\",\"width\":1,\"height\":1,"
                           "\"body\":16}\n" +
                               pixels + "{\"event\":\"result\",\"width\":1,\"height\":1,\"body\":16}\n" + pixels);
  EXPECT_EQ(heard.code, "no error");
  EXPECT_EQ(heard.kinds, (std::vector<Kind>{Kind::preview, Kind::result}));
  EXPECT_EQ(std::memcmp(work.result.span().data, pixels.data(), 16), 0);
}

TEST_F(Meeting, answers_that_make_no_sense_are_errors) {
  const Job work = job(1, 1);
  EXPECT_EQ(hear(socket_path(), work, "").code, "engine-lost");
  EXPECT_EQ(hear(socket_path(), work, "{\"event\":\"heartbeat\"}\n").code, "engine-lost");
  EXPECT_EQ(hear(socket_path(), work, "{\"event\":\"resu", 100).code, "engine-lost") << "a line torn by a kill";
  EXPECT_EQ(hear(socket_path(), work, "no JSON\n").code, "protocol");
  EXPECT_EQ(hear(socket_path(), work, "{\"event\":\"result\",\"body\":15}\n").code, "protocol");
  EXPECT_EQ(hear(socket_path(), work, "{\"event\":\"result\",\"body\":16}\n12345678", 8).code, "engine-lost");
  EXPECT_EQ(hear(socket_path(), work, std::string(2 << 20, 'x')).code, "protocol") << "an endless line";
  EXPECT_EQ(hear(socket_path(), work, "{\"event\":\"error\",\"code\":\"of-the-future\"}\n").code, "internal");
  EXPECT_EQ(hear(socket_path(), work, "{\"event\":\"error\",\"code\":\"protocol\",\"repeat\":\"body\"}\n").code,
            "protocol")
      << "asked again and again for the body";
}

TEST_F(Meeting, an_unsafe_folder_is_refused) {
  std::filesystem::create_directories(folder_ + "/run");
  chmod((folder_ + "/run").c_str(), 0755);
  const auto client = EngineClient::connect({});
  ASSERT_FALSE(client);
  EXPECT_NE(client.error().sentence.find(folder_), std::string::npos) << client.error().sentence;
  std::filesystem::remove(folder_ + "/run");
  std::filesystem::create_directory_symlink("/tmp", folder_ + "/run");
  EXPECT_FALSE(EngineClient::connect({}));
}

TEST_F(Meeting, the_folder_is_the_users_own) {
  unsetenv("PINXIT_RUNTIME_DIR");
  setenv("XDG_RUNTIME_DIR", folder_.c_str(), 1);
  EXPECT_EQ(runtime_folder().take(), folder_ + "/pinxit");
  struct stat facts = {};
  ASSERT_EQ(stat((folder_ + "/pinxit").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
  setenv("XDG_RUNTIME_DIR", (folder_ + std::string(100, 'x')).c_str(), 1);
  EXPECT_FALSE(runtime_folder()) << "no such folder";
  setenv("PINXIT_RUNTIME_DIR", (folder_ + "/" + std::string(100, 'x')).c_str(), 1);
  const auto long_path = runtime_folder();
  ASSERT_FALSE(long_path) << "too long for a socket";
  EXPECT_EQ(long_path.error().code, ErrorCode::engine_missing);
  unsetenv("XDG_RUNTIME_DIR");
}

TEST_F(Meeting, a_stale_socket_is_replaced) {
  const std::string path = socket_path();
  std::ofstream(path) << "left over";
  EXPECT_TRUE(connect().run(request("invert"), job(4, 4)));
}

}  // namespace
}  // namespace pinxit
