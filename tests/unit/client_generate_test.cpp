// SPDX-License-Identifier: Apache-2.0
//
// EngineClient and Generate from Text against an engine process with the fake workshop: pictures in order and with
// their pixels, what is read of a prompt, finishing early, stopping, an engine that dies.
#include <iterator>

#include "tests/unit/engine_fixture.h"
#include "tests/unit/fake_generate.h"
#include "tests/unit/scripted_engine.h"

namespace pinxit {
namespace {

using Kind = Event::Kind;

std::string fail_code(const Result<Outcome>& outcome) {
  return outcome ? "no error" : std::string(error_name(outcome.error().code));
}

class ClientGenerate : public EngineFixture {
 protected:
  static GenerateRequest order(const std::string& prompt, int count = 3, const std::string& model = "auto") {
    GenerateRequest request;
    request.prompt = prompt;
    request.count = count;
    request.model = model;
    return request;
  }
  /// Keeps all pictures and notes of a run.
  Result<Outcome> run(EngineClient& client, const GenerateRequest& request) {
    Job job;
    pictures_.clear(), notes_.clear();
    job.on_event = [&](const Event& event) {
      if (event.kind == Kind::picture) pictures_.push_back(event);
      if (event.kind == Kind::note) notes_.push_back(event.text);
    };
    return client.run(request, job);
  }
  static void expect_colour(const Event& event) {
    ASSERT_TRUE(event.picture && event.made);
    const auto colour = fake_color(event.made->seed, event.made->share);
    for (size_t i = 0; i < event.picture->data.size(); ++i)
      ASSERT_FLOAT_EQ(event.picture->data[i], i % 4 == 3 ? 1 : colour[i % 4]) << i;
  }
  /// Pictures that the model "tally" has begun.
  int painted() const {
    std::ifstream file(folder_ + "/run/painted");
    return int(std::count(std::istreambuf_iterator<char>(file), {}, '\n'));
  }
  std::vector<Event> pictures_;
  std::vector<std::string> notes_;
};

TEST_F(ClientGenerate, pictures_come_in_order_with_their_pixels) {
  EngineClient client = connect();
  const auto outcome = run(client, order("a red tulip", 5));
  ASSERT_TRUE(outcome) << outcome.error().sentence;
  ASSERT_EQ(pictures_.size(), 5u);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(pictures_[size_t(i)].made->index, i);
    EXPECT_EQ(pictures_[size_t(i)].made->of, 5);
    EXPECT_EQ(pictures_[size_t(i)].made->role, "picture");
    EXPECT_EQ(pictures_[size_t(i)].picture->width, 64);
    expect_colour(pictures_[size_t(i)]);
  }
  EXPECT_EQ(pictures_[0].made->seed, 100);
  EXPECT_NE(pictures_[1].made->seed, 100);
  EXPECT_NE(outcome->facts.find(R"("words":["a","red","tulip"])"), std::string::npos) << outcome->facts;
  EXPECT_TRUE(notes_.empty());
}

TEST_F(ClientGenerate, what_belongs_to_a_picture_follows_it) {
  EngineClient client = connect();
  GenerateRequest request = order("red tulip", 2);
  request.all_sizes = request.maps = request.strip = true;
  request.size = 100;
  ASSERT_TRUE(run(client, request));
  std::string roles;
  for (const Event& event : pictures_)
    roles += std::to_string(event.made->index) + event.made->role + "(" + event.made->word + ") ";
  const std::string rest = "smaller() %attention(red) %attention(tulip) %strip(red, tulip) ";
  const auto of = [&](const char* index) {
    std::string text = std::string(index) + "picture() " + index + rest;
    for (size_t at; (at = text.find('%')) != std::string::npos;) text.replace(at, 1, index);
    return text;
  };
  EXPECT_EQ(roles, of("0") + of("1"));
  EXPECT_EQ(pictures_[0].picture->width, 100);
  EXPECT_EQ(pictures_[1].picture->width, 32);
  EXPECT_EQ(pictures_[4].picture->width, 128);
}

TEST_F(ClientGenerate, a_slow_reader_misses_no_picture) {
  EngineClient client = connect();
  GenerateRequest request = order("a", 16);
  request.size = 600;  // more than the socket holds
  Job job;
  int seen = 0;
  job.on_event = [&](const Event& event) {
    if (event.kind != Kind::picture) return;
    EXPECT_EQ(event.made->index, seen++);
    if (seen == 1) std::this_thread::sleep_for(std::chrono::milliseconds(300));
    expect_colour(event);
  };
  ASSERT_TRUE(client.run(request, job));
  EXPECT_EQ(seen, 16);
}

/// Finished pictures wait in the engine's memory: with two unread ones (and the one that made it too many) it waits.
TEST_F(ClientGenerate, nothing_is_painted_ahead_of_a_client_that_does_not_read) {
  EngineClient client = connect();
  GenerateRequest request = order("a", 16, "tally");
  request.size = 600;
  Job job;
  int seen = 0;
  job.on_event = [&](const Event& event) {
    if (event.kind != Kind::picture || ++seen > 1) return;
    EXPECT_TRUE(eventually([&] { return painted() == 4; })) << painted();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // all the others would take less
    EXPECT_EQ(painted(), 4);
  };
  ASSERT_TRUE(client.run(request, job));
  EXPECT_EQ(seen, 16);
  EXPECT_EQ(painted(), 16);
}

TEST_F(ClientGenerate, an_engine_that_waits_for_its_reader_can_be_stopped) {
  EngineClient client = connect();
  GenerateRequest request = order("a", 16, "tally");
  request.size = 600;
  Job job;
  std::stop_source stop;
  job.stop = stop.get_token();
  job.on_event = [&](const Event& event) {
    if (event.kind != Kind::picture) return;
    EXPECT_TRUE(eventually([&] { return painted() == 4; })) << painted();
    stop.request_stop();
  };
  EXPECT_EQ(fail_code(client.run(request, job)), "cancelled");
  EXPECT_TRUE(eventually([&] { return jobs_running(client) == 0; }));
  EXPECT_EQ(fail_code(run(client, order("a"))), "no error");
}

TEST_F(ClientGenerate, unknown_words_are_told_before) {
  EngineClient client = connect();
  const auto outcome = run(client, order("red xtulip xain xtulip", 1));
  ASSERT_TRUE(outcome) << outcome.error().sentence;
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_NE(notes_[0].find("xtulip, xain"), std::string::npos) << notes_[0];
  EXPECT_NE(outcome->facts.find(R"("unknown_words":["xtulip","xain"])"), std::string::npos) << outcome->facts;
}

TEST_F(ClientGenerate, a_prompt_can_be_read_without_painting) {
  EngineClient client = connect();
  const auto outcome = client.read_prompt(order("a xain tulip"));
  ASSERT_TRUE(outcome) << outcome.error().sentence;
  EXPECT_EQ(
      outcome->facts,
      R"({"model":{"id":"fake","title":"fake","kind":"fake","sha256":""},"takes_prompt":true,"attention":true,)"
      R"("any_size":false,"sizes":[[32,32],[64,64]],"words":["a","tulip"],"unknown_words":["xain"],"left_out":""})");
  EXPECT_TRUE(client.read_prompt(order(""))) << "a box that is still empty";
  EXPECT_EQ(fail_code(client.read_prompt(order("a", 1, "refuse"))), "model-missing");
  EXPECT_EQ(fail_code(client.read_prompt(order("a", 99))), "bad-argument");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(fail_code(client.read_prompt(order("a"), stop.get_token())), "cancelled");
}

TEST_F(ClientGenerate, prompts_that_say_nothing_are_refused) {
  EngineClient client = connect();
  EXPECT_EQ(fail_code(run(client, order(""))), "bad-argument");
  const auto unknown = run(client, order("xa xb"));
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().sentence.find("xa, xb"), std::string::npos) << unknown.error().sentence;
  EXPECT_EQ(fail_code(run(client, order("a", 1, "digits"))), "bad-argument");
  EXPECT_EQ(fail_code(run(client, order("", 1, "digits"))), "no error");
}

TEST_F(ClientGenerate, pictures_do_not_go_along) {
  EngineClient client = connect();
  EXPECT_EQ(fail_code(client.run(order("a"), job(4, 4))), "bad-argument");
  GenerateRequest request = order("", 1, "digits");
  request.captions = "/home/me/captions.txt";
  EXPECT_EQ(fail_code(run(client, request)), "no error") << "the file's name stays here";
  EXPECT_EQ(fail_code(client.run(EngineFixture::request("invert"), Job{})), "bad-argument") << "others need one";
}

TEST_F(ClientGenerate, the_captions_file_stays_here) {
  std::string heard;
  ScriptedEngine engine(socket_path(), [&](const std::string& request) -> std::string {
    if (request.starts_with("GET")) return "{\"protocol\":" + std::to_string(protocol_number) + "}\n";
    heard = request;
    return "{\"event\":\"result\",\"facts\":{}}\n";
  });
  EngineOptions only_look;
  only_look.start = false;
  EngineClient client = EngineClient::connect(only_look).take();
  GenerateRequest request;
  request.captions = "/home/me/captions.txt";
  EXPECT_EQ(fail_code(run(client, request)), "no error");
  EXPECT_NE(heard.find("POST /v1/generate"), std::string::npos) << heard;
  EXPECT_NE(heard.find("\"captions\":\"\""), std::string::npos) << heard;
  for (const char* word : {"/home/me", "\"source\"", "\"result\"", "\"view\""})
    EXPECT_EQ(heard.find(word), std::string::npos) << word << " in " << heard;
}

TEST_F(ClientGenerate, a_picture_of_the_wrong_size_is_an_error) {
  std::string picture;
  ScriptedEngine engine(socket_path(), [&](const std::string& request) -> std::string {
    if (request.starts_with("GET")) return "{\"protocol\":" + std::to_string(protocol_number) + "}\n";
    return picture + "\n" + std::string(64, '\0') + "{\"event\":\"result\",\"facts\":{}}\n";
  });
  EngineOptions only_look;
  only_look.start = false;
  EngineClient client = EngineClient::connect(only_look).take();
  for (const char* wrong :
       {R"({"event":"picture","width":3,"height":2,"body":64})", R"({"event":"picture","width":2,"height":2})",
        R"({"event":"picture","width":1e300,"height":2,"body":64})"}) {
    picture = wrong;
    EXPECT_EQ(fail_code(run(client, order("a"))), "protocol") << wrong;
  }
  picture = R"({"event":"picture","width":2,"height":2,"body":64})";
  EXPECT_EQ(fail_code(run(client, order("a"))), "no error");
  EXPECT_EQ(pictures_.size(), 1u);
}

TEST_F(ClientGenerate, stopping_ends_it_at_once) {
  EngineClient client = connect();
  Job job;
  std::stop_source stop;
  job.stop = stop.get_token();
  int seen = 0;
  job.on_event = [&](const Event& event) {
    if (event.kind == Kind::picture && ++seen == 2) stop.request_stop();
  };
  EXPECT_EQ(fail_code(client.run(order("a", 16, "steps-20"), job)), "cancelled");
  EXPECT_EQ(seen, 2);
  EXPECT_TRUE(eventually([&] { return jobs_running(client) == 0; }));
  EXPECT_EQ(fail_code(run(client, order("a"))), "no error");
}

TEST_F(ClientGenerate, an_engine_that_dies_in_the_middle_is_told) {
  EngineClient client = connect();
  EXPECT_EQ(fail_code(run(client, order("a", 5, "abort-2"))), "engine-lost");
  EXPECT_LE(pictures_.size(), 2u);
  EXPECT_EQ(fail_code(run(client, order("a"))), "no error");
  remember(client);
}

}  // namespace
}  // namespace pinxit
