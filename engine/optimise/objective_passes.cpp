// SPDX-License-Identifier: Apache-2.0
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <optional>

#include "engine/optimise/objective_state.h"
#include "engine/optimise/variation.h"

namespace pinxit {

/// The pixels of a tile with its halo, as a tensor of its own.
torch::Tensor Objective::State::pixels_of(const torch::Tensor& x, const Tile& tile) const {
  return x.slice(2, tile.outer_rows.first, tile.outer_rows.last)
      .slice(3, tile.outer_columns.first, tile.outer_columns.last)
      .to(parts.net->device(), sum_type)
      .detach();
}

/// The maps of `wanted` without the halo. `rows`, `columns`: of the picture the tile is cut from.
Objective::State::Pieces Objective::State::pieces_of(const std::vector<torch::Tensor>& maps, const Tile& tile,
                                                     int64_t rows, int64_t columns,
                                                     const std::vector<std::string>& wanted) const {
  Pieces pieces;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const int64_t stride = Vgg19::stride(wanted[i]);
    const auto y = positions_of(tile.rows, tile.outer_rows, rows, stride);
    const auto x = positions_of(tile.columns, tile.outer_columns, columns, stride);
    const auto inner = maps[i].slice(2, y.first, y.last).slice(3, x.first, x.last);
    pieces.push_back(inner[0].permute({1, 2, 0}).reshape({-1, inner.size(1)}).to(sum_type));
  }
  return pieces;
}

/// [N,1], or undefined where the region is everywhere.
torch::Tensor Objective::State::weights_of(const Region& region, size_t tap, const Tile& tile) const {
  if (region.weights.empty()) return {};
  const auto whole = [](const TileSpan& span) { return TileSpan{0, span.last}; };
  const auto y = positions_of(tile.rows, whole(tile.outer_rows), height, taps[tap].stride);
  const auto x = positions_of(tile.columns, whole(tile.outer_columns), width, taps[tap].stride);
  return region.weights[tap].slice(0, y.first, y.last).slice(1, x.first, x.last).reshape({-1, 1});
}

double Objective::State::content_divisor() const {
  const auto& tap = taps[content_tap];
  return parts.preset.content.mean ? double(tap.channels * (height / tap.stride) * (width / tap.stride)) : 1;
}

/// The content's features at its tap, [N,C].
torch::Tensor Objective::State::content_piece(const Tile& tile, const std::stop_token& stop) const {
  const std::vector<std::string> wanted = {taps[content_tap].layer};
  const auto maps = parts.net->features(pixels_of(parts.content, tile), wanted, parts.preset.features, stop);
  return pieces_of(maps, tile, height, width, wanted)[0];
}

/// F - C of a tile, [N,C].
torch::Tensor Objective::State::content_difference(const torch::Tensor& piece, size_t tile,
                                                   const std::stop_token& stop) const {
  const torch::NoGradGuard no_grad;
  return piece - (content.empty() ? content_piece(tiles[tile], stop) : content[tile].to(sum_type));
}

void Objective::State::add_sums(Sums& sums, const Pieces& pieces, size_t tile) const {
  const torch::NoGradGuard no_grad;
  for (size_t r = 0; r < regions.size(); ++r)
    for (size_t t = 0; t < taps.size(); ++t) {
      if (!taps[t].style) continue;
      const auto& f = pieces[t];
      const bool everywhere = regions[r].weights.empty();
      sums[r][t].add(f, weights_of(regions[r], t, tiles[tile]),
                     everywhere ? double(f.size(0)) : regions[r].totals[t][tile]);
    }
}

/// The losses of all taps, [taps], and what a change of the statistics does to their weighted sum.
torch::Tensor Objective::State::style_values(const Sums& sums, AllSlopes* slopes) const {
  const torch::AutoGradMode grad_mode(slopes != nullptr);
  AllSlopes found(regions.size(), std::vector<std::optional<Slopes>>(taps.size()));
  for (size_t r = 0; r < regions.size(); ++r)
    for (size_t t = 0; t < taps.size(); ++t)
      if (taps[t].style && sums[r][t].weight() > 0) {
        Statistics s = sums[r][t].mean();
        if (s.kind.centred) s.mean = s.mean.detach().set_requires_grad(slopes != nullptr);
        s.second = s.second.detach().set_requires_grad(slopes != nullptr);
        found[r][t] = Slopes{s, {}, {}};
      }
  const auto numbers = torch::dtype(torch::kFloat64).device(parts.net->device());
  if (tap_losses.empty()) return torch::zeros({0}, numbers);
  std::vector<torch::Tensor> values;
  torch::Tensor sum;
  for (const TapLoss& loss : tap_losses) {
    auto value = torch::zeros({}, numbers);
    for (size_t r = 0; r < regions.size(); ++r)
      if (loss.region[r]) value = value + (*loss.region[r])(found[r][loss.tap]->statistics) * regions[r].factor;
    values.push_back(value.detach());
    sum = sum.defined() ? sum + value * loss.weight : value * loss.weight;
  }
  if (slopes) {
    std::vector<torch::Tensor> inputs;
    for (const auto& of_region : found)
      for (const auto& one : of_region) {
        if (!one) continue;
        inputs.push_back(one->statistics.second);
        if (one->statistics.kind.centred) inputs.push_back(one->statistics.mean);
      }
    const auto derivatives = torch::autograd::grad({sum}, inputs, {}, {}, false, true);
    size_t next = 0;
    for (auto& of_region : found)
      for (auto& one : of_region) {
        if (!one) continue;
        one->second = derivatives[next++];
        one->statistics.second = one->statistics.second.detach();
        if (!one->statistics.kind.centred) continue;
        one->mean = derivatives[next++];
        one->statistics.mean = one->statistics.mean.detach();
      }
    *slopes = std::move(found);
  }
  return torch::stack(values);
}

/// d Σ / d the features of a tile and its halo at one tap; see FeaturePass::Derivative. `difference`: see
/// content_difference.
bool Objective::State::derivative(size_t t, const Pieces& pieces, const AllSlopes& slopes,
                                  const torch::Tensor& difference, size_t tile, torch::Tensor& into) const {
  const torch::NoGradGuard no_grad;
  const auto& features = pieces[t];
  if (features.size(0) == 0) return false;
  const bool whole = features.size(0) == into.size(0) * into.size(1), direct = whole && into.scalar_type() == sum_type;
  auto sum = direct ? into.view({-1, into.size(2)}) : torch::empty_like(features);
  bool begun = false;
  for (size_t r = 0; taps[t].style && r < regions.size(); ++r) {
    const auto& slope = slopes[r][t];
    if (!slope || !slope->second.defined()) continue;
    const auto mean = slope->statistics.kind.centred && !slope->mean.defined()
                          ? torch::zeros_like(slope->statistics.mean)
                          : slope->mean;
    statistics_gradient(features, weights_of(regions[r], t, tiles[tile]), slope->statistics, mean, slope->second, sum,
                        begun);
    begun = true;
  }
  if (t == content_tap && content_weight != 0) {
    const double factor = 2 * content_weight / content_divisor();
    if (begun)
      sum.add_(difference, factor);
    else
      at::mul_out(sum, difference, torch::scalar_tensor(factor, difference.options()));
    begun = true;
  }
  if (!begun || direct) return begun;
  const int64_t stride = taps[t].stride;
  const auto y = positions_of(tiles[tile].rows, tiles[tile].outer_rows, height, stride);
  const auto x = positions_of(tiles[tile].columns, tiles[tile].outer_columns, width, stride);
  if (!whole) into.zero_();
  into.slice(0, y.first, y.last).slice(1, x.first, x.last).copy_(sum.view({y.size(), x.size(), -1}));
  return true;
}

torch::Tensor Objective::State::evaluate(const torch::Tensor& given, torch::Tensor* gradient,
                                         const std::stop_token& stop) const {
  const torch::NoGradGuard no_grad;
  const bool clamped = parts.preset.schedule.clamp == SearchSchedule::Clamp::in_evaluation;
  const auto x = clamped ? given.detach().clamp(0, 1) : given.detach();
  const bool once = tiles.size() == 1;
  const auto numbers = torch::dtype(torch::kFloat64).device(parts.net->device());
  auto content_sum = torch::zeros({}, numbers);
  Sums sums(regions.size());
  for (auto& of_region : sums)
    for (const Tap& tap : taps) of_region.emplace_back(tap.kind);
  torch::Tensor found;
  if (gradient) found = torch::zeros_like(given, at::MemoryFormat::Contiguous);

  torch::Tensor difference;
  Pieces pieces;
  std::optional<FeaturePass> pass;
  const auto look_at = [&](size_t i, bool with_gradient, bool with_content) {
    if (stop.stop_requested()) throw Cancelled();
    pieces.clear();  // before the next tile's features take their place
    pass.reset(), difference.reset();
    const auto pixels = pixels_of(x, tiles[i]);
    if (with_gradient) {
      pass.emplace(parts.net->pass(pixels, layers, parts.preset.features, stop));
      pieces = pieces_of(pass->maps(), tiles[i], height, width, layers);
    } else {
      pieces =
          pieces_of(parts.net->features(pixels, layers, parts.preset.features, stop), tiles[i], height, width, layers);
    }
    if (!with_content) return;
    difference = content_difference(pieces[content_tap], i, stop);
    content_sum += difference.square().sum().to(torch::kFloat64);
  };
  for (size_t i = 0; i < tiles.size(); ++i) {
    look_at(i, gradient && once, !gradient || once);
    add_sums(sums, pieces, i);
  }
  AllSlopes slopes;
  const auto style = style_values(sums, gradient ? &slopes : nullptr);
  for (size_t i = 0; gradient && i < tiles.size(); ++i) {
    if (!once) look_at(i, true, true);
    if (stop.stop_requested()) throw Cancelled();
    const auto part = pass->gradient([&](size_t tap, torch::Tensor& into) {
      const bool some = derivative(tap, pieces, slopes, difference, i, into);
      pieces[tap].reset();
      return some;
    });
    found.slice(2, tiles[i].outer_rows.first, tiles[i].outer_rows.last)
        .slice(3, tiles[i].outer_columns.first, tiles[i].outer_columns.last)
        .add_(part.to(found.device(), found.scalar_type()));
  }
  pieces.clear();
  pass.reset();
  const auto rough = variation(x, parts.preset.variation, variation_weight, gradient ? &found : nullptr);
  if (gradient) {
    if (clamped) found.mul_((given >= 0).logical_and_(given <= 1));
    *gradient = found;
  }
  return torch::cat({torch::stack({content_sum / content_divisor(), rough.to(numbers.device())}), style});
}

}  // namespace pinxit
