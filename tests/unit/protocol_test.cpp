// SPDX-License-Identifier: Apache-2.0
//
// The protocol itself: lines and frames, the queue's fairness, and an engine that is spoken to by hand, byte by byte,
// rightly and wrongly. No damaged request may cost more than an error event.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>

#include "engine/requests/json.h"
#include "engine/service/queue.h"
#include "tests/unit/engine_fixture.h"

namespace pinxit {
namespace {

// ---- lines

JobLine sample_line() {
  JobLine line;
  FastStyleRequest request;
  request.styles = {{"invert", 1}};
  line.request = to_json(request);
  line.source = {4, 3, "name", 7};
  line.result = {2, 2, "", 8};
  line.view = {View::Kind::crop, {1, 1, 2, 2}};
  return line;
}

std::string line_refusal(const std::string& text) {
  const auto line = job_line_from_json(text);
  return line ? "none" : std::string(error_name(line.error().code)) + ": " + line.error().sentence;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(Lines, a_job_comes_back) {
  const JobLine line = job_line_from_json(job_line_to_json(sample_line())).take();
  EXPECT_EQ(line.request, sample_line().request);
  EXPECT_EQ(line.source.width, 4);
  EXPECT_EQ(line.source.identity, "name");
  EXPECT_EQ(line.source.descriptor, 7);
  EXPECT_EQ(line.result.descriptor, 8);
  EXPECT_EQ(line.view.kind, View::Kind::crop);
  EXPECT_EQ(line.view.region, (Region{1, 1, 2, 2}));
  EXPECT_EQ(line.body, 0);
}

TEST(Lines, damaged_jobs_are_refused_by_name) {
  const std::string good = job_line_to_json(sample_line());
  const std::array<std::array<const char*, 3>, 17> changes = {{
      {"\"protocol\":2,", "", "protocol: The request to the engine is damaged (protocol)."},
      {"\"protocol\":2", "\"protocol\":\"2\"", "protocol: The request to the engine is damaged (protocol)."},
      {"\"protocol\":2", "\"protocol\":1", "engine-old: Plug-in and engine are of different Pinxit versions."},
      {"\"request\"", "\"reqest\"", "protocol: The request to the engine is damaged (request)."},
      {"\"source\"", "\"sauce\"", "protocol: The request to the engine is damaged (source)."},
      {"\"width\":4", "\"width\":0", "protocol: The request to the engine is damaged (width)."},
      {"\"width\":4", "\"width\":-4", "protocol: The request to the engine is damaged (width)."},
      {"\"width\":4", "\"width\":4.5", "protocol: The request to the engine is damaged (width)."},
      {"\"width\":4", "\"width\":524289", "protocol: The request to the engine is damaged (width)."},
      {"\"height\":3", "\"height\":9223372036854775807", "protocol: The request to the engine is damaged (height)."},
      {"R'G'B'A float", "RGBA u8", "protocol: The request to the engine is damaged (encoding)."},
      {"\"descriptor\":7", "\"descriptor\":-7", "protocol: The request to the engine is damaged (descriptor)."},
      {"\"descriptor\":7", "\"descriptor\":\"7\"", "protocol: The request to the engine is damaged (descriptor)."},
      {"\"crop\"", "\"whole\"", "protocol: The request to the engine is damaged (result)."},
      {"\"crop\"", "\"sideways\"", "protocol: The request to the engine is damaged (view)."},
      {"\"x\":1", "\"x\":3", "protocol: The request to the engine is damaged (view)."},
      {"\"memory\":{\"descriptor\":7}", "\"m\":1", "protocol: The request to the engine is damaged (body)."},
  }};
  for (const auto& [from, to, wanted] : changes) EXPECT_EQ(line_refusal(replaced(good, from, to)), wanted) << from;
  for (size_t length = 0; length < good.size(); length += 7)
    EXPECT_TRUE(line_refusal(good.substr(0, length)).starts_with("protocol")) << length;
}

TEST(Lines, pictures_travel_along) {
  JobLine line = sample_line();
  line.pictures = {{"style-0", {9, 8, "p", 11}}, {"mask-0", {1, 1, "", 12}}};
  line.preview_side = 320;
  const JobLine back = job_line_from_json(job_line_to_json(line)).take();
  ASSERT_EQ(back.pictures.size(), 2u);
  EXPECT_EQ(back.pictures[0].name, "style-0");
  EXPECT_EQ(back.pictures[0].picture.width, 9);
  EXPECT_EQ(back.pictures[0].picture.identity, "p");
  EXPECT_EQ(back.pictures[1].picture.descriptor, 12);
  EXPECT_EQ(back.preview_side, 320);
  const std::string good = job_line_to_json(line);
  const std::string damage = "protocol: The request to the engine is damaged ";
  EXPECT_EQ(line_refusal(replaced(good, "mask-0", "style-0")), damage + "(name).");
  EXPECT_EQ(line_refusal(replaced(good, "\"name\":\"mask-0\",", "")), damage + "(name).");
  EXPECT_EQ(line_refusal(replaced(good, "{\"descriptor\":12}", "{}")), damage + "(descriptor).");
  EXPECT_EQ(line_refusal(replaced(good, ",\"memory\":{\"descriptor\":12}", "")), damage + "(memory).");
  EXPECT_EQ(line_refusal(replaced(good, "\"preview\":320", "\"preview\":-1")), damage + "(preview).");
  line.source.descriptor = line.pictures[0].picture.descriptor = line.pictures[1].picture.descriptor = -1;
  line.body = 16 * (4 * 3 + 9 * 8 + 1);
  EXPECT_EQ(line_refusal(job_line_to_json(line)), "none");
  line.body -= 16;
  EXPECT_EQ(line_refusal(job_line_to_json(line)), damage + "(body).");
  line.pictures.assign(most_pictures + 1, {"a", {1, 1, "", -1}});
  EXPECT_EQ(line_refusal(job_line_to_json(line)), damage + "(pictures).");
}

TEST(Lines, a_job_may_have_no_picture) {
  JobLine line;
  line.request = to_json(GenerateRequest{.prompt = "a red tulip"});
  const std::string text = job_line_to_json(line);
  for (const char* word : {"source", "result", "view", "body"}) EXPECT_EQ(text.find(word), std::string::npos) << text;
  const JobLine back = job_line_from_json(text).take();
  EXPECT_EQ(back.request, line.request);
  EXPECT_FALSE(back.source || back.result);
  const std::string good = job_line_to_json(sample_line()), damage = "protocol: The request to the engine is damaged ";
  EXPECT_EQ(line_refusal(replaced(good, "\"result\"", "\"r\"")), damage + "(result).") << "both or none";
  EXPECT_EQ(line_refusal(replaced(good, "\"view\"", "\"v\"")), damage + "(view).");
  EXPECT_EQ(line_refusal(replaced(text, "\"request\"", "\"view\":{},\"request\"")), damage + "(source).");
  EXPECT_EQ(line_refusal(replaced(text, "\"request\"", "\"body\":16,\"request\"")), damage + "(body).");
}

TEST(Lines, bodies_are_announced) {
  EXPECT_EQ(body_bytes(R"({"event":"preview","body":12})").take(), 12);
  EXPECT_EQ(body_bytes(R"({"event":"preview"})").take(), 0);
  EXPECT_FALSE(body_bytes(R"({"body":-1})"));
  EXPECT_FALSE(body_bytes(R"({"body":"x"})"));
  EXPECT_EQ(with_body(R"({"a":1})", 5'000'000'000), R"({"a":1,"body":5000000000})");
  const std::string line = error_line({ErrorCode::protocol, "S", "H"}, true);
  EXPECT_TRUE(asks_for_body(line));
  EXPECT_FALSE(asks_for_body(error_line({ErrorCode::protocol, "S", "H"})));
  EXPECT_EQ(event_from_json(line).error->sentence, "S");
}

// ---- the queue

TEST(Queue, clients_take_turns) {
  JobQueue queue;
  for (uint64_t id : {1, 2, 3, 4}) queue.add("a", {id});
  queue.add("b", {5});
  queue.add("c", {6});
  queue.add("b", {7});
  EXPECT_EQ(queue.order(), (std::vector<uint64_t>{1, 5, 6, 2, 7, 3, 4}));
  EXPECT_EQ(queue.take(), 1u);
  queue.add("d", {8});
  EXPECT_EQ(queue.order(), (std::vector<uint64_t>{5, 6, 2, 8, 7, 3, 4}));
}

TEST(Queue, what_left_is_gone) {
  JobQueue queue;
  queue.add("a", {1});
  queue.add("a", {2, true});
  queue.add("b", {3, true});
  EXPECT_EQ(queue.previews("a"), std::vector<uint64_t>{2});
  EXPECT_TRUE(queue.remove(1));
  EXPECT_FALSE(queue.remove(1));
  EXPECT_TRUE(queue.remove(3));
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_EQ(queue.take(), 2u);
  EXPECT_EQ(queue.take(), std::nullopt);
}

// ---- an engine, spoken to by hand

/// A connection that says exactly what it is told.
class Raw {
 public:
  explicit Raw(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const timeval patience = {20, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::perror("connect");
  }
  void send(const std::string& bytes) {
    ASSERT_EQ(write(fd_.get(), bytes.data(), bytes.size()), ssize_t(bytes.size()));
  }
  /// Until `end` was read, or the engine closes.
  std::string read_until(const std::string& end) {
    std::string text;
    std::array<char, 4096> part;
    while (text.find(end) == std::string::npos) {
      const ssize_t got = read(fd_.get(), part.data(), part.size());
      if (got <= 0) break;
      text.append(part.data(), size_t(got));
    }
    return text;
  }
  void close() { fd_ = Descriptor(); }

 private:
  Descriptor fd_;
};

std::string post(const std::string& body, int64_t length = -1, const std::string& path = "/v1/fast-style") {
  return "POST " + path + " HTTP/1.1\r\nHost: pinxit\r\nContent-Length: " +
         std::to_string(length < 0 ? int64_t(body.size()) : length) + "\r\n\r\n" + body;
}

/// A job of 2×1 pixels in the body.
std::string small_job(const std::string& style) {
  JobLine line;
  FastStyleRequest request;
  request.styles = {{style, 1}};
  line.request = to_json(request);
  line.source = line.result = {2, 1, "", -1};
  line.body = 32;
  return job_line_to_json(line) + "\n" + std::string(32, '\0');
}

class Protocol : public EngineFixture {
 protected:
  void SetUp() override {
    EngineFixture::SetUp();
    client_ = std::make_unique<EngineClient>(connect());
  }
  std::string talk(const std::string& bytes, const std::string& until = "\"}\n") {
    Raw raw(socket_path());
    raw.send(bytes);
    return raw.read_until(until);
  }
  /// The error event that answers these bytes.
  std::string refusal(const std::string& bytes) {
    const std::string answer = talk(bytes);
    const size_t at = answer.find("{\"event\":\"error\"");
    return at == std::string::npos ? "no error: " + answer : answer.substr(at, answer.find('\n', at) - at);
  }
  void expect_alive() { EXPECT_TRUE(client_->run(request("invert"), job(3, 3))); }
  std::unique_ptr<EngineClient> client_;
};

TEST_F(Protocol, a_job_byte_by_byte) {
  Raw raw(socket_path());
  for (const char byte : post(small_job("invert"))) raw.send(std::string(1, byte));
  const std::string answer = raw.read_until("0\r\n\r\n");
  EXPECT_NE(answer.find("200 OK"), std::string::npos);
  EXPECT_NE(answer.find("Content-Type: application/x-ndjson"), std::string::npos);
  EXPECT_NE(answer.find("{\"event\":\"queued\",\"position\":0,\"job\":1}\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find("\"event\":\"result\",\"width\":2,\"height\":1,"), std::string::npos) << answer;
  EXPECT_NE(answer.find(",\"body\":32}\n"), std::string::npos) << answer;
  const std::string one = {'\0', '\0', char(0x80), '\x3f'}, none(4, '\0');
  EXPECT_NE(answer.find(one + one + one + none + one + one + one + none), std::string::npos) << "inverted zeros";
}

/// A Neural Style job of 2×1 pixels in the body, with a style picture of 1×2.
std::string small_neural_job() {
  JobLine line;
  NeuralStyleRequest request;
  request.styles = {{"/a.png", 1}};
  request.iterations = 5;
  line.request = to_json(request);
  line.source = line.result = {2, 1, "", -1};
  line.pictures = {{"style-0", {1, 2, "", -1}}};
  line.preview_side = 1;
  line.body = 64;
  return job_line_to_json(line) + "\n" + std::string(64, '\0');
}

TEST_F(Protocol, a_neural_job_byte_by_byte) {
  Raw raw(socket_path());
  for (const char byte : post(small_neural_job(), -1, "/v1/neural-style")) raw.send(std::string(1, byte));
  const std::string answer = raw.read_until("\r\n0\r\n\r\n");
  size_t at = answer.find("{\"event\":\"queued\",\"position\":0,\"job\":1}\n");
  ASSERT_NE(at, std::string::npos) << answer;
  for (int step = 0; step <= 5; ++step) {
    at = answer.find("{\"event\":\"state\",\"step\":" + std::to_string(step) + ",\"of\":5,", at);
    ASSERT_NE(at, std::string::npos) << step;
    EXPECT_NE(answer.find("\"width\":1,\"height\":1,\"body\":16}\n", at), std::string::npos);
  }
  EXPECT_NE(answer.find("\"pictures\":[\"style-0 1x2\"]},\"body\":32}\n", at), std::string::npos) << answer;
}

TEST_F(Protocol, operations_have_their_own_routes) {
  EXPECT_NE(refusal(post(small_neural_job())).find("operation must be fast-style."), std::string::npos);
  EXPECT_NE(refusal(post(small_job("invert"), -1, "/v1/neural-style")).find("operation must be neural-style."),
            std::string::npos);
  EXPECT_NE(refusal(post(small_job("invert"), -1, "/v1/evaluate")).find("operation must be neural-style."),
            std::string::npos);
  EXPECT_NE(refusal(post(replaced(small_neural_job(), "neural-style", "knitting"), -1, "/v1/neural-style"))
                .find("operation must not be"),
            std::string::npos);
  expect_alive();
}

/// A job of Generate from Text; nothing but its line.
std::string prompt_job(const std::string& prompt, const std::string& model = "auto") {
  JobLine line;
  line.request = to_json(GenerateRequest{.prompt = prompt, .model = model, .count = 2});
  return job_line_to_json(line) + "\n";
}

TEST_F(Protocol, a_prompt_byte_by_byte) {
  Raw raw(socket_path());
  for (const char byte : post(prompt_job("red xtulip"), -1, "/v1/generate")) raw.send(std::string(1, byte));
  const std::string answer = raw.read_until("\r\n0\r\n\r\n");
  size_t at = answer.find("{\"event\":\"queued\",\"position\":0,\"job\":1}\n");
  ASSERT_NE(at, std::string::npos) << answer;
  at = answer.find("{\"event\":\"note\",\"text\":\"The model does not know these words", at);
  ASSERT_NE(at, std::string::npos) << answer;
  for (const char* picture :
       {"{\"event\":\"picture\",\"index\":0,\"of\":2,\"role\":\"picture\",\"seed\":100,\"share\":0",
        "{\"event\":\"picture\",\"index\":1,\"of\":2,\"role\":\"picture\",\"seed\":1100,\"share\":0"}) {
    at = answer.find(picture, at);
    ASSERT_NE(at, std::string::npos) << picture;
    EXPECT_EQ(answer.find(",\"width\":64,\"height\":64,\"body\":65536}\n", at), answer.find(",\"width\"", at));
  }
  at = answer.find("{\"event\":\"result\",\"facts\":{\"engine\":", at);
  EXPECT_NE(at, std::string::npos) << "a result without a picture";
}

TEST_F(Protocol, a_prompt_is_read_on_its_own_route) {
  const std::string answer = talk(post(prompt_job("red xtulip"), -1, "/v1/prompt"), "0\r\n\r\n");
  EXPECT_NE(answer.find("\"words\":[\"red\"],\"unknown_words\":[\"xtulip\"]"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("\"event\":\"picture\""), std::string::npos);
  const std::string status = talk("GET /v1/status HTTP/1.1\r\nHost: pinxit\r\n\r\n", "}}");
  EXPECT_NE(status.find("\"generate\",\"prompt\","), std::string::npos) << status;
}

TEST_F(Protocol, prompts_and_pictures_keep_to_their_routes) {
  for (const char* path : {"/v1/generate", "/v1/prompt"}) {
    EXPECT_NE(refusal(post(small_job("invert"), -1, path)).find("operation must be generate."), std::string::npos);
    EXPECT_NE(talk(std::string("GET ") + path + " HTTP/1.1\r\nHost: x\r\n\r\n").find(" 405 "), std::string::npos);
  }
  EXPECT_NE(refusal(post(prompt_job("a"))).find("operation must be fast-style."), std::string::npos);
  const std::string damage = "The request to the engine is damaged (source).";
  const std::string pictureless =
      replaced(prompt_job("a"), to_json(GenerateRequest{.prompt = "a", .count = 2}), to_json(request("invert")));
  EXPECT_NE(refusal(post(pictureless)).find(damage), std::string::npos);
  JobLine line = sample_line();
  line.request = to_json(GenerateRequest{.prompt = "a"});
  EXPECT_NE(refusal(post(job_line_to_json(line) + "\n", -1, "/v1/generate")).find(damage), std::string::npos);
  EXPECT_NE(refusal(post(prompt_job("a") + "x", -1, "/v1/generate")).find("too long"), std::string::npos);
  EXPECT_NE(refusal(post(replaced(prompt_job("a"), "\"count\":2", "\"count\":0"), -1, "/v1/generate"))
                .find("count must be between"),
            std::string::npos);
  expect_alive();
}

TEST_F(Protocol, closing_cancels_a_prompt) {
  Raw raw(socket_path());
  raw.send(post(prompt_job("a", "steps-100000"), -1, "/v1/generate"));
  raw.read_until("progress");
  EXPECT_EQ(jobs_running(*client_), 1);
  raw.close();
  EXPECT_TRUE(eventually([&] { return jobs_running(*client_) == 0; }));
  expect_alive();
}

TEST_F(Protocol, finishing_what_is_not_there_is_refused) {
  for (const char* body : {"{\"job\":99}\n", "{\"job\":-1}\n", "{\"job\":\"1\"}\n", "{}", "", "x"}) {
    const std::string answer = talk(post(body, -1, "/v1/finish"));
    EXPECT_NE(answer.find("404"), std::string::npos) << answer;
    EXPECT_NE(answer.find("\"code\":\"bad-argument\",\"sentence\":\"There is no job"), std::string::npos) << answer;
  }
  EXPECT_NE(talk("GET /v1/finish HTTP/1.1\r\nHost: pinxit\r\n\r\n").find("405"), std::string::npos);
  expect_alive();
}

TEST_F(Protocol, damaged_requests_cost_an_error_event) {
  EXPECT_NE(refusal(post("{\"protocol\":2,\n")).find("\"code\":\"protocol\""), std::string::npos);
  EXPECT_NE(refusal(post("\n")).find("\"code\":\"protocol\""), std::string::npos);
  EXPECT_NE(refusal(post("")).find("\"code\":\"protocol\""), std::string::npos);
  EXPECT_NE(refusal(post("no line feed")).find("\"code\":\"protocol\""), std::string::npos);
  EXPECT_NE(refusal(post(small_job("invert") + "x")).find("too long"), std::string::npos);
  EXPECT_NE(refusal(post(small_job("invert").substr(0, small_job("invert").size() - 1))).find("too short"),
            std::string::npos);
  EXPECT_NE(refusal(post(replaced(small_job("invert"), "\"strength\":100", "\"strength\":101"))).find("bad-argument"),
            std::string::npos);
  EXPECT_NE(refusal(post(replaced(small_job("invert"), "\"protocol\":2", "\"protocol\":9"))).find("engine-old"),
            std::string::npos);
  EXPECT_NE(refusal(post(std::string(2 << 20, ' ') + "\n")).find("too long"), std::string::npos);
  expect_alive();
}

TEST_F(Protocol, unknown_paths_and_methods_are_refused) {
  EXPECT_NE(talk("GET /v1/fast-style HTTP/1.1\r\nHost: x\r\n\r\n").find(" 405 "), std::string::npos);
  EXPECT_NE(talk("DELETE /v1/status HTTP/1.1\r\nHost: x\r\n\r\n").find(" 405 "), std::string::npos);
  EXPECT_NE(talk("GET /v1/retire HTTP/1.1\r\nHost: x\r\n\r\n").find(" 405 "), std::string::npos);
  EXPECT_NE(talk("GET /secret HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n\r\n").find(" 404 "), std::string::npos);
  EXPECT_NE(talk("rubbish\r\n\r\n", "\r\n\r\n").find(" 400 "), std::string::npos);
  expect_alive();
}

TEST_F(Protocol, a_client_that_leaves_while_sending_leaves_nothing) {
  for (const size_t length : {1, 40, 90, 150, 400}) {
    Raw raw(socket_path());
    raw.send(post(small_job("steps-100000")).substr(0, length));
    raw.close();
  }
  EXPECT_EQ(jobs_running(*client_), 0);
  expect_alive();
}

TEST_F(Protocol, closing_cancels_running_and_waiting_jobs) {
  Raw running(socket_path()), waiting(socket_path());
  running.send(post(small_job("steps-100000")));
  running.read_until("progress");
  waiting.send(post(small_job("steps-100000")));
  waiting.read_until("\"position\":1");
  waiting.close();
  running.close();
  EXPECT_TRUE(eventually([&] { return jobs_running(*client_) == 0; }));
  EXPECT_NE(client_->status().take().find("\"waiting\":0"), std::string::npos);
}

TEST_F(Protocol, shared_memory_that_cannot_be_used_asks_for_the_body) {
  const Descriptor file(open((folder_ + "/file").c_str(), O_RDWR | O_CREAT, 0600));
  const Descriptor unsealed(memfd_create("unsealed", MFD_ALLOW_SEALING | MFD_CLOEXEC));
  ASSERT_EQ(ftruncate(file.get(), 1 << 20), 0);
  ASSERT_EQ(ftruncate(unsealed.get(), 1 << 20), 0);
  const SharedPicture small = SharedPicture::create(3, 3).take(), right = SharedPicture::create(4, 3).take();
  for (const int wrong : {file.get(), unsealed.get(), small.descriptor(), 0, 9999}) {
    for (const bool of_source : {true, false}) {
      JobLine line = sample_line();
      line.source = line.result = {4, 3, "", right.descriptor()};
      (of_source ? line.source : line.result).descriptor = wrong;
      line.view = {};
      const std::string error = refusal(post(job_line_to_json(line) + "\n"));
      EXPECT_NE(error.find("\"code\":\"protocol\""), std::string::npos) << error;
      EXPECT_NE(error.find("\"repeat\":\"body\""), std::string::npos) << error;
    }
  }
  expect_alive();
}

TEST_F(Protocol, more_jobs_than_it_takes_are_refused) {
  std::vector<std::unique_ptr<Raw>> many;
  for (int i = 0; i < 32; ++i) {
    many.push_back(std::make_unique<Raw>(socket_path()));
    many.back()->send(post(small_job("steps-100000")));
    many.back()->read_until("queued");
  }
  const auto outcome = client_->run(request("invert"), job(2, 2));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::engine_busy);
  many.clear();
  EXPECT_TRUE(eventually([&] { return bool(client_->run(request("invert"), job(2, 2))); }));
}

TEST_F(Protocol, a_second_process_does_not_wait_behind_all_of_the_first) {
  Raw blocker(socket_path());
  blocker.send(post(small_job("steps-100000")));
  blocker.read_until("progress");
  std::vector<std::unique_ptr<Raw>> many;
  for (int i = 0; i < 5; ++i) {
    many.push_back(std::make_unique<Raw>(socket_path()));
    many.back()->send(post(small_job("invert")));
    many.back()->read_until("queued");
  }
  const std::string path = socket_path(), bytes = post(small_job("invert"));
  const pid_t child = fork();
  if (child == 0) {
    close_range(3, ~0U, 0);  // or the blocker's connection stays open here
    Raw raw(path);
    raw.send(bytes);
    const std::string queued = raw.read_until("\"position\":2");  // behind the blocker and one job of ours
    const std::string answer = raw.read_until("serial\":3");      // the third job to begin
    _exit(queued.find("\"position\":2") != std::string::npos && answer.find("serial\":3") != std::string::npos ? 0 : 1);
  }
  EXPECT_TRUE(eventually([&] { return client_->status().take().find("\"waiting\":6") != std::string::npos; }));
  blocker.close();
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_NE(many.back()->read_until("serial\":7").find("serial\":7"), std::string::npos);
}

TEST_F(Protocol, one_engine_for_one_socket) {
  const std::string command = std::string(TEST_ENGINE) + " --foreground --socket " + socket_path() + " 2>/dev/null";
  const int status = std::system(command.c_str());  // waits for the lock, then gives up
  EXPECT_EQ(WEXITSTATUS(status), error_exit_status(ErrorCode::engine_busy));
  expect_alive();
}

TEST_F(Protocol, files_are_private) {
  struct stat facts = {};
  ASSERT_EQ(stat(socket_path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  ASSERT_EQ(stat((folder_ + "/run").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
  ASSERT_EQ(stat((folder_ + "/run/engine.log").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace pinxit
