// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/slimnet.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/nets/chain_loading.h"

namespace pinxit {
namespace {

std::string variable(int index) { return "Variable_" + std::to_string(index); }

}  // namespace

bool slimnet_recognise(const Safetensors& file) {
  return file.has("Variable_0") && file.shape("Variable_0").size() == 4 && file.has("Variable_1") &&
         file.has("Variable_2") && file.has("Variable_17");
}

StyleNet slimnet_load(const Safetensors& file) {
  int count = 0;
  while (file.has(variable(3 * count))) ++count;
  const int blocks = (count - 6) / 2;
  if (count < 6 || count % 2 != 0)
    throw Failure(ErrorCode::model_damaged, _("The weights are not a whole slim net: some layers are missing."),
                  _("Use another copy of the weights file."));

  StyleNet net;
  int64_t channels = 3;
  for (int i = 0; i < count; ++i) {
    const int block = i - 3;  // position among the residual convolutions
    const bool in_block = block >= 0 && block < 2 * blocks;
    const bool doubling = i == count - 3 || i == count - 2;
    const bool last = i == count - 1;
    ChainLayer layer;
    if (doubling) {
      layer.convolution = Convolution::transposed(checked_tensor(file, variable(3 * i), {channels, -1, 3, 3}));
    } else {
      const auto weight = checked_tensor(file, variable(3 * i), {last ? 3 : -1, channels, -1, -1});
      layer.convolution = Convolution::plain(weight, {}, i == 1 || i == 2 ? 2 : 1, Padding::zero_same);
    }
    channels = layer.convolution.outputs();
    layer.beta = checked_tensor(file, variable(3 * i + 1), {1, channels, 1, 1}).flatten();
    layer.gamma = checked_tensor(file, variable(3 * i + 2), {1, channels, 1, 1}).flatten();
    layer.eps = 1e-3;
    layer.relu = !last && !(in_block && block % 2 == 1);
    layer.add_from = in_block && block % 2 == 1 ? i - 2 : -1;
    net.chain.layers.push_back(std::move(layer));
  }
  net.chain.output = OutputCurve::tanh_150;
  net.kind = "slimnet";
  net.border = 32;
  return net;
}

}  // namespace pinxit
