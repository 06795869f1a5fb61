// SPDX-License-Identifier: Apache-2.0
//
// Neural Style's objective against goldens/gatys: every case in float32 and float64 (losses, gradients, gradients
// without total variation), features of the encoders layer by layer, tiles of a larger picture against the whole.
#include <gtest/gtest.h>
#include <json-glib/json-glib.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "engine/optimise/objective.h"
#include "engine/optimise/variation.h"
#include "engine/pictures/files.h"
#include "engine/requests/neural_presets.h"
#include "engine/weights/safetensors.h"

namespace pinxit {
namespace {

const std::string shared = PINXIT_SHARED_DATA;
const std::string folder = shared + "/goldens/gatys";

/// The goldens' name of a preset is the original's.
NeuralPreset preset_of(const std::string& name) {
  return neural_preset(name == "neural-style-pt" ? "classic" : name).take();
}

/// Reads index.json once; null where there is none.
JsonObject* index_of_goldens() {
  static JsonParser* parser = [] {
    JsonParser* made = json_parser_new();
    if (!json_parser_load_from_file(made, (folder + "/index.json").c_str(), nullptr)) g_clear_object(&made);
    return made;
  }();
  return parser ? json_node_get_object(json_parser_get_root(parser)) : nullptr;
}

#define SKIP_WITHOUT_GOLDENS() \
  if (!index_of_goldens()) GTEST_SKIP() << "skipped: needs ../shared/goldens/gatys"

double number(JsonObject* object, const char* name) {
  return json_object_get_double_member(object, name);
}
std::string text(JsonObject* object, const char* name) {
  return json_object_get_string_member_with_default(object, name, "");
}

/// [1,3,H,W] 0..1, float64.
torch::Tensor picture(const std::string& png) {
  const auto file = read_picture(shared + "/goldens/" + png).take();
  const auto rgba = torch::from_blob(const_cast<float*>(file.pixels.data.data()),
                                     {file.pixels.height, file.pixels.width, 4}, torch::kFloat32);
  return ((rgba.slice(2, 0, 3) * 255).round().to(torch::kFloat64) / 255).permute({2, 0, 1}).unsqueeze(0).contiguous();
}

const char* const content_png = "inputs/kodim23_192x256.png";

std::shared_ptr<const Vgg19> encoder(const std::string& name, torch::ScalarType type) {
  static std::map<std::pair<std::string, torch::ScalarType>, std::shared_ptr<const Vgg19>> loaded;
  auto& net = loaded[{name, type}];
  if (!net) {
    const std::string path = name == "vgg19-tiny-random" ? folder + "/" + name + ".safetensors"
                                                         : shared + "/models/vgg19/" + name + ".safetensors";
    net = std::make_shared<const Vgg19>(Vgg19::load(path, torch::kCPU, type).take());
  }
  return net;
}

/// The same for all starts, made once (`style_png` belongs to the preset).
const Objective& objective_of(const std::string& vgg, const std::string& preset, const std::string& style_png,
                              torch::ScalarType type, double variation_factor = 1) {
  static std::map<std::string, Objective> made;
  const std::string key = vgg + preset + torch::toString(type) + std::to_string(variation_factor);
  if (const auto found = made.find(key); found != made.end()) return found->second;
  ObjectiveParts parts{encoder(vgg, type), preset_of(preset), picture(content_png).to(type), {}};
  parts.styles.push_back({picture(style_png).to(type), 1, {}});
  parts.variation_factor = variation_factor;
  return made.emplace(key, Objective(std::move(parts), {}, {})).first->second;
}

/// Relative L2 error.
double relative(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

void expect_relative(double value, double golden, double tolerance, const std::string& what) {
  EXPECT_LE(std::abs(value - golden), tolerance * std::abs(golden)) << what << ": " << value << ", golden " << golden;
}

void check_summaries(const torch::Tensor& gradient, JsonObject* golden) {
  const double most = number(golden, "max_abs");
  expect_relative(gradient.norm().item<double>(), number(golden, "l2"), 2e-2, "gradient l2");
  JsonArray* samples = json_object_get_array_member(golden, "samples_y_x_rgb");
  for (guint i = 0; i < json_array_get_length(samples); ++i) {
    JsonArray* one = json_array_get_array_element(samples, i);
    const auto y = json_array_get_int_element(one, 0), x = json_array_get_int_element(one, 1);
    for (int64_t c = 0; c < 3; ++c)
      EXPECT_NEAR(gradient[0][c][y][x].item<double>(), json_array_get_double_element(one, guint(2 + c)), 2e-2 * most)
          << "gradient at row " << y << ", column " << x << ", channel " << c;
  }
}

/// The gradient without total variation's part: in float32 that of an objective without it, in float64, where the
/// encoder takes long and a difference costs no digits, what is left of `gradient`.
torch::Tensor without_variation(JsonObject* golden, const torch::Tensor& x, const torch::Tensor& gradient) {
  const std::string preset = text(golden, "preset");
  torch::Tensor found;
  if (x.scalar_type() == torch::kFloat64) {
    const auto term = preset_of(preset).variation;
    found = torch::zeros_like(x);
    variation(x, term, term.weight, &found);
    return gradient - found;
  }
  objective_of(text(golden, "vgg"), preset, text(golden, "style_png"), x.scalar_type(), 0).evaluate(x, &found, {});
  return found;
}

struct Tolerance {
  double losses, gradient;
};

void check_case(JsonObject* golden, torch::ScalarType type, const Tolerance& tolerance) {
  const std::string vgg = text(golden, "vgg"), preset = text(golden, "preset"), start = text(golden, "start");
  SCOPED_TRACE(vgg + " " + preset + " " + start + " " + torch::toString(type));
  const auto x = picture(text(golden, "start_png")).to(type);
  const Objective& objective = objective_of(vgg, preset, text(golden, "style_png"), type);
  torch::Tensor gradient;
  const Losses losses = objective.evaluate(x, &gradient, {});

  JsonObject* content = json_object_get_object_member(golden, "content_tap");
  EXPECT_EQ(objective.content_layer(), text(content, "layer"));
  if (start != "content")
    expect_relative(losses.content, number(golden, "content_loss"), tolerance.losses, "content");
  else
    EXPECT_EQ(losses.content, 0);
  JsonObject* variation = json_object_get_object_member(golden, "tv");
  expect_relative(losses.variation, number(variation, "loss"), tolerance.losses, "variation");
  expect_relative(losses.total, number(golden, "total"), tolerance.losses, "total");
  JsonArray* taps = json_object_get_array_member(golden, "style_losses");
  ASSERT_EQ(losses.taps.size(), json_array_get_length(taps));
  for (guint i = 0; i < json_array_get_length(taps); ++i) {
    JsonObject* tap = json_array_get_object_element(taps, i);
    EXPECT_EQ(losses.taps[i].layer, text(tap, "layer"));
    expect_relative(losses.taps[i].weight, number(tap, "weight"), 1e-9, "weight of " + losses.taps[i].layer);
    expect_relative(losses.taps[i].loss, number(tap, "loss"), tolerance.losses, losses.taps[i].layer);
  }

  EXPECT_EQ(gradient.scalar_type(), type);
  const auto rest = without_variation(golden, x, gradient);
  JsonObject* summary = json_object_get_object_member(golden, "gradient");
  check_summaries(gradient.to(torch::kFloat64), summary);
  check_summaries(rest.to(torch::kFloat64), json_object_get_object_member(golden, "gradient_content_style"));
  if (!json_object_has_member(summary, "file")) return;
  const auto file = Safetensors::open(folder + "/" + text(summary, "file")).take();
  int compared = 0;
  const auto compare = [&](const char* name, const torch::Tensor& ours, int64_t every) {
    if (!file.has(name)) return;
    const auto some = ours[0].slice(1, 0, c10::nullopt, every).slice(2, 0, c10::nullopt, every).to(torch::kFloat64);
    EXPECT_LE(relative(some, file.tensor(name).to(torch::kFloat64)), tolerance.gradient) << name;
    ++compared;
  };
  compare("gradient_total", gradient, 1);
  compare("gradient_content_style", rest, 1);
  compare("gradient_content_style_every_2nd", rest, 2);
  compare("gradient_content_style_every_4th", rest, 4);
  EXPECT_EQ(compared, int(file.names().size())) << "tensors of the gradient file that were compared";
}

void check_cases(torch::ScalarType type, const Tolerance& tolerance) {
  JsonArray* cases = json_object_get_array_member(index_of_goldens(), "cases");
  ASSERT_EQ(json_array_get_length(cases), 36u);
  for (guint i = 0; i < json_array_get_length(cases); ++i)
    check_case(json_array_get_object_element(cases, i), type, tolerance);
}

TEST(Gatys, losses_and_gradients_float32) {
  SKIP_WITHOUT_GOLDENS();
  check_cases(torch::kFloat32, {2e-4, 1e-3});
}

TEST(Gatys, losses_and_gradients_float64) {
  SKIP_WITHOUT_GOLDENS();
  check_cases(torch::kFloat64, {1e-6, 1e-5});
}

TEST(Gatys, features_of_every_layer) {
  SKIP_WITHOUT_GOLDENS();
  JsonObject* checks = json_object_get_object_member(index_of_goldens(), "feature_checks");
  int nets = 0;
  for (const char* vgg : {"vgg19-16x", "vgg19-conv3_1", "vgg19-tiny-random"})
    for (const char* pooling : {"max", "avg"}) {
      const std::string name = std::string(vgg) + " " + pooling + " pooling";
      SCOPED_TRACE(name);
      ASSERT_TRUE(json_object_has_member(checks, name.c_str()));
      JsonObject* layers = json_object_get_object_member(checks, name.c_str());
      const auto net = encoder(vgg, torch::kFloat32);
      EXPECT_EQ(net->layers().size(), json_object_get_size(layers));
      FeatureUse use;
      use.pooling = std::string(pooling) == "max" ? Pooling::maximum : Pooling::average;
      const auto maps = net->features(picture(content_png), net->layers(), use);
      for (size_t i = 0; i < maps.size(); ++i) {
        const std::string& layer = net->layers()[i];
        JsonObject* golden = json_object_get_object_member(layers, layer.c_str());
        JsonArray* shape = json_object_get_array_member(golden, "shape");
        for (guint d = 0; d < 3; ++d) EXPECT_EQ(maps[i].size(1 + d), json_array_get_int_element(shape, d)) << layer;
        EXPECT_EQ(net->channels(layer), maps[i].size(1));
        expect_relative(maps[i].to(torch::kFloat64).mean().item<double>(), number(golden, "mean"), 1e-5,
                        layer + " mean");
        expect_relative(maps[i].to(torch::kFloat64).norm().item<double>(), number(golden, "l2"), 1e-5, layer + " l2");
      }
      ++nets;
    }
  EXPECT_EQ(nets, 6);
}

TEST(Gatys, tiles_of_a_megapixel) {
  SKIP_WITHOUT_GOLDENS();
  const auto enlarged = [](const std::string& png, int64_t height, int64_t width) {
    const auto larger = at::upsample_bicubic2d(picture(png), {height, width}, /*align_corners=*/false);
    return larger.clamp(0, 1).to(torch::kFloat32);
  };
  const auto content = enlarged("inputs/kodim19_256sq.png", 1024, 1024);
  torch::manual_seed(5);
  const auto x = (content + 0.1 * torch::randn_like(content)).clamp(0, 1);
  for (const char* preset : {"neural-style-pt", "picstylist", "best"}) {
    const auto made = [&](int64_t side) {
      ObjectiveParts parts{encoder("vgg19-16x", torch::kFloat32), preset_of(preset), content, {}};
      parts.styles.push_back({enlarged("inputs/starry-night_256sq.png", 700, 700), 1, {}});
      parts.variation_factor = 0;  // not cut into tiles: it would hide the rest
      return Objective(std::move(parts), {side}, {});
    };
    torch::Tensor whole;
    const Losses expected = made(0).evaluate(x, &whole, {});
    for (const int64_t side : {256, 512}) {
      SCOPED_TRACE(std::string(preset) + ", tiles of " + std::to_string(side));
      torch::Tensor cut;
      const auto objective = made(side);
      EXPECT_EQ(objective.tiles(), (1024 / side) * (1024 / side));
      const Losses losses = objective.evaluate(x, &cut, {});
      EXPECT_LT(relative(cut, whole), 1e-4);
      expect_relative(losses.total, expected.total, 1e-5, "total");
    }
  }
}

}  // namespace
}  // namespace pinxit
