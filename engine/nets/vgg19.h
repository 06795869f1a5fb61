// SPDX-License-Identifier: Apache-2.0
//
// VGG19's convolutions as a feature extractor (Simonyan, Zisserman, arXiv 1409.1556, configuration E), of any width
// and up to whatever layer the file holds.
//
//     auto net = Vgg19::load(path, device, torch::kFloat32).take();
//     net.features(pixels, {"conv1_1", "conv4_2"}, use)      // one tensor [1,C,h,w] a layer, autograd goes through
//
// Tensors are torchvision's: features.0.weight [C,3,3,3], features.0.bias [C], … features.34. Input: R'G'B' 0..1;
// (x-mean)/std of torchvision, or Caffe's 255·BGR - mean where the file's metadata says {"preprocessing": "caffe"}.
// Every convolution is 3×3 with one pixel of zeros around; 2×2 pooling follows conv1_2, 2_2, 3_4 and 4_4.
#pragma once

#include <torch/types.h>

#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/neural_preset.h"

namespace pinxit {

class Vgg19 {
 public:
  /// Weights are frozen. Errors: file_unreadable, model_damaged, model_unsupported (not a VGG19).
  static Result<Vgg19> load(const std::string& path, torch::Device device, torch::ScalarType type);

  /// "conv1_1", … in order, as far as the file goes.
  const std::vector<std::string>& layers() const;
  bool has(const std::string& layer) const;
  int64_t channels(const std::string& layer) const;
  int64_t parameters() const;
  bool caffe() const;  ///< the input is Caffe's
  torch::Device device() const;
  torch::ScalarType type() const;

  /// Features of `pixels` [1,3,H,W] (this net's device; any real type, converted) at each of `wanted` (in any order,
  /// each once), before or after ReLU as `use` says. Nothing beyond the last one is computed. Throws Cancelled between
  /// layers; Failure(bad_argument) for a layer the net lacks.
  std::vector<torch::Tensor> features(const torch::Tensor& pixels, const std::vector<std::string>& wanted,
                                      const FeatureUse& use, std::stop_token stop = {}) const;

  /// Pixels of the picture a position of `layer` stands for along one side: 1, 2, 4, 8, 16.
  static int64_t stride(const std::string& layer);
  /// How many pixels beside its own a position of `layer` looks at, on one side: conv1_1 1, conv5_1 70.
  static int64_t reach(const std::string& layer);
  /// Bytes that one pixel of the picture needs while features up to `last` are computed and, if asked, differentiated:
  /// an upper bound, measured. Without gradient the features of all layers up to `last` are taken to be wanted.
  double bytes_per_pixel(const std::string& last, const FeatureUse& use, bool with_gradient) const;

 private:
  struct State;
  explicit Vgg19(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace pinxit
