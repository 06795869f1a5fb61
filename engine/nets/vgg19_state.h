// SPDX-License-Identifier: Apache-2.0
//
// What a Vgg19 holds, and the plan of its layers. Only for vgg19*.cpp.
#pragma once

#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/nets/vgg19.h"
#include "engine/nets/vgg19_own.h"

namespace pinxit {

struct VggSlot {
  std::string layer;    ///< "conv1_1"
  std::string tensor;   ///< "features.0"
  int block = 1;        ///< 1 … 5
  bool pooled = false;  ///< its input comes out of a pooling
};

/// All convolutions of configuration E in torchvision's numbering.
const std::vector<VggSlot>& vgg_slots();

/// Its place among them. Throws Failure(bad_argument) where there is none of that name.
size_t vgg_slot(const std::string& layer);

/// 2×2 pooling by LibTorch.
torch::Tensor vgg_pooled(const torch::Tensor& x, const FeatureUse& use);

struct Vgg19::State {
  struct Convolution {
    torch::Tensor weight, bias;
  };
  std::vector<Convolution> convolutions;
  std::vector<std::string> layers;
  torch::Tensor mean, scale;  ///< [1,3,1,1]; input = (x - mean) · scale
  bool blue_first = false;
  torch::Device device = torch::kCPU;
  torch::ScalarType type = torch::kFloat32;
  at::MemoryFormat format = at::MemoryFormat::Contiguous;
  std::shared_ptr<const OwnVgg> own;  ///< null: LibTorch does the convolutions

  void prepare_own();
  torch::Tensor input(const torch::Tensor& pixels) const;
  /// By layer up to the last wanted one: which of `wanted` it is, or -1. Throws where a picture of these pixels has no
  /// such layer.
  std::vector<int> places(const std::vector<std::string>& wanted, const torch::Tensor& pixels) const;
  /// By LibTorch, with autograd's graph.
  std::vector<torch::Tensor> features(const torch::Tensor& pixels, const std::vector<int>& places,
                                      const FeatureUse& use, const std::stop_token& stop) const;
};

}  // namespace pinxit
