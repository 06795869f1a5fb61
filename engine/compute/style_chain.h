// SPDX-License-Identifier: Apache-2.0
//
// A feed-forward style net as data: a chain of convolutions, each followed by instance normalisation and ReLU or not,
// with residual sums. TransformerNet, the slim net and their relatives are such chains (nets/*.cpp fill them in).
//
//     activation[i] = relu?(normalise?(convolution[i](activation[i-1]))) (+ activation[add_from])
//
// How one is run on pictures of any size: chain_run.h.
#pragma once

#include <torch/types.h>

#include <vector>

#include "engine/base/pixels.h"
#include "engine/compute/convolution.h"
#include "engine/compute/gather.h"

namespace pinxit {

struct ChainLayer {
  Convolution convolution;
  bool normalised = true;
  torch::Tensor gamma, beta;  ///< float32 [channels], CPU; used when normalised
  double eps = 1e-5;
  bool relu = true;
  int add_from = -1;          ///< residual sum after the normalisation: index of an earlier layer, -1 none
};

/// From the last activation to colours 0..255.
enum class OutputCurve {
  linear,         ///< as it is
  tanh_150,       ///< tanh(x)·150 + 127.5
};

struct StyleChain {
  std::vector<ChainLayer> layers;
  OutputCurve output = OutputCurve::linear;

  /// Moves all weights; bf16 leaves the last layer in float32. Asks the switch (convolutions_choice.h) who convolves.
  void prepare(torch::Device device, torch::ScalarType type);
  bool own = false;  ///< whether our own library does
  torch::Device device = torch::kCPU;
  torch::ScalarType type = torch::kFloat32;

  /// Width and height of every layer's output for an input of this size.
  struct Size {
    int64_t width, height;
  };
  std::vector<Size> sizes(int64_t width, int64_t height) const;
  /// Whether the layer's activation takes part in a residual sum (as a term or as the sum).
  bool residual(size_t layer) const;
};

/// Normalisations with the statistics of a whole picture filled in: one curve a layer.
using ChainStatistics = std::vector<Curve>;

}  // namespace pinxit
