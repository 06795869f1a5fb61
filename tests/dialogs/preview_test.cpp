// SPDX-License-Identifier: Apache-2.0
// What the preview shows, without a window: geometry, surfaces, tiles of the gallery, and letters to the main loop.
#include <glib.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "dialogs/fast_style/style_gallery.h"
#include "dialogs/painting/paint_job.h"
#include "dialogs/shared/device_names.h"
#include "dialogs/shared/main_loop.h"
#include "dialogs/shared/preview_geometry.h"
#include "dialogs/shared/preview_surface.h"

namespace pinxit {
namespace {

TEST(Geometry, CropStaysInsideThePicture) {
  const Size picture{1000, 800}, pane{400, 300};
  EXPECT_EQ(crop_around(500, 400, picture, pane), (Region{300, 250, 400, 300}));
  EXPECT_EQ(crop_around(0, 0, picture, pane), (Region{0, 0, 400, 300}));
  EXPECT_EQ(crop_around(1000, 800, picture, pane), (Region{600, 500, 400, 300}));
  EXPECT_EQ(crop_around(10, 10, {50, 2000}, pane), (Region{0, 0, 50, 300})) << "narrower than the pane";
  EXPECT_EQ(crop_around(0, 0, {1, 1}, pane), (Region{0, 0, 1, 1}));
}

TEST(Geometry, CropMovesByWholePixelsAndStops) {
  const Region crop{300, 250, 400, 300};
  EXPECT_EQ(crop_moved(crop, 7, -3, {1000, 800}), (Region{307, 247, 400, 300}));
  EXPECT_EQ(crop_moved(crop, 5000, -5000, {1000, 800}), (Region{600, 0, 400, 300}));
}

TEST(Geometry, FittedKeepsProportionsAndNeverEnlarges) {
  EXPECT_EQ(fitted_size({4000, 3000}, {400, 400}), (Size{400, 300}));
  EXPECT_EQ(fitted_size({100, 50}, {400, 400}), (Size{100, 50}));
  EXPECT_EQ(fitted_size({100000, 10}, {400, 400}), (Size{400, 1}));
  EXPECT_EQ(centred({100, 50}, {400, 400}), (Region{150, 175, 100, 50}));
}

TEST(Geometry, SplitIsAShareOfTheShownPicture) {
  const Region shown{100, 0, 200, 200};
  EXPECT_DOUBLE_EQ(split_at(150, shown), 0.25);
  EXPECT_DOUBLE_EQ(split_at(0, shown), 0);
  EXPECT_DOUBLE_EQ(split_at(900, shown), 1);
}

TEST(Geometry, OverviewShowsWhereTheCropIs) {
  EXPECT_EQ(crop_in_overview({500, 400, 500, 400}, {1000, 800}, {10, 20, 100, 80}), (Region{60, 60, 50, 40}));
  const Region tiny = crop_in_overview({0, 0, 10, 10}, {100000, 100000}, {0, 0, 100, 100});
  EXPECT_GE(tiny.width, 3);
}

uint32_t pixel(const Surface& surface, int x, int y) {
  const auto* row = cairo_image_surface_get_data(surface.get()) + y * cairo_image_surface_get_stride(surface.get());
  return reinterpret_cast<const uint32_t*>(row)[x];
}

TEST(Surfaces, AreEightBitAndPremultiplied) {
  SrgbPicture picture(2, 1);
  picture.data = {1, 0.5f, 0, 1, /**/ 2, -1, NAN, 0.5f};
  const Surface surface = surface_of(picture.view(), {0, 0, 2, 1});
  EXPECT_EQ(pixel(surface, 0, 0), 0xffff8000u);
  EXPECT_EQ(pixel(surface, 1, 0) >> 16, 0x8080u) << "clipped, and half of it";
  EXPECT_EQ(pixel(surface, 1, 0) & 0xff00u, 0u);
}

TEST(Surfaces, ReduceToTheMean) {
  SrgbPicture picture(64, 64);
  for (int64_t i = 0; i < 64 * 64; i++) {
    const float value = (i % 64 + i / 64) % 2 ? 1.0f : 0.0f;  // checks
    for (int c = 0; c < 3; c++) picture.data[size_t(4 * i + c)] = value;
    picture.data[size_t(4 * i + 3)] = 1;
  }
  const Surface surface = reduced_surface(picture.view(), {16, 16});
  EXPECT_EQ(pixel(surface, 8, 8), 0xff808080u);
}

ModelEntry entry() {
  ModelEntry entry;
  entry.id = "great-wave";
  entry.title = "The Great Wave";
  entry.description = "After Hokusai’s woodblock print";
  entry.licence = "Apache-2.0";
  return entry;
}

TEST(Tiles, AreFoundByTheBeginningsOfTheirWords) {
  const Tile tile = tile_of(entry());
  for (const char* found : {"", "  ", "wave", "WAV gre", "hok print", "apache"}) EXPECT_TRUE(tile_fits(tile, found)) << found;
  for (const char* not_found : {"candy", "wave candy", "ave"}) EXPECT_FALSE(tile_fits(tile, not_found)) << not_found;
}

TEST(Tiles, StandForFilesAndMixes) {
  EXPECT_EQ(tile_of_styles({{"/home/me/my.net.safetensors", 1}}).title, "my.net");
  EXPECT_EQ(tile_of_styles({{"candy", 3}, {"mosaic", 1}}).title, "candy 75 % + mosaic 25 %");
  const Tile tile = tile_of(entry());
  ASSERT_EQ(tile.styles.size(), 1u);
  EXPECT_EQ(tile.styles[0].style, "great-wave");
}

TEST(Devices, AreReadFromWhatTheEngineSays) {
  EXPECT_EQ(engine_facts(R"({"devices":["cpu","cuda:0"],"version":"1"})").devices,
            (std::vector<std::string>{"cpu", "cuda:0"}));
  EXPECT_EQ(engine_facts(R"({"devices":[{"id":"cpu"},{"id":"cuda"}]})").devices,
            (std::vector<std::string>{"cpu", "cuda"}));
  EXPECT_TRUE(engine_facts("no json").devices.empty());
  EXPECT_EQ(engine_facts(R"({"jobs":{"running":1,"waiting":2}})").jobs, 3);
  const PaintFacts facts = paint_facts(R"({"device":"cpu","styles":[{"id":"candy","precision":"bf16"}]})");
  EXPECT_EQ(facts.device, "cpu");
  EXPECT_EQ(facts.precision, "bf16");
}

void run_main_loop() {
  for (int i = 0; i < 1000 && g_main_context_iteration(nullptr, FALSE); i++) {
  }
}

TEST(Letters, AreOpenedOnTheMainLoopOrNotAtAll) {
  int opened = 0;
  auto mailbox = std::make_unique<Mailbox>();
  auto sender = mailbox->sender();
  std::thread([&] { sender.post([&] { opened++; }); }).join();
  EXPECT_EQ(opened, 0);
  run_main_loop();
  EXPECT_EQ(opened, 1);
  sender.post([&] { opened++; });
  mailbox.reset();
  run_main_loop();
  EXPECT_EQ(opened, 1) << "a letter to a mailbox that is gone";
}

TEST(PaintJob, EndsOnceWithWhatPaintSays) {
  int ends = 0, events = 0;
  PaintJob job(
      [](const Emit& tell, std::stop_token, std::stop_token) -> Status {
        tell(Event{});
        throw Failure(ErrorCode::out_of_memory, "too large");
      },
      [&](const Event&) { events++; },
      [&](Status status) {
        ends++;
        EXPECT_EQ(status.error().code, ErrorCode::out_of_memory);
      });
  while (!ends) g_main_context_iteration(nullptr, TRUE);
  job.cancel();
  run_main_loop();
  EXPECT_EQ(ends, 1);
  EXPECT_EQ(events, 1);
}

TEST(PaintJob, EndsAtOnceWhenCancelledThoughPaintHangs) {
  auto released = std::make_shared<std::stop_source>();
  int ends = 0;
  {
    PaintJob job(
        [released](const Emit&, std::stop_token, std::stop_token) -> Status {
          while (!released->stop_requested()) g_usleep(1000);  // deaf to its own stop token
          return Nothing{};
        },
        [](const Event&) {},
        [&](Status status) {
          ends++;
          EXPECT_EQ(status.error().code, ErrorCode::cancelled);
        });
    job.cancel();
    EXPECT_EQ(ends, 1) << "without the main loop, without waiting for paint";
  }
  released->request_stop();
  run_main_loop();
  EXPECT_EQ(ends, 1);
}

TEST(PaintJob, FinishesWithWhatThereIs) {
  int ends = 0;
  PaintJob job(
      [](const Emit&, std::stop_token stop, std::stop_token finish) -> Status {
        while (!stop.stop_requested() && !finish.stop_requested()) g_usleep(1000);
        return stop.stop_requested() ? Status(Cancelled().error) : Status(Nothing{});
      },
      [](const Event&) {},
      [&](Status status) {
        ends++;
        EXPECT_TRUE(bool(status));
      });
  job.finish();
  while (!ends) g_main_context_iteration(nullptr, TRUE);
  EXPECT_EQ(ends, 1);
}

}  // namespace
}  // namespace pinxit
