// SPDX-License-Identifier: Apache-2.0
//
// What an Objective knows after it has looked at content and styles, and its two passes. Only for objective*.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/optimise/objective.h"
#include "engine/optimise/statistics.h"
#include "engine/optimise/style_losses.h"
#include "engine/optimise/tiles.h"

namespace pinxit {

/// Layers of a preset that a net has and pictures of this size reach.
struct UsedLayers {
  std::string content;
  std::vector<std::string> all;  ///< content and style, each once, in the order of the net
};

/// `content_side` and `style_side`: the shortest sides of the content and of all pictures, pixels.
UsedLayers used_layers(const Vgg19& net, const NeuralPreset& preset, int64_t content_side, int64_t style_side);

/// The deepest of `layers`: where the net can end.
const std::string& deepest(const std::vector<std::string>& layers);

struct Objective::State {
  struct Tap {
    std::string layer;
    int64_t stride = 1, channels = 0;
    StatisticsKind kind;
    bool style = false;
  };
  /// A part of the picture that is compared with paintings of its own.
  struct Region {
    double factor = 1;                        ///< of its losses
    std::vector<torch::Tensor> weights;       ///< by tap, [h,w] of the whole picture; empty: everywhere
    std::vector<std::vector<double>> totals;  ///< by tap and tile: Σ of the weights of the tile's inner positions
  };
  struct TapLoss {
    size_t tap = 0;
    double weight = 1;                             ///< with the style factor
    std::vector<std::optional<StyleLoss>> region;  ///< by region; none where the region vanishes at this tap
  };
  /// Features of a tile by tap, without the halo: [N,C] in the type of sums.
  using Pieces = std::vector<torch::Tensor>;
  using Sums = std::vector<std::vector<StatisticsSum>>;  ///< by region and tap
  struct Slopes {
    Statistics statistics;
    torch::Tensor mean, second;  ///< d Σ weight·loss / d statistics; undefined: zero
  };
  using AllSlopes = std::vector<std::vector<std::optional<Slopes>>>;  ///< by region and tap

  ObjectiveParts parts;
  int64_t height = 0, width = 0;
  torch::ScalarType sum_type = torch::kFloat32;  ///< of sums and gradients: float64 if the net is, else float32
  double content_weight = 1, variation_weight = 0;
  size_t content_tap = 0;
  std::vector<std::string> layers;
  std::vector<Tap> taps;
  std::vector<Tile> tiles;
  std::vector<Region> regions;
  std::vector<TapLoss> tap_losses;
  std::vector<torch::Tensor> content;  ///< by tile, [N,C] of the net's type; empty: computed anew

  // objective_setup.cpp
  State(ObjectiveParts given, const ObjectiveLimits& limits, const std::stop_token& stop,
        const std::function<void(double)>& progress);
  void make_taps(const UsedLayers& used);
  void make_regions();
  void add_region(const torch::Tensor& mask, double weight);
  std::vector<Statistics> statistics_of(const torch::Tensor& picture, int64_t tile_side, const std::stop_token& stop,
                                        const std::function<void()>& tile_done) const;
  void make_losses(const std::vector<std::vector<Statistics>>& paintings);

  // objective_passes.cpp
  torch::Tensor pixels_of(const torch::Tensor& x, const Tile& tile) const;
  Pieces pieces_of(const std::vector<torch::Tensor>& maps, const Tile& tile, int64_t rows, int64_t columns,
                   const std::vector<std::string>& wanted) const;
  torch::Tensor content_piece(const Tile& tile, const std::stop_token& stop) const;
  torch::Tensor weights_of(const Region& region, size_t tap, const Tile& tile) const;
  torch::Tensor content_difference(const torch::Tensor& piece, size_t tile, const std::stop_token& stop) const;
  double content_divisor() const;
  void add_sums(Sums& sums, const Pieces& pieces, size_t tile) const;
  torch::Tensor style_values(const Sums& sums, AllSlopes* slopes) const;
  bool derivative(size_t tap, const Pieces& pieces, const AllSlopes& slopes, const torch::Tensor& difference,
                  size_t tile, torch::Tensor& into) const;
  torch::Tensor evaluate(const torch::Tensor& x, torch::Tensor* gradient, const std::stop_token& stop) const;
};

}  // namespace pinxit
