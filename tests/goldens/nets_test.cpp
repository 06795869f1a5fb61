// SPDX-License-Identifier: Apache-2.0
//
// Every reference case of transformernet and slimnet, through the compute library, at the tolerances of their
// index.json; tiled against untiled; a part against the whole.
#include <gtest/gtest.h>
#include <json-glib/json-glib.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "engine/compute/chain_run.h"
#include "engine/nets/style_net.h"
#include "engine/pictures/files.h"
#include "tests/goldens/tensor_source.h"

namespace pinxit {
namespace {

const std::string shared = PINXIT_SHARED_DATA;

torch::Tensor colours_of(const std::string& path) {
  const auto file = read_picture(path).take();
  const auto rgba = torch::from_blob(const_cast<float*>(file.pixels.data.data()),
                                     {file.pixels.height, file.pixels.width, 4}, torch::kFloat32);
  return (rgba.slice(2, 0, 3) * 255).round().contiguous();
}

torch::Tensor run_net(const StyleChain& chain, const torch::Tensor& picture, const PlanLimits& limits = {}) {
  const TensorSource source(picture);
  const auto plan = plan_chain(chain, source.width(), source.height(), limits);
  const auto size = chain.sizes(source.width(), source.height()).back();
  auto out = torch::full({size.height, size.width, 3}, NAN);
  run_chain(
      chain, plan, source,
      [&](const Region& r, const torch::Tensor& tile) {
        out.slice(0, r.y, r.bottom()).slice(1, r.x, r.right()).copy_(tile);
      },
      {});
  return out;
}

torch::Tensor as_levels(const torch::Tensor& raw, const torch::Tensor& like) {
  return raw.slice(0, 0, like.size(0)).slice(1, 0, like.size(1)).clamp(0, 255).round();
}

struct Case {
  std::string model, input, png, raw;
};

std::vector<Case> cases_of(const std::string& folder) {
  g_autoptr(JsonParser) parser = json_parser_new();
  std::vector<Case> cases;
  if (!json_parser_load_from_file(parser, (folder + "/index.json").c_str(), nullptr)) return cases;
  JsonArray* list = json_object_get_array_member(json_node_get_object(json_parser_get_root(parser)), "cases");
  for (guint i = 0; i < json_array_get_length(list); ++i) {
    JsonObject* one = json_array_get_object_element(list, i);
    const auto text = [&](const char* name) { return std::string(json_object_get_string_member_with_default(one, name, "")); };
    Case c{shared + "/" + text("model"), shared + "/goldens/" + text("input"), folder + "/" + text("output_png"), ""};
    c.raw = c.png.substr(0, c.png.size() - 4) + ".raw.safetensors";
    if (!std::filesystem::exists(c.raw)) c.raw.clear();
    cases.push_back(c);
  }
  return cases;
}

struct Tolerance {
  double raw_max, raw_mean, equal_share;
};

void check_goldens(const std::string& kind, const Tolerance& tolerance) {
  const std::string folder = shared + "/goldens/" + kind;
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: needs ../shared/goldens/" << kind;
  const auto cases = cases_of(folder);
  ASSERT_GE(cases.size(), 14u);
  const char* environment = std::getenv("PINXIT_CONVOLUTIONS");
  const std::string asked = environment ? environment : "own";
  int raw_cases = 0;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.png);
    auto net = load_style_net(c.model).take();
    EXPECT_EQ(net.kind, kind);
    const auto input = colours_of(c.input), expected = colours_of(c.png);
    net.chain.prepare(torch::kCPU, torch::kFloat32);
    EXPECT_EQ(net.chain.own, asked != "libtorch");
    const auto raw = run_net(net.chain, input);
    const auto difference = (as_levels(raw, expected) - expected).abs();
    EXPECT_LE(difference.max().item<double>(), 1);
    EXPECT_GE((difference == 0).to(torch::kFloat64).mean().item<double>(), tolerance.equal_share);
    if (!c.raw.empty()) {
      ++raw_cases;
      const auto reference = Safetensors::open(c.raw).take().tensor("output").permute({1, 2, 0});
      const auto error = (raw - reference).abs();
      EXPECT_LE(error.max().item<double>(), tolerance.raw_max);
      EXPECT_LE(error.mean().item<double>(), tolerance.raw_mean);
    }
    if (c.raw.empty()) continue;  // bf16 is slow on most CPUs: the small cases only
    net.chain.prepare(torch::kCPU, torch::kBFloat16);
    EXPECT_LE((as_levels(run_net(net.chain, input), expected) - expected).abs().mean().item<double>(), 2);
  }
  EXPECT_EQ(raw_cases, 2);
}

TEST(Goldens, transformernet) { check_goldens("transformernet", {0.02, 0.001, 0.999}); }
TEST(Goldens, slimnet) { check_goldens("slimnet", {0.05, 0.002, 0.995}); }

torch::Tensor test_picture(int64_t height, int64_t width) {
  const auto y = torch::arange(height).unsqueeze(1), x = torch::arange(width).unsqueeze(0);
  const auto waves = torch::stack({127 + 120 * torch::sin(x / 17.0) * torch::cos(y / 23.0),
                                   127 + 120 * torch::sin((x + y) / 41.0), 127 + 90 * torch::cos(x * y / 9000.0)}, 2);
  torch::manual_seed(7);
  return (waves + 8 * torch::randn({height, width, 3})).clamp(0, 255).to(torch::kFloat32).contiguous();
}

/// One net of each kind, or a style of our own where the reference weights are not there.
std::vector<std::string> some_models() {
  std::vector<std::string> models;
  for (const char* path : {"/models/transformernet/candy.safetensors", "/models/slimnet/starry-night.safetensors"})
    if (std::filesystem::exists(shared + path)) models.push_back(shared + path);
  if (models.empty()) models.push_back(PINXIT_MODELS "/fast-style/great-wave/great-wave.safetensors");
  return models;
}

/// The share of 8-bit samples at most one level apart.
double within_one_level(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a.clamp(0, 255) - b.clamp(0, 255)).abs() <= 1).to(torch::kFloat64).mean().item<double>();
}

TEST(Tiling, every_way_through_memory_gives_the_same_picture) {
  const auto models = some_models();
  for (const auto& path : models)
    for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
      SCOPED_TRACE(path);
      auto net = load_style_net(path).take();
      net.chain.prepare(torch::kCPU, type);
      const auto picture = test_picture(391, 517);  // nothing divides evenly
      PlanLimits untiled;
      untiled.tile_values = int64_t(1) << 40;
      const auto whole = run_net(net.chain, picture, untiled);
      for (const int64_t side : {64, 200}) {
        PlanLimits tiled;
        tiled.tile_values = side * side * 32;
        EXPECT_GE(within_one_level(run_net(net.chain, picture, tiled), whole), type == torch::kFloat32 ? 0.9999 : 0.97);
      }
      // Little memory: layers computed again instead of stored, the rest in a scratch file.
      PlanLimits little;
      little.memory_bytes = plan_chain(net.chain, 517, 391, untiled).plane_bytes / 4;
      little.scratch_folder = std::filesystem::temp_directory_path();
      const auto plan = plan_chain(net.chain, 517, 391, little);
      EXPECT_LT(std::count(plan.stored.begin(), plan.stored.end(), true), int64_t(plan.stored.size()));
      EXPECT_GE(within_one_level(run_net(net.chain, picture, little), whole), type == torch::kFloat32 ? 0.9999 : 0.97);
    }
}

/// Large pictures as they really are planned: 2048² untiled against tiled, 12 megapixels in tiles of two sizes. The
/// TransformerNet takes minutes on two cores and is left to the long run.
TEST(Tiling, large_pictures_agree) {
  auto models = some_models();
  const char* in_full = std::getenv("PINXIT_LONG");
  if (!in_full || !*in_full) models.erase(models.begin(), models.end() - 1);
  for (const auto& path : models) {
    SCOPED_TRACE(path);
    auto net = load_style_net(path).take();
    net.chain.prepare(torch::kCPU, torch::kFloat32);
    const auto tiled = [](int64_t side) { return PlanLimits{int64_t(4) << 30, "/tmp", side * side * 32}; };
    const auto square = test_picture(2048, 2048);
    EXPECT_GE(within_one_level(run_net(net.chain, square, tiled(512)), run_net(net.chain, square, tiled(1 << 14))), 0.9999);
    const auto twelve = test_picture(3000, 4000);
    EXPECT_GE(within_one_level(run_net(net.chain, twelve, tiled(640)), run_net(net.chain, twelve, {})), 0.9999);
  }
}

TEST(Tiling, a_part_has_the_pixels_of_the_whole) {
  const auto models = some_models();
  for (const auto& path : models) {
    auto net = load_style_net(path).take();
    net.chain.prepare(torch::kCPU, torch::kFloat32);
    const auto picture = test_picture(300, 401);
    const auto whole = run_net(net.chain, picture);
    const TensorSource source(picture);
    const auto plan = plan_chain(net.chain, 401, 300, {});
    const auto statistics = run_chain(net.chain, plan, source, {}, {});
    for (const Region part : {Region{0, 0, 50, 60}, Region{133, 77, 131, 129}, Region{390, 290, 11, 10}}) {
      auto out = torch::zeros({part.height, part.width, 3});
      run_chain_region(
          net.chain, statistics, source, part, plan,
          [&](const Region& r, const torch::Tensor& tile) {
            out.slice(0, r.y - part.y, r.bottom() - part.y).slice(1, r.x - part.x, r.right() - part.x).copy_(tile);
          },
          {});
      const auto same = whole.slice(0, part.y, part.bottom()).slice(1, part.x, part.right());
      EXPECT_LE((out - same).abs().max().item<double>(), 0.05);
    }
  }
}

TEST(Sizes, odd_and_tiny_pictures_work) {
  const auto models = some_models();
  for (const auto& path : models) {
    auto net = load_style_net(path).take();
    net.chain.prepare(torch::kCPU, torch::kFloat32);
    for (const auto& [height, width] : {std::pair{1, 1}, {1, 7}, {5, 3}, {259, 257}, {40, 501}}) {
      const auto out = run_net(net.chain, test_picture(height, width));
      EXPECT_EQ(out.size(0), (height + 3) / 4 * 4);
      EXPECT_EQ(out.size(1), (width + 3) / 4 * 4);
      EXPECT_TRUE(out.isfinite().all().item<bool>());
    }
  }
}

TEST(Stopping, a_watch_that_throws_ends_the_run) {
  const auto models = some_models();
  auto net = load_style_net(models[0]).take();
  net.chain.prepare(torch::kCPU, torch::kFloat32);
  const TensorSource source(test_picture(128, 128));
  const auto plan = plan_chain(net.chain, 128, 128, {});
  int calls = 0;
  EXPECT_THROW(run_chain(net.chain, plan, source, {}, [&](double) { if (++calls == 3) throw Cancelled(); }), Cancelled);
  EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace pinxit
