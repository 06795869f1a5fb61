// SPDX-License-Identifier: Apache-2.0
//
// One convolution over a tile: on the CPU in float32 through our own library (own_convolution.h; the switch is in
// convolutions_choice.h), else over an already padded tile in the form that is fastest through LibTorch.
//
// LibTorch's tiles are tensors [height, width, channels] (NHWC, contiguous), float32 or bfloat16. Padding has been looked up by
// the gather that made the tile (gather.h), so every convolution there is "valid".
//
// Two rewritings save work (measured in docs/performance.md):
//  * Doubling. "Nearest ×2, then 3×3" and "transposed 3×3, stride 2" both are four 2×2 convolutions of the small
//    picture, one per parity of the output row and column: 16 products instead of 36 per small pixel.
//  * Few outputs. A k×k convolution to 3 channels starves the vector lanes; as k×1 to 3k channels and k shifted
//    sums it does the same products with full lanes (CPU only).
#pragma once

#include <torch/types.h>

#include <memory>
#include <vector>

#include "engine/compute/geometry.h"
#include "engine/compute/own_convolution.h"

namespace pinxit {

class Convolution {
 public:
  /// weight [out, in, k, k] float32; bias [out] or undefined.
  static Convolution plain(torch::Tensor weight, torch::Tensor bias, int stride, Padding padding);
  /// Nearest-neighbour ×2, reflection padding 1, then 3×3 (pytorch/examples' UpsampleConvLayer).
  static Convolution upsampled(torch::Tensor weight, torch::Tensor bias);
  /// Transposed 3×3 with stride 2, output exactly doubled (TensorFlow SAME); weight [in, out, 3, 3].
  static Convolution transposed(torch::Tensor weight);

  /// Moves the weights to a device and type, or to our own library (then float32 on the CPU); call once before `run`.
  void prepare(torch::Device device, torch::ScalarType type, bool own = false);

  int64_t inputs() const { return inputs_; }
  int64_t outputs() const { return outputs_; }
  const AxisGeometry& geometry() const { return geometry_; }
  /// The type of the tiles it takes and gives: the last layer stays in float32.
  torch::ScalarType type() const { return type_; }
  void keep_float32() { float32_only_ = true; }

  /// Null unless prepared for our own library; then it does the work and `run` cannot.
  const OwnConvolution* own() const { return own_.get(); }

  /// `padded` covers geometry().reach(rows) × reach(columns); gives [rows, columns, outputs].
  torch::Tensor run(const torch::Tensor& padded, Span rows, Span columns) const;

  /// Multiplications per output pixel of a layer of this size, for progress and plans.
  double cost(int64_t width, int64_t height) const;

 private:
  torch::Tensor run_doubling(const torch::Tensor& padded, Span rows, Span columns) const;
  torch::Tensor run_split(const torch::Tensor& padded) const;
  std::vector<torch::Tensor> phases() const;
  ConvolutionKind kind_ = ConvolutionKind::plain;
  torch::Tensor weight_;                 // float32, CPU, as given
  std::vector<torch::Tensor> prepared_;  // on the device, in `type_`, channels last: one, or four phases
  std::shared_ptr<const OwnConvolution> own_;
  torch::Tensor bias_, prepared_bias_, split_;
  AxisGeometry geometry_;
  int64_t inputs_ = 0, outputs_ = 0;
  torch::ScalarType type_ = torch::kFloat32;
  bool float32_only_ = false;
};

}  // namespace pinxit
