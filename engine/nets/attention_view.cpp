// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/attention_view.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>

namespace pinxit {
namespace {

constexpr double opacity = 180.0 / 255;
constexpr double smoothing = 20.0 / 256;  // standard deviation, of the picture's larger side

/// [T,H,W], each row and column smoothed with a Gaussian; borders mirrored.
torch::Tensor smoothed(torch::Tensor maps, double deviation) {
  for (int turn = 0; turn < 2; ++turn) {
    const int64_t reach = std::min<int64_t>(int64_t(std::ceil(3 * deviation)), maps.size(2) - 1);
    auto weights = torch::exp(-0.5 * (torch::arange(-reach, reach + 1, torch::kFloat32) / deviation).square());
    weights = (weights / weights.sum()).view({1, 1, 1, -1});
    maps = torch::conv2d(torch::reflection_pad2d(maps.unsqueeze(1), {reach, reach, 0, 0}), weights)
               .squeeze(1)
               .transpose(1, 2)
               .contiguous();
  }
  return maps;
}

}  // namespace

std::vector<WordView> strongest_words(const MadePicture& picture, size_t at_most) {
  const torch::NoGradGuard no_grad;
  if (picture.attention.empty()) return {};
  const auto& maps = picture.attention.back();
  const double fair = 1.0 / double(maps.size(0));  // what each word has where none counts more
  const auto above = [&](double times) { return std::min(times * fair, (1 + fair) / 2); };  // few words: below 1
  const auto mass = (maps * (maps > above(4))).sum({1, 2});
  const auto order = mass.argsort(/*stable=*/true, 0, /*descending=*/true);
  std::vector<WordView> views;
  for (int64_t i = 0; i < std::min<int64_t>(maps.size(0), int64_t(at_most)); ++i) {
    WordView view;
    view.word = size_t(order[i].item<int64_t>());
    const int64_t height = picture.pixels.size(1), width = picture.pixels.size(2);
    auto map = maps[int64_t(view.word)].unsqueeze(0);
    map = torch::upsample_bilinear2d((map * (map > above(2))).unsqueeze(0), {height, width}, false).squeeze(0);
    map = smoothed(map, smoothing * double(std::max(height, width)))[0];
    const double low = map.min().item<double>(), high = map.max().item<double>();
    view.map = high - low > 1e-6 ? (map - low) / (high - low) : torch::zeros_like(map);
    view.overlay = torch::lerp(picture.pixels, view.map.expand_as(picture.pixels), opacity);
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace pinxit
