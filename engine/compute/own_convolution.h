// SPDX-License-Identifier: Apache-2.0
//
// One convolution of a chain through engine/convolve/: reads an earlier layer's raw values, with the curve, the residual
// term and the padding applied on the way, and adds up the sums of its own output.
//
//     OwnConvolution own(ConvolutionKind::plain, geometry, weight, bias);
//     own.run({raw, curve, term, rows, columns}, out_rows, out_columns, layer_size, result, &sums);
#pragma once

#include <torch/types.h>

#include <optional>
#include <vector>

#include "engine/compute/gather.h"
#include "engine/compute/geometry.h"
#include "engine/convolve/transposed.h"

namespace pinxit {

/// Where a layer's input comes from.
struct LayerInput {
  torch::Tensor values;  ///< [h, w, channels]; rows may have gaps, pixels not
  Curve curve;           ///< from `values` to activations
  torch::Tensor residual;  ///< undefined, or added after the curve: shape and strides of `values`
  /// Rows and columns of `values` behind each padded position, -1 for zeros. Empty: `values` is padded already.
  std::vector<int32_t> rows, columns;
};

enum class ConvolutionKind { plain, upsampled, transposed };

class OwnConvolution {
 public:
  /// `weight` and `bias` (or undefined) as Convolution has them.
  OwnConvolution(ConvolutionKind kind, const AxisGeometry& geometry, const torch::Tensor& weight,
                 const torch::Tensor& bias);

  /// Writes the outputs in rows × columns to `out`, [rows, columns, outputs] (rows may have gaps), and adds them to
  /// `sums` where given. `layer` is the whole layer's output: it decides the algorithm, so that a part of a picture is
  /// computed as the whole is.
  struct Size {
    int64_t width, height;
  };
  void run(const LayerInput& in, Span rows, Span columns, Size layer, torch::Tensor& out, ChannelSums* sums) const;

  /// Bytes of packed weights, those still held for layers of other sizes included, and of the workspace for a tile.
  size_t weight_bytes(Size layer) const;
  size_t workspace_bytes(Size layer, Size tile) const;
  /// Multiplications per output pixel.
  double cost(Size layer) const;

 private:
  std::optional<convolve::Algorithm> algorithm(Size layer) const;
  convolve::ConvolutionShape shape_;
  std::optional<convolve::Weights> weights_;
  std::optional<convolve::TransposedWeights> transposed_;
  torch::Tensor bias_;
};

}  // namespace pinxit
