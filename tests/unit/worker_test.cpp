// SPDX-License-Identifier: Apache-2.0
#include "engine/service/worker.h"

#include <gtest/gtest.h>

#include <atomic>

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

}  // namespace
}  // namespace pinxit
