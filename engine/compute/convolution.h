// SPDX-License-Identifier: Apache-2.0
//
// One convolution over an already padded tile, in the form that is fastest through LibTorch on the device at hand.
//
// Tiles are tensors [height, width, channels] (NHWC, contiguous), float32 or bfloat16. Padding has been looked up by
// the gather that made the tile (gather.h), so every convolution here is "valid".
//
// Two rewritings save work (measured in docs/performance.md):
//  * Doubling. "Nearest ×2, then 3×3" and "transposed 3×3, stride 2" both are four 2×2 convolutions of the small
//    picture, one per parity of the output row and column: 16 products instead of 36 per small pixel.
//  * Few outputs. A k×k convolution to 3 channels starves the vector lanes; as k×1 to 3k channels and k shifted
//    sums it does the same products with full lanes (CPU only).
#pragma once

#include <torch/types.h>

#include <vector>

#include "engine/compute/geometry.h"

namespace pinxit {

class Convolution {
 public:
  /// weight [out, in, k, k] float32; bias [out] or undefined.
  static Convolution plain(torch::Tensor weight, torch::Tensor bias, int stride, Padding padding);
  /// Nearest-neighbour ×2, reflection padding 1, then 3×3 (pytorch/examples' UpsampleConvLayer).
  static Convolution upsampled(torch::Tensor weight, torch::Tensor bias);
  /// Transposed 3×3 with stride 2, output exactly doubled (TensorFlow SAME); weight [in, out, 3, 3].
  static Convolution transposed(torch::Tensor weight);

  /// Moves the weights to a device and type; call once before `run`.
  void prepare(torch::Device device, torch::ScalarType type);

  int64_t inputs() const { return inputs_; }
  int64_t outputs() const { return outputs_; }
  const AxisGeometry& geometry() const { return geometry_; }
  /// The type of the tiles it takes and gives: the last layer stays in float32.
  torch::ScalarType type() const { return type_; }
  void keep_float32() { float32_only_ = true; }

  /// `padded` covers geometry().reach(rows) × reach(columns); gives [rows, columns, outputs].
  torch::Tensor run(const torch::Tensor& padded, Span rows, Span columns) const;

  /// Multiplications per output pixel, for progress and plans.
  double cost() const;

 private:
  torch::Tensor run_doubling(const torch::Tensor& padded, Span rows, Span columns) const;
  torch::Tensor run_split(const torch::Tensor& padded) const;
  std::vector<torch::Tensor> weights_;   // float32, CPU: one, or four phases
  std::vector<torch::Tensor> prepared_;  // on the device, in `type_`, channels last
  torch::Tensor bias_, prepared_bias_, split_;
  AxisGeometry geometry_;
  int64_t inputs_ = 0, outputs_ = 0;
  torch::ScalarType type_ = torch::kFloat32;
  bool float32_only_ = false;
};

}  // namespace pinxit
