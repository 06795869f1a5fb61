// SPDX-License-Identifier: Apache-2.0
//
// EngineClient and Neural Style against an engine process with the fake workshop: states and their pictures, several
// pictures in shared memory and in the body, previews that come too fast, finishing early, losses and gradient.
#include <atomic>
#include <future>

#include "tests/unit/engine_fixture.h"

namespace pinxit {
namespace {

using Kind = Event::Kind;

std::string fail_code(const Result<Outcome>& outcome) {
  return outcome ? "no error" : std::string(error_name(outcome.error().code));
}

class ClientNeural : public EngineFixture {
 protected:
  static NeuralStyleRequest neural(const std::string& encoder = "auto", int iterations = 5) {
    NeuralStyleRequest request;
    request.styles = {{"/a.png", 1}};
    request.encoder = encoder;
    request.iterations = iterations;
    return request;
  }
  static SharedPicture filled(int64_t width, int64_t height, float value) {
    SharedPicture picture = SharedPicture::create(width, height).take();
    std::fill_n(picture.span().data, 4 * width * height, value);
    return picture;
  }
  static Job neural_job(int64_t width, int64_t height) {
    Job work = job(width, height);
    work.pictures = {{"style-0", filled(4, 3, 0.5f)}};
    return work;
  }
  /// The fake goes `share` of the way to the inverse.
  static void expect_painted(SrgbView source, SrgbView result, float share) {
    for (int64_t i = 0; i < 4 * source.width * source.height; ++i)
      ASSERT_NEAR(result.data[i], source.data[i] + (i % 4 == 3 ? 0 : share * (1 - 2 * source.data[i])), 1e-6f) << i;
  }
};

TEST_F(ClientNeural, states_come_with_losses_and_pictures) {
  EngineClient client = connect();
  Job work = neural_job(40, 20);
  work.preview_side = 16;
  std::vector<Event> states;
  work.on_event = [&](const Event& event) {
    if (event.kind == Kind::state) states.push_back(event);
  };
  NeuralStyleRequest request = neural();
  request.keep_every = 2;
  const auto outcome = client.run(request, work);
  ASSERT_TRUE(outcome) << outcome.error().sentence;
  EXPECT_EQ(outcome->facts,
            R"({"serial":1,"encoder":{"id":"auto"},"preset":"best","iterations":5,"pictures":["style-0 4x3"]})");
  expect_inverted(work);
  std::vector<int> steps, full;
  for (const Event& state : states) {
    (state.full ? full : steps).push_back(state.step);
    EXPECT_EQ(state.of, 5);
    ASSERT_TRUE(state.losses && state.picture) << state.step;
    EXPECT_DOUBLE_EQ(state.losses->total, 1000. / (1 + state.step));
    EXPECT_EQ(state.losses->taps.size(), 2u);
    EXPECT_EQ(state.picture->width, state.full ? 40 : 16);
    EXPECT_EQ(state.picture->height, state.full ? 20 : 8);
    if (state.full) expect_painted(work.source.view(), state.picture->view(), float(state.step) / 5);
  }
  EXPECT_EQ(steps, (std::vector<int>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(full, (std::vector<int>{2, 4}));
}

TEST_F(ClientNeural, nobody_gets_pictures_that_were_not_asked_for) {
  EngineClient client = connect();
  Job work = neural_job(8, 8);
  int states = 0;
  work.on_event = [&](const Event& event) {
    states += event.kind == Kind::state;
    EXPECT_FALSE(event.picture);
  };
  ASSERT_TRUE(client.run(neural(), work));
  EXPECT_EQ(states, 6);
}

TEST_F(ClientNeural, several_pictures_also_in_the_body) {
  setenv("PINXIT_SHARED_MEMORY", "off", 1);
  EngineClient client = connect();
  unsetenv("PINXIT_SHARED_MEMORY");
  Job work = neural_job(300, 200);
  work.pictures.push_back({"style-1", filled(500, 2, 1)});
  work.pictures.push_back({"mask-1", filled(1, 1, 0)});
  const auto outcome = client.run(neural(), work);
  ASSERT_TRUE(outcome) << outcome.error().sentence;
  EXPECT_NE(outcome->facts.find(R"(["style-0 4x3","style-1 500x2","mask-1 1x1"])"), std::string::npos)
      << outcome->facts;
  expect_inverted(work);
  Job evaluation = neural_job(30, 20);
  evaluation.pictures.push_back({"at", filled(30, 20, 0.25f)});
  ASSERT_TRUE(client.evaluate(neural(), evaluation));
  EXPECT_EQ(evaluation.result.view().data[0], 0.5f);
}

TEST_F(ClientNeural, evaluate_tells_losses_and_gradient) {
  EngineClient client = connect();
  Job work = neural_job(6, 4);
  work.pictures.push_back({"at", filled(6, 4, 0.125f)});
  const auto outcome = client.evaluate(neural(), work);
  ASSERT_TRUE(outcome) << outcome.error().sentence;
  EXPECT_EQ(outcome->facts,
            R"({"total":9.5,"content":1.5,"style":[{"layer":"conv1_1","loss":0.25,"weight":20}],"tv":3})");
  for (int i = 0; i < 4 * 6 * 4; ++i) ASSERT_EQ(work.result.view().data[i], 0.25f);
  work.pictures.clear();
  EXPECT_EQ(fail_code(client.evaluate(neural(), work)), "bad-argument");
}

TEST_F(ClientNeural, wrong_requests_do_not_reach_the_engine) {
  EngineClient client = connect();
  Job work = neural_job(4, 4);
  NeuralStyleRequest request = neural();
  request.size = 50;
  EXPECT_EQ(fail_code(client.run(request, work)), "bad-argument");
  work.pictures.push_back({"style-1", {}});
  EXPECT_EQ(fail_code(client.run(neural(), work)), "bad-argument");
  work.pictures.resize(1);
  EXPECT_NE(client.run(neural(), work).take().facts.find("\"serial\":1,"), std::string::npos);
}

// ---- finishing early

int iterations_of(const Outcome& outcome) {
  const size_t at = outcome.facts.find("\"iterations\":");
  return at == std::string::npos ? -1 : std::atoi(outcome.facts.c_str() + at + 13);
}

TEST_F(ClientNeural, finishing_gives_the_last_iteration) {
  EngineClient client = connect();
  Job work = neural_job(9, 7);
  std::stop_source finish;
  work.finish = finish.get_token();
  work.on_event = [&](const Event& event) {
    if (event.kind == Kind::state && event.step == 2) finish.request_stop();
  };
  const auto outcome = client.run(neural("steps-20", 100), work);
  ASSERT_TRUE(outcome) << outcome.error().sentence;
  const int iterations = iterations_of(*outcome);
  EXPECT_GE(iterations, 2);
  EXPECT_LT(iterations, 50);
  expect_painted(work.source.view(), work.result.view(), float(iterations) / 100);
}

TEST_F(ClientNeural, a_wish_before_the_job_has_a_number_is_kept) {
  EngineClient client = connect();
  Job work = neural_job(9, 7);
  std::stop_source finish;
  work.finish = finish.get_token();
  finish.request_stop();
  const auto outcome = client.run(neural("steps-20", 100), work);
  ASSERT_TRUE(outcome) << outcome.error().sentence;
  EXPECT_LT(iterations_of(*outcome), 50);
}

TEST_F(ClientNeural, a_waiting_job_can_be_asked_to_finish) {
  EngineClient client = connect(), other = connect();
  std::promise<void> began;
  std::stop_source stop;
  Job first = neural_job(4, 4);
  first.stop = stop.get_token();
  std::atomic<bool> told = false;
  first.on_event = [&](const Event& event) {
    if (event.kind == Kind::state && !told.exchange(true)) began.set_value();
  };
  auto blocked = std::async(std::launch::async, [&] { return fail_code(client.run(neural("steps-1000", 100), first)); });
  began.get_future().wait();
  Job second = neural_job(4, 4);
  std::stop_source finish;
  second.finish = finish.get_token();
  finish.request_stop();
  auto outcome = std::async(std::launch::async, [&] { return other.run(neural("steps-20", 100), second); });
  EXPECT_TRUE(eventually([&] {
    std::ifstream log(engine_log_file());
    const std::string text{std::istreambuf_iterator<char>(log), {}};
    return text.find("asked to finish") != std::string::npos;
  }));
  stop.request_stop();
  EXPECT_EQ(blocked.get(), "cancelled");
  EXPECT_EQ(iterations_of(outcome.get().take()), 0) << "it began with the wish";
}

TEST_F(ClientNeural, stop_is_stronger_than_finish) {
  EngineClient client = connect();
  Job work = neural_job(8, 8);
  std::stop_source stop, finish;
  work.stop = stop.get_token();
  work.finish = finish.get_token();
  work.on_event = [&](const Event& event) {
    if (event.kind == Kind::state && event.step == 1) stop.request_stop();
  };
  EXPECT_EQ(fail_code(client.run(neural("steps-20", 100), work)), "cancelled");
  finish.request_stop();
  EXPECT_TRUE(client.run(request("invert"), job(4, 4)));
}

TEST_F(ClientNeural, an_engine_that_dies_in_the_middle_is_told) {
  EngineClient client = connect();
  Job work = neural_job(8, 8);
  std::stop_source finish;
  work.finish = finish.get_token();
  int last = -1;
  work.on_event = [&](const Event& event) {
    if (event.kind == Kind::state) last = event.step;
  };
  EXPECT_EQ(fail_code(client.run(neural("abort-3"), work)), "engine-lost");
  EXPECT_LE(last, 3);
  EXPECT_TRUE(client.run(neural(), work));
  remember(client);
}

// ---- previews

TEST_F(ClientNeural, previews_that_come_too_fast_are_left_out) {
  EngineClient client = connect();
  Job work = neural_job(64, 64);
  work.preview_side = 32;
  int previews = 0, states = 0;
  work.on_event = [&](const Event& event) {
    previews += event.kind == Kind::preview;
    states += event.kind == Kind::state;
    EXPECT_EQ(event.picture ? event.picture->width : 32, 32);
  };
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(client.run(neural("previews-2000"), work));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  EXPECT_GE(previews, 1);
  EXPECT_LE(previews, 1 + int(seconds * 5));
  EXPECT_EQ(states, 6);
}

TEST_F(ClientNeural, a_slow_reader_misses_previews_but_no_state) {
  EngineClient client = connect();
  Job work = neural_job(600, 600);
  work.preview_side = 600;  // more than the socket holds
  int previews = 0, states = 0;
  work.on_event = [&](const Event& event) {
    previews += event.kind == Kind::preview;
    states += event.kind == Kind::state;
    if (event.kind == Kind::state && event.step == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2500));
  };
  ASSERT_TRUE(client.run(neural("slow-previews-10"), work));
  EXPECT_GE(previews, 1);
  EXPECT_LE(previews, 4);
  EXPECT_EQ(states, 6);
}

}  // namespace
}  // namespace pinxit
