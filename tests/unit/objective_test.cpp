// SPDX-License-Identifier: Apache-2.0
//
// Neural Style's objective on pictures and nets of a few pixels and channels: tiles against the whole, derivatives
// against differences, guided styles, flat and tiny pictures, stopping, planning.
#include "engine/optimise/objective.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "engine/requests/neural_presets.h"
#include "tests/unit/tiny_vgg.h"

namespace pinxit {
namespace {

const TinyVgg& tiny() {
  static const TinyVgg net;
  return net;
}

/// Smooth with some noise, no value twice.
torch::Tensor test_picture(int64_t height, int64_t width, int seed, torch::ScalarType type) {
  torch::manual_seed(seed);
  const auto options = torch::dtype(torch::kFloat64);
  const auto y = torch::arange(height, options).unsqueeze(1), x = torch::arange(width, options).unsqueeze(0);
  const auto waves = torch::stack({torch::sin(x / (5.0 + seed)) * torch::cos(y / 9.0), torch::sin((x + y) / 13.0),
                                   torch::cos(x * y / (300.0 * seed))});
  return (0.5 + 0.3 * waves + 0.08 * torch::rand({3, height, width}, options)).clamp(0.01, 0.99).unsqueeze(0).to(type);
}

torch::Tensor left_mask(int64_t height, int64_t width, double from, double to) {
  const auto x = torch::linspace(0, 1, width).view({1, 1, 1, width}).expand({1, 1, height, width});
  return ((x - from) / (to - from)).clamp(0, 1).contiguous();
}

double relative(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

struct Scene {
  NeuralPreset preset;
  torch::ScalarType type = torch::kFloat64;
  int64_t height = 150, width = 203;
  std::vector<StyleSource> styles;
  torch::Tensor content, x;

  explicit Scene(NeuralPreset p, torch::ScalarType t = torch::kFloat64, int64_t h = 150, int64_t w = 203)
      : preset(std::move(p)), type(t), height(h), width(w) {
    content = test_picture(height, width, 1, type);
    x = test_picture(height, width, 2, type);
    styles = {{test_picture(137, 121, 3, type), 1, {}}};
  }
  void guide() {
    styles.push_back({test_picture(90, 143, 4, type), 2, left_mask(height, width, 0.35, 0.4)});
    styles.push_back({test_picture(75, 81, 5, type), 1, left_mask(height, width, 0.3, 0.0)});
    styles.push_back({test_picture(64, 70, 6, type), 3, {}});
  }
  Objective objective(int64_t tile_side = 0) const {
    return Objective({tiny().load(type), preset, content, styles}, {tile_side}, {});
  }
};

void expect_tiles_equal_whole(const Scene& scene, int64_t side, double gradient_tolerance = 0) {
  const bool reference = scene.type == torch::kFloat64;
  torch::Tensor whole, cut;
  const Losses expected = scene.objective().evaluate(scene.x, &whole, {});
  const auto objective = scene.objective(side);
  EXPECT_GT(objective.tiles(), 3);
  const Losses losses = objective.evaluate(scene.x, &cut, {});
  EXPECT_LT(relative(cut, whole), gradient_tolerance > 0 ? gradient_tolerance : reference ? 1e-10 : 1e-4);
  // The Wasserstein distance is a small difference of large traces.
  const double tolerance = reference ? 1e-10 : 2e-4;
  EXPECT_NEAR(losses.total, expected.total, tolerance * expected.total);
  EXPECT_NEAR(losses.content, expected.content, tolerance * expected.content);
  ASSERT_EQ(losses.taps.size(), expected.taps.size());
  for (size_t i = 0; i < losses.taps.size(); ++i)
    EXPECT_NEAR(losses.taps[i].loss, expected.taps[i].loss, tolerance * expected.taps[i].loss + 1e-12)
        << losses.taps[i].layer;
  EXPECT_NEAR(objective.evaluate(scene.x, nullptr, {}).total, expected.total, tolerance * expected.total);
}

class EveryPreset : public testing::TestWithParam<const char*> {
 protected:
  NeuralPreset preset() const { return neural_preset(GetParam()).take(); }
};
INSTANTIATE_TEST_SUITE_P(Objective, EveryPreset,
                         testing::Values("best", "classic", "pycasso", "picstylist", "crowsonkb"),
                         [](const auto& of) { return std::string(of.param); });

TEST_P(EveryPreset, tiles_equal_the_whole) {
  for (const auto type : {torch::kFloat64, torch::kFloat32})
    for (const bool guided : {false, true}) {
      const bool replicate = guided == (type == torch::kFloat32);
      SCOPED_TRACE(std::string(torch::toString(type)) + (replicate ? ", replicate" : ", zeros") +
                   (guided ? ", guided" : ""));
      Scene scene(preset(), type, 135, 277);
      scene.preset.features.replicate_first = replicate;
      scene.preset.variation.weight = 0;  // not cut into tiles: it could hide the rest
      if (guided) scene.guide();
      expect_tiles_equal_whole(scene, 80);
    }
}

/// A layer of one colour is content and start: nothing but the borders has any variance, and every pooling is a tie.
/// In float32 rounding decides which of four equal values is the largest: there the losses are compared, and the
/// gradient's direction; without ties (average pooling) everything.
TEST_P(EveryPreset, tiles_equal_the_whole_of_a_flat_picture) {
  for (const auto& [type, ties] : std::vector<std::pair<torch::ScalarType, bool>>{
           {torch::kFloat64, true}, {torch::kFloat32, false}, {torch::kFloat32, true}}) {
    SCOPED_TRACE(std::string(torch::toString(type)) + (ties ? ", the preset's pooling" : ", average pooling"));
    Scene scene(preset(), type, 100, 180);
    scene.preset.variation.weight = 0;
    if (!ties) scene.preset.features.pooling = Pooling::average;
    scene.content = scene.x = torch::full_like(scene.x, 0.37);
    expect_tiles_equal_whole(scene, 80, ties && type == torch::kFloat32 ? 0.5 : 0);
  }
}

TEST_P(EveryPreset, gradient_is_the_derivative) {
  for (const bool guided : {false, true}) {
    Scene scene(preset(), torch::kFloat64, 67, 93);
    if (guided) scene.guide();
    const auto objective = scene.objective();
    torch::Tensor gradient;
    objective.evaluate(scene.x, &gradient, {});
    // Newton-Schulz' derivative is that of the exact root, which twelve iterations come near to.
    bool roots = false;
    for (const auto& term : scene.preset.style) roots = roots || term.kind == StyleTerm::Kind::wasserstein;
    for (int seed = 0; seed < 3; ++seed) {
      torch::manual_seed(seed);
      const auto direction = torch::sign(gradient) * torch::rand_like(gradient);
      const double step = 1e-7;
      const double above = objective.evaluate(scene.x + step * direction, nullptr, {}).total;
      const double below = objective.evaluate(scene.x - step * direction, nullptr, {}).total;
      const double expected = (above - below) / (2 * step), found = (gradient * direction).sum().item<double>();
      EXPECT_NEAR(found, expected, (roots ? 2e-2 : 1e-5) * std::abs(expected)) << (guided ? "guided" : "unguided");
    }
  }
}

TEST_P(EveryPreset, flat_pictures_have_finite_losses) {
  for (const auto type : {torch::kFloat32, torch::kFloat64})
    for (const double colour : {0.0, 0.37, 1.0}) {
      Scene scene(preset(), type, 64, 80);
      scene.x = torch::full_like(scene.x, colour);
      scene.styles[0].pixels = torch::full_like(scene.styles[0].pixels, 0.6);
      torch::Tensor gradient;
      const auto losses = scene.objective().evaluate(scene.x, &gradient, {});
      EXPECT_TRUE(std::isfinite(losses.total)) << colour;
      EXPECT_GE(losses.style, -1e-3) << colour;
      EXPECT_TRUE(gradient.isfinite().all().item<bool>()) << colour;
    }
}

TEST_P(EveryPreset, tiny_pictures_leave_deep_layers_out) {
  for (const auto& [height, width] : std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {1, 40}, {9, 40}, {17, 16}}) {
    SCOPED_TRACE(std::to_string(height) + " x " + std::to_string(width));
    Scene scene(preset(), torch::kFloat32, height, width);
    const auto objective = scene.objective();
    torch::Tensor gradient;
    const auto losses = objective.evaluate(scene.x, &gradient, {});
    EXPECT_TRUE(std::isfinite(losses.total));
    EXPECT_TRUE(gradient.isfinite().all().item<bool>());
    EXPECT_EQ(gradient.sizes(), scene.x.sizes());
    for (const auto& tap : losses.taps) EXPECT_LE(Vgg19::stride(tap.layer), std::min(height, width));
    EXPECT_LE(Vgg19::stride(objective.content_layer()), std::min(height, width));
  }
}

TEST_P(EveryPreset, half_precision_is_near) {
  Scene scene(preset(), torch::kFloat32, 96, 112);
  torch::Tensor exact, rough;
  const auto expected = scene.objective().evaluate(scene.x, &exact, {});
  const Objective objective({tiny().load(torch::kBFloat16), scene.preset, scene.content, scene.styles}, {}, {});
  const auto losses = objective.evaluate(scene.x, &rough, {});
  EXPECT_NEAR(losses.total, expected.total, 0.1 * expected.total);
  // Three significant digits through five blocks of random weights: the same direction, not more.
  EXPECT_GT((rough * exact).sum().item<double>(), 0.85 * (rough.norm() * exact.norm()).item<double>());
  EXPECT_EQ(rough.scalar_type(), torch::kFloat32);
}

TEST(Objective, every_pooling_in_tiles) {
  for (const auto pooling : {Pooling::maximum, Pooling::average, Pooling::l2}) {
    Scene scene(neural_preset("crowsonkb").take(), torch::kFloat64, 135, 277);
    scene.preset.features.pooling = pooling;
    scene.preset.features.pooling_scale = pooling == Pooling::average ? 2 : pooling == Pooling::l2 ? 0.78 : 1;
    expect_tiles_equal_whole(scene, 80);
  }
}

TEST(Objective, shares_of_equal_styles_change_nothing) {
  for (const char* id : {"classic", "best"}) {
    Scene scene(neural_preset(id).take());
    const double one = scene.objective().evaluate(scene.x, nullptr, {}).total;
    scene.styles.push_back(scene.styles[0]);
    scene.styles[1].weight = 3;
    EXPECT_NEAR(scene.objective().evaluate(scene.x, nullptr, {}).total, one, 1e-9 * one) << id;
    scene.styles[1].pixels = test_picture(80, 90, 9, scene.type);
    EXPECT_GT(std::abs(scene.objective().evaluate(scene.x, nullptr, {}).total - one), 1e-6 * one) << id;
  }
}

TEST(Objective, a_mask_of_everything_is_no_mask) {
  for (const char* id : {"classic", "pycasso", "best"}) {
    Scene scene(neural_preset(id).take());
    torch::Tensor plain, masked;
    const double expected = scene.objective().evaluate(scene.x, &plain, {}).total;
    scene.styles[0].mask = torch::ones({1, 1, scene.height, scene.width});
    EXPECT_NEAR(scene.objective().evaluate(scene.x, &masked, {}).total, expected, 1e-9 * expected) << id;
    EXPECT_LT(relative(masked, plain), 1e-9) << id;
  }
}

TEST(Objective, a_mask_guides_only_its_region) {
  Scene scene(neural_preset("classic").take(), torch::kFloat64, 160, 320);
  scene.preset.content.weight = scene.preset.variation.weight = 0;
  scene.styles[0].mask = left_mask(160, 320, 0.5, 0.49);  // the left half
  torch::Tensor gradient;
  scene.objective().evaluate(scene.x, &gradient, {});
  const int64_t reach = Vgg19::reach("conv5_1") + 16;
  EXPECT_GT(gradient.slice(3, 0, 160).abs().max().item<double>(), 0);
  EXPECT_EQ(gradient.slice(3, 160 + reach).abs().max().item<double>(), 0);
}

TEST(Objective, content_and_statistics_of_the_target_give_no_loss) {
  Scene scene(neural_preset("classic").take());
  scene.styles[0].pixels = scene.content;
  const auto losses = scene.objective().evaluate(scene.content, nullptr, {});
  EXPECT_EQ(losses.content, 0);
  EXPECT_NEAR(losses.style, 0, 1e-12);
  EXPECT_GT(losses.variation, 0);
}

TEST(Objective, factors_multiply_weights) {
  Scene scene(neural_preset("classic").take());
  const auto plain = scene.objective().evaluate(scene.x, nullptr, {});
  ObjectiveParts parts{tiny().load(scene.type), scene.preset, scene.content, scene.styles};
  parts.content_factor = 2;
  parts.style_factor = 3;
  parts.variation_factor = 5;
  const auto scaled = Objective(std::move(parts), {}, {}).evaluate(scene.x, nullptr, {});
  EXPECT_NEAR(scaled.style, 3 * plain.style, 1e-9 * scaled.style);
  EXPECT_EQ(scaled.content, plain.content);
  EXPECT_NEAR(scaled.total, 2 * 5 * plain.content + 3 * plain.style + 5 * 1e-3 * plain.variation, 1e-9 * scaled.total);
}

TEST(Objective, stops_within_a_tile) {
  const Scene scene(neural_preset("best").take(), torch::kFloat32, 135, 277);
  std::stop_source stop;
  const ObjectiveParts parts{tiny().load(scene.type), scene.preset, scene.content, scene.styles};
  int told = 0;
  const auto stop_at_once = [&](double done) {
    EXPECT_GT(done, 0);
    ++told;
    stop.request_stop();
  };
  EXPECT_THROW(Objective(parts, {80}, stop.get_token(), stop_at_once), Cancelled);
  EXPECT_EQ(told, 1);
  const auto objective = scene.objective(80);
  torch::Tensor gradient;
  EXPECT_THROW(objective.evaluate(scene.x, &gradient, stop.get_token()), Cancelled);
  EXPECT_FALSE(gradient.defined());
  EXPECT_GT(objective.evaluate(scene.x, &gradient, {}).total, 0);
}

TEST(Objective, progress_ends_at_one) {
  const Scene scene(neural_preset("best").take(), torch::kFloat32, 135, 277);
  std::vector<double> told;
  const Objective objective({tiny().load(scene.type), scene.preset, scene.content, scene.styles}, {80}, {},
                            [&](double done) { told.push_back(done); });
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  ASSERT_FALSE(told.empty());
  EXPECT_DOUBLE_EQ(told.back(), 1);
}

TEST(Objective, plans_tiles_that_fit) {
  const auto net = tiny().load(torch::kFloat32);
  const auto preset = neural_preset("best").take();
  const int64_t whole = objective_bytes(*net, preset, 6000, 4000, 0);
  EXPECT_EQ(choose_tile_side(*net, preset, 6000, 4000, whole), 0);
  const int64_t fixed = objective_bytes(*net, preset, 6000, 4000, 128);
  int64_t before = whole;
  for (const double part : {0.5, 0.2, 0.05}) {
    const int64_t budget = fixed + int64_t(part * double(whole - fixed));
    const int64_t side = choose_tile_side(*net, preset, 6000, 4000, budget);
    ASSERT_GT(side, 0);
    EXPECT_EQ(side % 16, 0);
    const int64_t bytes = objective_bytes(*net, preset, 6000, 4000, side);
    EXPECT_LE(bytes, budget);
    EXPECT_LT(bytes, before);
    before = bytes;
  }
  EXPECT_EQ(choose_tile_side(*net, preset, 6000, 4000, 1), 128);
}

}  // namespace
}  // namespace pinxit
