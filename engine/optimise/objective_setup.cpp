// SPDX-License-Identifier: Apache-2.0
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "engine/compute/memory.h"
#include "engine/optimise/objective_state.h"

namespace pinxit {

const std::string& deepest(const std::vector<std::string>& layers) {
  return *std::max_element(layers.begin(), layers.end(), [](const std::string& a, const std::string& b) {
    return Vgg19::reach(a) < Vgg19::reach(b);
  });
}

UsedLayers used_layers(const Vgg19& net, const NeuralPreset& preset, int64_t content_side, int64_t style_side) {
  UsedLayers used;
  const auto usable = [&](const std::string& layer, int64_t side) {
    return net.has(layer) && side / Vgg19::stride(layer) > 0;
  };
  for (const auto& layer : net.layers())
    if (usable(layer, content_side)) used.content = layer;
  if (usable(preset.content.layer, content_side)) used.content = preset.content.layer;
  for (const auto& layer : net.layers()) {
    bool wanted = layer == used.content;
    for (const auto& term : preset.style)
      for (const auto& tap : term.taps) wanted = wanted || (tap.layer == layer && usable(layer, style_side));
    if (wanted) used.all.push_back(layer);
  }
  return used;
}

Objective::State::State(ObjectiveParts given, const ObjectiveLimits& limits, const std::stop_token& stop,
                        const std::function<void(double)>& progress)
    : parts(std::move(given)) {
  const torch::NoGradGuard no_grad;
  const Vgg19& net = *parts.net;
  height = parts.content.size(2);
  width = parts.content.size(3);
  if (net.type() == torch::kFloat64) sum_type = torch::kFloat64;
  content_weight = parts.preset.content.weight * parts.content_factor;
  variation_weight = parts.preset.variation.weight * parts.variation_factor;

  const int64_t content_side = std::min(height, width);
  int64_t style_side = content_side;
  for (const auto& style : parts.styles)
    style_side = std::min({style_side, style.pixels.size(2), style.pixels.size(3)});
  const UsedLayers used = used_layers(net, parts.preset, content_side, style_side);
  make_taps(used);
  for (auto& tap : taps)
    if (Vgg19::stride(tap.layer) > style_side) tap.style = false;
  const int64_t reach = Vgg19::reach(deepest(layers));
  tiles = cut_picture(width, height, limits.tile_side, reach);
  make_regions();

  size_t done = 0, all = tiles.size();
  for (const auto& style : parts.styles)
    all += cut_picture(style.pixels.size(3), style.pixels.size(2), limits.tile_side, reach).size();
  const auto tile_done = [&] {
    if (progress) progress(double(++done) / double(all));
  };
  std::vector<std::vector<Statistics>> paintings;
  for (const auto& style : parts.styles)
    paintings.push_back(statistics_of(style.pixels, limits.tile_side, stop, tile_done));
  make_losses(paintings);

  const auto& tap = taps[content_tap];
  const int64_t bytes =
      tap.channels * (height / tap.stride) * (width / tap.stride) * int64_t(torch::elementSize(net.type()));
  if (bytes > free_memory(net.device()) / 4) return;
  for (const Tile& tile : tiles) {
    content.push_back(content_piece(tile, stop).to(net.type()).clone());
    tile_done();
  }
}

void Objective::State::make_taps(const UsedLayers& used) {
  layers = used.all;
  for (const auto& layer : layers) {
    Tap tap{layer, Vgg19::stride(layer), parts.net->channels(layer), {}, false};
    for (const auto& term : parts.preset.style)
      for (const auto& wanted : term.taps)
        if (wanted.layer == layer) {
          tap.kind = united(tap.kind, statistics_for(term.kind));
          tap.style = !parts.styles.empty();
        }
    if (layer == used.content) content_tap = taps.size();
    taps.push_back(tap);
  }
}

void Objective::State::add_region(const torch::Tensor& mask, double weight) {
  Region region;
  region.factor = weight * mask.mean().item<double>();
  for (size_t t = 0; t < taps.size(); ++t) {
    auto reduced = mask;
    for (int64_t stride = 1; stride < taps[t].stride; stride *= 2) reduced = torch::avg_pool2d(reduced, 2, 2);
    region.weights.push_back(reduced[0][0]);
  }
  region.totals.resize(taps.size());
  for (size_t t = 0; t < taps.size(); ++t)
    for (const Tile& tile : tiles)
      region.totals[t].push_back(weights_of(region, t, tile).sum(torch::kFloat64).item<double>());
  regions.push_back(std::move(region));
}

void Objective::State::make_regions() {
  double weights = 0;
  int64_t masked = 0;
  for (const auto& style : parts.styles)
    if (style.mask.defined()) {
      weights += style.weight;
      ++masked;
    }
  if (masked == 0) {
    regions.resize(parts.styles.empty() ? 0 : 1);
    return;
  }
  torch::Tensor rest;
  for (const auto& style : parts.styles) {
    if (!style.mask.defined()) continue;
    const auto mask = style.mask.to(parts.net->device(), sum_type).clamp(0, 1);
    rest = (rest.defined() ? rest : torch::ones_like(mask)) - mask;
    add_region(mask, style.weight * double(masked) / weights);
  }
  if (masked < int64_t(parts.styles.size())) add_region(rest.clamp(0, 1), 1);
}

std::vector<Statistics> Objective::State::statistics_of(const torch::Tensor& picture, int64_t tile_side,
                                                        const std::stop_token& stop,
                                                        const std::function<void()>& tile_done) const {
  std::vector<std::string> wanted;
  std::vector<size_t> places;
  for (size_t t = 0; t < taps.size(); ++t)
    if (taps[t].style) {
      wanted.push_back(taps[t].layer);
      places.push_back(t);
    }
  std::vector<Statistics> all(taps.size());
  if (wanted.empty()) return all;
  std::vector<StatisticsSum> sums;
  for (const size_t t : places) sums.emplace_back(taps[t].kind);
  const int64_t rows = picture.size(2), columns = picture.size(3);
  for (const Tile& tile : cut_picture(columns, rows, tile_side, Vgg19::reach(deepest(wanted)))) {
    const auto maps = parts.net->features(pixels_of(picture, tile), wanted, parts.preset.features, stop);
    const auto pieces = pieces_of(maps, tile, rows, columns, wanted);
    for (size_t i = 0; i < pieces.size(); ++i) sums[i].add(pieces[i], {}, double(pieces[i].size(0)));
    tile_done();
  }
  for (size_t i = 0; i < places.size(); ++i) all[places[i]] = sums[i].mean();
  return all;
}

void Objective::State::make_losses(const std::vector<std::vector<Statistics>>& paintings) {
  // Which paintings each region is compared with, in the order of make_regions().
  std::vector<std::vector<size_t>> members;
  std::vector<size_t> unmasked;
  for (size_t s = 0; s < parts.styles.size(); ++s) {
    if (parts.styles[s].mask.defined())
      members.push_back({s});
    else
      unmasked.push_back(s);
  }
  if (!unmasked.empty()) members.push_back(unmasked);
  for (const auto& term : parts.preset.style)
    for (const auto& wanted : term.taps) {
      const auto found = std::find_if(taps.begin(), taps.end(), [&](const Tap& t) { return t.layer == wanted.layer; });
      if (found == taps.end() || !found->style) continue;
      const size_t t = size_t(found - taps.begin());
      const StyleLoss::Extent extent{(height / found->stride) * (width / found->stride),
                                     double(height) * double(width)};
      TapLoss loss{t, wanted.weight * parts.style_factor, {}};
      for (size_t r = 0; r < regions.size(); ++r) {
        double total = 0, sum = 0;
        if (!regions[r].totals.empty())
          for (const double one : regions[r].totals[t]) total += one;
        std::vector<Statistics> sources;
        std::vector<double> shares;
        for (const size_t s : members[r]) {
          sources.push_back(paintings[s][t]);
          shares.push_back(parts.styles[s].weight);
          sum += parts.styles[s].weight;
        }
        for (double& share : shares) share /= sum;
        if (regions[r].totals.empty() || total > 0)
          loss.region.emplace_back(StyleLoss(term, sources, shares, extent, sum_type));
        else
          loss.region.emplace_back();
      }
      tap_losses.push_back(std::move(loss));
    }
}

}  // namespace pinxit
