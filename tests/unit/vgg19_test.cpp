// SPDX-License-Identifier: Apache-2.0
//
// VGG19 as a feature extractor, and the small pieces the objective is made of: tiles, statistics, square roots,
// variation.
#include "engine/nets/vgg19.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "engine/optimise/square_root.h"
#include "engine/optimise/statistics.h"
#include "engine/optimise/tiles.h"
#include "engine/optimise/variation.h"
#include "tests/unit/tiny_vgg.h"

namespace pinxit {
namespace {

TEST(Vgg19, reads_widths_and_depth_from_the_file) {
  const TinyVgg file(6, {4, 9, 3});
  const auto net = file.load(torch::kFloat32);
  EXPECT_EQ(net->layers(),
            (std::vector<std::string>{"conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2"}));
  EXPECT_EQ(net->channels("conv2_2"), 9);
  EXPECT_TRUE(net->has("conv3_2"));
  EXPECT_FALSE(net->has("conv3_3"));
  int64_t values = 0;
  for (const auto& [name, tensor] : file.tensors) values += tensor.numel();
  EXPECT_EQ(net->parameters(), values);
  EXPECT_THROW(net->features(torch::rand({1, 3, 16, 16}), {"conv5_1"}, {}), Failure);
}

TEST(Vgg19, refuses_other_files) {
  TinyVgg file(6);
  file.tensors.erase("features.5.weight");
  EXPECT_EQ(Vgg19::load(file.save(), torch::kCPU, torch::kFloat32).error().code, ErrorCode::model_damaged);
  file.tensors.erase("features.0.weight");
  EXPECT_EQ(Vgg19::load(file.save(), torch::kCPU, torch::kFloat32).error().code, ErrorCode::model_unsupported);
  file.tensors["features.0.weight"] = torch::rand({5, 3, 5, 5});
  EXPECT_EQ(Vgg19::load(file.save(), torch::kCPU, torch::kFloat32).error().code, ErrorCode::model_damaged);
  EXPECT_EQ(Vgg19::load("/nowhere.safetensors", torch::kCPU, torch::kFloat32).error().code, ErrorCode::file_unreadable);
}

TEST(Vgg19, taps_before_and_after_relu) {
  const auto net = TinyVgg().load(torch::kFloat64);
  const auto x = torch::rand({1, 3, 33, 47}, torch::kFloat64);
  const std::vector<std::string> wanted = {"conv3_2", "conv1_1", "conv2_1"};
  FeatureUse use;
  const auto after = net->features(x, wanted, use);
  use.after_relu = false;
  const auto before = net->features(x, wanted, use);
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_LT(before[i].min().item<double>(), 0) << wanted[i];
    EXPECT_TRUE(before[i].relu().equal(after[i])) << wanted[i];
    EXPECT_EQ(after[i].size(2), 33 / Vgg19::stride(wanted[i]));
    EXPECT_EQ(after[i].size(3), 47 / Vgg19::stride(wanted[i]));
  }
}

TEST(Vgg19, caffe_files_take_blue_first_and_levels) {
  const TinyVgg file;
  const auto net = Vgg19::load(file.save({{"preprocessing", "caffe"}}), torch::kCPU, torch::kFloat64).take();
  const auto x = torch::rand({1, 3, 12, 10}, torch::kFloat64);
  const auto mean = torch::tensor({103.939, 116.779, 123.68}, torch::kFloat64).view({1, 3, 1, 1});
  const auto expected = torch::conv2d(x.flip(1) * 255 - mean, file.tensors.at("features.0.weight").to(torch::kFloat64),
                                      file.tensors.at("features.0.bias").to(torch::kFloat64), 1, 1);
  const auto found = net.features(x, {"conv1_1"}, {})[0];
  EXPECT_LT((found - expected.relu()).abs().max().item<double>(), 1e-9);
}

/// A pixel further away than `reach` changes nothing, one at that distance does.
TEST(Vgg19, reach_is_exact) {
  const auto net = TinyVgg().load(torch::kFloat64);
  FeatureUse use;
  use.pooling = Pooling::average;
  use.after_relu = false;
  for (const std::string layer : {"conv1_1", "conv1_2", "conv2_2", "conv3_1", "conv4_2", "conv5_1"}) {
    const int64_t stride = Vgg19::stride(layer), reach = Vgg19::reach(layer), position = 160 / stride;
    const auto x = torch::rand({1, 3, 16, 400}, torch::kFloat64).set_requires_grad(true);
    net->features(x, {layer}, use)[0].slice(3, position, position + 1).abs().sum().backward();
    const auto used = (x.grad().abs().sum({0, 1, 2}) > 0).nonzero();
    EXPECT_EQ(used.min().item<int64_t>(), position * stride - reach) << layer;
    EXPECT_EQ(used.max().item<int64_t>(), (position + 1) * stride - 1 + reach) << layer;
  }
}

TEST(Tiles, cover_every_position_once) {
  for (const int64_t width : {1, 15, 97, 256, 333})
    for (const int64_t side : {0, 16, 48, 64, 400}) {
      const int64_t height = 83;
      const auto tiles = cut_picture(width, height, side, 70);
      for (const int64_t stride : {1, 2, 4, 8, 16}) {
        auto count = torch::zeros({height / stride, width / stride});
        for (const Tile& tile : tiles) {
          EXPECT_EQ(tile.outer_columns.first % 16, 0);
          EXPECT_TRUE(tile.outer_columns.first == 0 || tile.columns.first - tile.outer_columns.first >= 70);
          EXPECT_TRUE(tile.outer_columns.last == width || tile.outer_columns.last - tile.columns.last >= 70);
          const auto y = positions_of(tile.rows, tile.outer_rows, height, stride);
          const auto x = positions_of(tile.columns, tile.outer_columns, width, stride);
          EXPECT_LE(x.last, tile.outer_columns.size() / stride);
          const int64_t down = tile.outer_rows.first / stride, right = tile.outer_columns.first / stride;
          count.slice(0, down + y.first, down + y.last).slice(1, right + x.first, right + x.last) += 1;
        }
        EXPECT_TRUE((count == 1).all().item<bool>()) << width << " " << side << " " << stride;
      }
    }
}

TEST(Statistics, pieces_add_up) {
  torch::manual_seed(3);
  const auto features = 1000 + torch::randn({97, 6}, torch::kFloat64), weights = torch::rand({97, 1}, torch::kFloat64);
  for (const bool centred : {false, true})
    for (const bool full : {false, true})
      for (const bool weighted : {false, true}) {
        StatisticsSum sum({centred, full});
        for (int64_t first = 0; first < 97; first += 20) {
          const auto piece = features.slice(0, first, std::min<int64_t>(first + 20, 97));
          const auto w = weighted ? weights.slice(0, first, std::min<int64_t>(first + 20, 97)) : torch::Tensor();
          sum.add(piece, w, weighted ? w.sum().item<double>() : double(piece.size(0)));
        }
        const auto w = weighted ? weights : torch::ones_like(weights);
        const auto mean = (features * w).sum(0) / w.sum();
        const auto values = centred ? features - mean : features;
        auto second = (values * w).t().mm(values) / w.sum();
        if (!full) second = second.diagonal();
        const auto found = sum.mean();
        EXPECT_LT(((found.second - second).norm() / second.norm()).item<double>(), 1e-10);
        if (centred) {
          EXPECT_LT((found.mean - mean).abs().max().item<double>(), 1e-10);
        }
      }
}

TEST(Statistics, of_flat_features_vanish) {
  StatisticsSum sum({true, true});
  for (int i = 0; i < 3; ++i) sum.add(torch::full({1000, 4}, 123.456f), {}, 1000);
  EXPECT_LT(sum.mean().second.abs().max().item<double>(), 1e-8);
}

TEST(SquareRoot, squares_to_the_matrix) {
  torch::manual_seed(4);
  const auto a = torch::randn({20, 60}, torch::kFloat64);
  const auto s = a.mm(a.t()) / 60 + 0.1 * torch::eye(20, torch::kFloat64);
  const auto root = matrix_square_root(s);
  EXPECT_LT(((root.mm(root) - s).norm() / s.norm()).item<double>(), 1e-8);
  const auto leaf = s.clone().set_requires_grad(true);
  const auto trace = trace_of_square_root(leaf);
  EXPECT_NEAR(trace.item<double>(), root.trace().item<double>(), 1e-12);
  trace.backward();
  // d tr(s^½) = ½ tr(s^-½ ds)
  EXPECT_LT(((leaf.grad() - root.inverse() / 2).norm() / leaf.grad().norm()).item<double>(), 1e-6);
}

/// Bands are an implementation's business: a picture of many bands against plain formulas.
TEST(Variation, bands_add_up) {
  torch::manual_seed(6);
  const auto x = torch::rand({1, 3, 3000, 301}, torch::kFloat64);
  const auto dx = x.diff(1, 3), dy = x.diff(1, 2);
  const auto padded = torch::replication_pad2d(x, {1, 1, 1, 1});
  const auto part = [&](int64_t y, int64_t c) { return padded.slice(2, y, y + 3001).slice(3, c, c + 302); };
  const auto both = double(dx.numel() + dy.numel());
  const auto straight = (dx.square().sum() + dy.square().sum()) / 3 / double(x.numel());
  const auto diagonal = ((part(1, 1) - part(0, 0)).square().mean() + (part(1, 0) - part(0, 1)).square().mean()) / 12;
  const auto power = (dx.slice(2, 0, 2999).square() + dy.slice(3, 0, 300).square()).pow(1.25).sum();
  const std::vector<std::pair<VariationTerm::Kind, double>> expected = {
      {VariationTerm::Kind::absolute, (dx.abs().sum() + dy.abs().sum()).item<double>()},
      {VariationTerm::Kind::power, power.item<double>()},
      {VariationTerm::Kind::uneven, (dx.abs().sum() + dy.abs().sum() / both).item<double>()},
      {VariationTerm::Kind::nine_point, (2 * (straight + diagonal)).item<double>()}};
  for (const auto& [kind, value] : expected) {
    auto gradient = torch::zeros_like(x);
    const VariationTerm term{kind, 1, 1};
    EXPECT_NEAR(variation(x, term, 0.5, &gradient).item<double>(), value, 1e-10 * value) << int(kind);
    const auto direction = gradient.sign();
    const double step = 1e-8;
    const double above = variation(x + step * direction, term, 1, nullptr).item<double>();
    const double below = variation(x - step * direction, term, 1, nullptr).item<double>();
    const double slope = (gradient * direction).sum().item<double>();
    EXPECT_NEAR(slope, 0.5 * (above - below) / (2 * step), 1e-4 * slope) << int(kind);
  }
}

}  // namespace
}  // namespace pinxit
