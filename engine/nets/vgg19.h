// SPDX-License-Identifier: Apache-2.0
//
// VGG19's convolutions as a feature extractor (Simonyan, Zisserman, arXiv 1409.1556, configuration E), of any width
// and up to whatever layer the file holds.
//
//     auto net = Vgg19::load(path, device, torch::kFloat32).take();
//     net.features(pixels, {"conv1_1", "conv4_2"}, use)      // one tensor [1,C,h,w] a layer, autograd goes through
//
//     FeaturePass pass = net.pass(pixels, {"conv1_1", "conv4_2"}, use);    // the same with a way back of its own, which
//     auto slope = pass.gradient([&](size_t i, torch::Tensor& d) {         // asks for derivatives when it needs them
//       d.copy_(derivative_at(pass.maps()[i]));                            // [h,w,C], all of it
//       return true;
//     });
//
// float32 on the CPU goes through engine/convolve (PINXIT_CONVOLUTIONS=libtorch: not), all else through LibTorch.
//
// Tensors are torchvision's: features.0.weight [C,3,3,3], features.0.bias [C], … features.34. Input: R'G'B' 0..1;
// (x-mean)/std of torchvision, or Caffe's 255·BGR - mean where the file's metadata says {"preprocessing": "caffe"}.
// Every convolution is 3×3 with one pixel of zeros around; 2×2 pooling follows conv1_2, 2_2, 3_4 and 4_4.
#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/neural_preset.h"

namespace pinxit {

/// Features of a picture, and the way back from them to its pixels.
class FeaturePass {
 public:
  /// Overwrites `into` [h,w,C] (NHWC without gaps, the net's type) with d loss / d features of the wanted layer `i`, or
  /// returns false where that is zero.
  using Derivative = std::function<bool(size_t i, torch::Tensor& into)>;

  FeaturePass(FeaturePass&&) noexcept;
  FeaturePass& operator=(FeaturePass&&) noexcept;
  ~FeaturePass();
  /// [1,C,h,w] each, without graph; the way back reads them, so they are not to be changed.
  const std::vector<torch::Tensor>& maps() const;
  /// d loss / d pixels [1,3,H,W]. `derivative` is called once for each wanted layer, the deepest first or all at once.
  /// Ends the pass: what was stored is let go on the way. Throws Cancelled between layers.
  torch::Tensor gradient(const Derivative& derivative);

 private:
  friend class Vgg19;
  struct State;
  explicit FeaturePass(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

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
  bool own() const;    ///< engine/convolve does the convolutions
  torch::Device device() const;
  torch::ScalarType type() const;

  /// Features of `pixels` [1,3,H,W] (this net's device; any real type, converted) at each of `wanted` (in any order,
  /// each once), before or after ReLU as `use` says. Nothing beyond the last one is computed. Throws Cancelled between
  /// layers; Failure(bad_argument) for a layer the net lacks.
  std::vector<torch::Tensor> features(const torch::Tensor& pixels, const std::vector<std::string>& wanted,
                                      const FeatureUse& use, std::stop_token stop = {}) const;
  /// The same with a way back.
  FeaturePass pass(const torch::Tensor& pixels, const std::vector<std::string>& wanted, const FeatureUse& use,
                   std::stop_token stop = {}) const;

  /// Pixels of the picture a position of `layer` stands for along one side: 1, 2, 4, 8, 16.
  static int64_t stride(const std::string& layer);
  /// How many pixels beside its own a position of `layer` looks at, on one side: conv1_1 1, conv5_1 70.
  static int64_t reach(const std::string& layer);
  /// Bytes that one pixel of the picture needs while features up to `last` are computed and, if asked, differentiated:
  /// an upper bound, measured. Without gradient the features of all layers up to `last` are taken to be wanted.
  double bytes_per_pixel(const std::string& last, const FeatureUse& use, bool with_gradient) const;
  /// Bytes beside those for pictures of this size: prepared weights and workspace.
  int64_t bytes_beside(const std::string& last, int64_t width, int64_t height, bool with_gradient) const;

  struct State;  ///< vgg19_state.h

 private:
  explicit Vgg19(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace pinxit
