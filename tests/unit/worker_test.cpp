// SPDX-License-Identifier: Apache-2.0
//
// The thread that works, and how it waits for clients that do not read.
#include "engine/service/worker.h"

#include <gtest/gtest.h>

#include <atomic>

#include "engine/base/error.h"
#include "engine/service/backlog.h"

namespace pinxit {
namespace {

using std::chrono::milliseconds;

void wait_until(const std::function<bool()>& holds) {
  for (int i = 0; i < 1000 && !holds(); ++i) std::this_thread::sleep_for(milliseconds(5));
  ASSERT_TRUE(holds());
}

TEST(Worker, works_in_order) {
  std::vector<int> seen;
  std::atomic<bool> done = false;
  Worker worker;
  for (int i = 0; i < 5; ++i) worker.post([&, i] { seen.push_back(i); });
  worker.post([&] { done = true; });
  wait_until([&] { return done.load(); });
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(Worker, rests_once_after_each_spell_of_work) {
  std::atomic<int> rests = 0;
  Worker worker([&] { ++rests; }, milliseconds(30));
  wait_until([&] { return rests == 1; });
  std::this_thread::sleep_for(milliseconds(120));
  EXPECT_EQ(rests, 1);
  worker.post([] {});
  wait_until([&] { return rests == 2; });
}

// ---- unread pictures

constexpr auto long_time = std::chrono::hours(1);

TEST(Backlog, counts_what_somebody_holds) {
  Backlog::Place left;
  {
    Backlog unread;
    Backlog::Place first = unread.add(), copy = first;
    left = unread.add();
    EXPECT_EQ(unread.size(), 2);
    first.reset();
    EXPECT_EQ(unread.size(), 2);
    copy.reset();
    EXPECT_EQ(unread.size(), 1);
  }
  left.reset();  // outlives the backlog
}

TEST(Backlog, waits_until_enough_is_read) {
  Backlog unread;
  std::vector<Backlog::Place> places = {unread.add(), unread.add(), unread.add()};
  std::atomic<bool> over = false;
  std::jthread worker([&] {
    unread.wait_for_reader(1, long_time, [] { return true; }, {}, {});
    over = true;
  });
  places.pop_back();
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_FALSE(over);
  places.pop_back();
  wait_until([&] { return over.load(); });
}

TEST(Backlog, a_wish_to_end_ends_the_waiting) {
  for (const bool finish : {false, true}) {
    Backlog unread;
    const Backlog::Place place = unread.add();
    std::stop_source source;
    std::atomic<bool> over = false;
    std::jthread worker([&] {
      const std::stop_token asked = source.get_token(), never;
      unread.wait_for_reader(0, long_time, [] { return true; }, finish ? never : asked, finish ? asked : never);
      over = true;
    });
    std::this_thread::sleep_for(milliseconds(20));
    EXPECT_FALSE(over);
    source.request_stop();
    wait_until([&] { return over.load(); });
    unread.wait_for_reader(0, long_time, [] { return true; }, source.get_token(), {});  // asked before
  }
}

TEST(Backlog, others_are_not_kept_waiting_for_ever) {
  Backlog unread;
  const Backlog::Place place = unread.add();
  std::atomic<bool> others = false, refused = false;
  std::jthread worker([&] {
    try {
      unread.wait_for_reader(0, milliseconds(30), [&] { return others.load(); }, {}, {});
    } catch (const Failure& failure) {
      refused = failure.error.code == ErrorCode::engine_busy;
    }
  });
  std::this_thread::sleep_for(milliseconds(150));
  EXPECT_FALSE(refused) << "nobody else wants the engine";
  others = true;
  wait_until([&] { return refused.load(); });
}

}  // namespace
}  // namespace pinxit
