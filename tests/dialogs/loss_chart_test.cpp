// SPDX-License-Identifier: Apache-2.0
// Where the values of a chart lie, and the iterations of a run as a window holds them; nothing is drawn here.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dialogs/neural_style/run_states.h"
#include "dialogs/shared/loss_axes.h"

namespace pinxit {
namespace {

Losses of(double total, double content, double style, double variation) {
  Losses losses;
  losses.total = total;
  losses.content = content;
  losses.style = style;
  losses.variation = variation;
  return losses;
}

void expect_ticks_in_order(const LossAxis& axis) {
  ASSERT_GE(axis.ticks().size(), 2u);
  EXPECT_LE(axis.ticks().size(), 8u);
  double before = -1;
  for (const LossTick& tick : axis.ticks()) {
    const double place = axis.place(tick.value);
    EXPECT_GT(place, before) << tick.text;
    EXPECT_GE(place, -1e-9) << tick.text;
    EXPECT_LE(place, 1 + 1e-9) << tick.text;
    EXPECT_DOUBLE_EQ(std::stod(tick.text), tick.value) << "a label says another value than its line";
    before = place;
  }
}

TEST(LossAxis, HoldsAllValues) {
  for (const double largest : {3.0, 41.0, 999.0, 1.7e6, 2.3e12})
    for (const double least : {1e-9, 0.02, 2.9})
      for (const bool logarithmic : {false, true}) {
        const std::vector<Losses> losses = {of(largest, least, 1, 2), of(largest / 2, least, 1, 2)};
        const LossAxis axis(losses, logarithmic);
        expect_ticks_in_order(axis);
        for (const Losses& state : losses)
          for (const LossCurve curve : loss_curves) {
            const double place = axis.place(loss_value(state, curve));
            EXPECT_GE(place, -1e-9) << largest << " " << least;
            EXPECT_LE(place, 1 + 1e-9) << largest << " " << least;
          }
      }
}

TEST(LossAxis, IsEvenInValuesOrInPowers) {
  const std::vector<Losses> losses = {of(1000, 1, 1, 1)};
  const LossAxis linear(losses, false), logarithmic(losses, true);
  EXPECT_DOUBLE_EQ(linear.place(0), 0);
  EXPECT_DOUBLE_EQ(linear.place(500), 0.5);
  EXPECT_DOUBLE_EQ(logarithmic.place(1), 0);
  EXPECT_NEAR(logarithmic.place(10), 1. / 3, 1e-12);
  EXPECT_NEAR(logarithmic.place(1000), 1, 1e-12);
}

TEST(LossAxis, ShowsNothingThatIsNowhere) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();
  const std::vector<Losses> losses = {of(100, nan, infinite, 0), of(10, -1, 5, 0)};
  const LossAxis logarithmic(losses, true), linear(losses, false);
  expect_ticks_in_order(logarithmic);
  expect_ticks_in_order(linear);
  for (const double value : {nan, infinite, 0., -1.}) EXPECT_TRUE(std::isnan(logarithmic.place(value))) << value;
  for (const double value : {nan, infinite}) EXPECT_TRUE(std::isnan(linear.place(value))) << value;
  EXPECT_GE(linear.place(-1), 0);
}

TEST(LossAxis, IsThereBeforeTheFirstValue) {
  for (const bool logarithmic : {false, true}) {
    expect_ticks_in_order(LossAxis({}, logarithmic));
    expect_ticks_in_order(LossAxis({of(7, 7, 7, 7)}, logarithmic));
    expect_ticks_in_order(LossAxis({of(0, 0, 0, 0)}, logarithmic));
  }
}

TEST(LossTicks, OfIterationsAreRoundAndFew) {
  EXPECT_EQ(iteration_ticks(1, 8), (std::vector<int>{0, 1}));
  EXPECT_EQ(iteration_ticks(10, 5), (std::vector<int>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(iteration_ticks(100, 8), (std::vector<int>{0, 20, 40, 60, 80, 100}));
  for (int last = 0; last <= 100; last++) {
    const auto ticks = iteration_ticks(last, 6);
    EXPECT_EQ(ticks.front(), 0);
    EXPECT_LE(ticks.back(), last);
    EXPECT_LE(ticks.size(), 7u) << last;
  }
}

TEST(LossTicks, ThePointerFindsTheNearestIteration) {
  EXPECT_EQ(iteration_at(-0.5, 10), 0);
  EXPECT_EQ(iteration_at(0.34, 10), 3);
  EXPECT_EQ(iteration_at(0.36, 10), 4);
  EXPECT_EQ(iteration_at(2, 10), 10);
  EXPECT_EQ(iteration_at(0.7, 0), 0);
}

TEST(LossTexts, AreInExponents) {
  EXPECT_EQ(exponent_text(12345), "1.23e+04");
  EXPECT_EQ(losses_sentence(3, of(12345, 0.5, 6, 0)),
            "Iteration 3: total 1.23e+04, content 5.00e-01, style 6.00e+00, variation 0.00e+00");
}

Event state(int step, int side, bool full = false) {
  Event event;
  event.kind = Event::Kind::state;
  event.step = step;
  event.of = 10;
  event.full = full;
  auto picture = std::make_shared<SrgbPicture>(side, side);
  for (float& value : picture->data) value = float(step) / 10;
  event.picture = picture;
  event.losses = of(100 - step, 1, 2, 3);
  return event;
}

TEST(RunStates, KeepWhatIsMarked) {
  RunStates states;
  EXPECT_EQ(states.newest(), -1);
  for (int i = 0; i <= 4; i++) states.add(state(i, 8));
  EXPECT_EQ(states.newest(), 4);
  EXPECT_EQ(states.losses().size(), 5u);
  EXPECT_EQ(states.losses()[3].total, 97);
  states.keep(3, true);
  states.keep(1, true);
  states.keep(1, false);
  states.keep(9, true);  // there is none
  EXPECT_EQ(states.kept(), std::vector<int>{3});
  const auto pictures = states.kept_pictures({});
  ASSERT_EQ(pictures.size(), 1u);
  EXPECT_EQ(pictures[0].iteration, 3);
  EXPECT_FALSE(pictures[0].full);
  EXPECT_FLOAT_EQ(pictures[0].picture.data[0], 0.3f);
}

TEST(RunStates, GiveFullPicturesWhereThereAreSome) {
  RunStates states(3 * 1024 * 1024 * 16);  // room for three
  for (int i = 0; i <= 5; i++) {
    states.add(state(i, 64));
    states.add(state(i, 1024, true));
    if (i == 0) states.keep(0, true);
  }
  EXPECT_EQ(states.at(2)->shown->width, 64) << "a picture for the eye stays as it came";
  EXPECT_TRUE(states.at(0)->full) << "kept";
  EXPECT_FALSE(states.at(1)->full) << "let go";
  EXPECT_TRUE(states.at(5)->full) << "the newest";
  states.keep(1, true);
  int asked = -1;
  auto pictures = states.kept_pictures([&](int iteration) -> Result<SrgbPicture> {
    asked = iteration;
    return SrgbPicture(1024, 1024);
  });
  EXPECT_EQ(asked, 1);
  ASSERT_EQ(pictures.size(), 2u);
  EXPECT_TRUE(pictures[0].full && pictures[1].full);
  pictures = states.kept_pictures([](int) -> Result<SrgbPicture> { return Error{}; });
  EXPECT_FALSE(pictures[1].full);
  EXPECT_EQ(pictures[1].picture.width, 64);
}

TEST(RunStates, HaveNoLossesOfIterationsThatNeverCame) {
  RunStates states;
  states.add(state(2, 8));
  EXPECT_TRUE(std::isnan(states.losses()[0].total));
  EXPECT_EQ(states.losses()[2].total, 98);
}

TEST(ReducedPicture, HasTheMeanOfWhatIsSeen) {
  SrgbPicture picture(1000, 500);
  for (int64_t y = 0; y < 500; y++)
    for (int64_t x = 0; x < 1000; x++) {
      float* pixel = picture.span().row(y) + 4 * x;
      pixel[0] = x % 2 ? 1.0f : 0.0f;
      pixel[1] = 0.5f;
      pixel[3] = x % 2 ? 1.0f : 0.0f;  // every other pixel is transparent and black
    }
  const SrgbPicture small = reduced_picture(picture.view(), 100);
  EXPECT_EQ(small.width, 100);
  EXPECT_EQ(small.height, 50);
  EXPECT_FLOAT_EQ(small.data[0], 1);
  EXPECT_FLOAT_EQ(small.data[1], 0.5f);
  EXPECT_FLOAT_EQ(small.data[3], 0.5f);
  EXPECT_EQ(reduced_picture(small.view(), 100).data, small.data);
  EXPECT_EQ(reduced_picture(SrgbPicture(4000, 1).view(), 512).height, 1);
}

}  // namespace
}  // namespace pinxit
