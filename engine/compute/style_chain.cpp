// SPDX-License-Identifier: Apache-2.0
#include "engine/compute/style_chain.h"

#include "engine/compute/convolutions_choice.h"

namespace pinxit {

void StyleChain::prepare(torch::Device to, torch::ScalarType as) {
  device = to, type = as, own = own_convolutions(to, as);
  layers.back().convolution.keep_float32();
  for (auto& layer : layers) layer.convolution.prepare(to, as, own);
}

std::vector<StyleChain::Size> StyleChain::sizes(int64_t width, int64_t height) const {
  std::vector<Size> all;
  for (const auto& layer : layers) {
    width = layer.convolution.geometry().output_size(width);
    height = layer.convolution.geometry().output_size(height);
    all.push_back({width, height});
  }
  return all;
}

bool StyleChain::residual(size_t index) const {
  if (layers[index].add_from >= 0) return true;
  for (const auto& layer : layers)
    if (layer.add_from == int(index)) return true;
  return false;
}

}  // namespace pinxit
