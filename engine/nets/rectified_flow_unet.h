// SPDX-License-Identifier: Apache-2.0
//
// The U-Net of a rectified flow (Liu, Gong and Liu, arXiv 2209.03003), as models/training/train_flowers.py trains it:
// which way each pixel goes from noise (time 0) to a picture (time 1), for the sum of some words.
//
//     auto net = RectifiedFlowUnet::load(file, torch::kCPU, torch::kFloat32);
//     auto velocity = net.run(x, 0.25, words);      // [N,3,S,S], [N,V] counts of words -> [N,3,S,S]
//
//     x ─ 2×2 blocks of pixels ─ first 3×3 ─┬─ down: blocks, attention ─ average ÷2 ─ … ─ middle ─┐
//                                           └───────────── skips ─────────── up: blocks, attention ─ nearest ×2 ─ 3×3
//
// A block is norm ─ SiLU ─ 3×3 ─ norm ─ scale and shift by the condition ─ SiLU ─ 3×3, beside a skip. The condition is
// SiLU(time's two layers + the words' vectors). Normalisation is over 8 groups of channels, attention has heads of 32.
// Tensors: words, time, first, down.N, middle.N, up.N, norm, last. Widths, levels, blocks a level and the condition's
// width are read from the weights. In float32 on the CPU the 3×3 convolutions are those of engine/convolve/.
#pragma once

#include <torch/types.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/convolve/convolve.h"
#include "engine/weights/safetensors.h"

namespace pinxit {

bool rectified_flow_unet_recognise(const Safetensors& file);

class RectifiedFlowUnet {
 public:
  /// Throws Failure(model_damaged).
  static RectifiedFlowUnet load(const Safetensors& file, torch::Device device, torch::ScalarType type);

  int64_t vocabulary() const { return words_.size(1); }
  /// Pictures' sides are multiples of this: 2 to the number of levels.
  int64_t side_step() const { return int64_t(1) << down_.size(); }
  int64_t parameters() const { return parameters_; }
  int64_t weight_bytes() const { return weight_bytes_; }
  /// Of `count` pictures of a side together, about, beside the weights.
  int64_t run_bytes(int64_t side, int64_t count) const;

  /// x [N,3,S,S] float32 on the net's device, time 0..1, words [N,V] float32 -> [N,3,S,S] float32.
  torch::Tensor run(const torch::Tensor& x, double time, const torch::Tensor& words) const;

 private:
  struct Affine {
    torch::Tensor weight, bias;
  };
  struct Convolution : Affine {
    std::optional<convolve::Weights> own;  ///< float32 on the CPU: engine/convolve/ instead of LibTorch
  };
  struct Block {
    Affine norm1, norm2, condition;
    Convolution conv1, conv2;  ///< 3×3
    std::optional<Affine> skip;
  };
  struct Attention {
    Affine norm, all, out;
  };
  struct Level {
    std::vector<Block> blocks;
    std::optional<Attention> attention;
  };
  class Reader;
  torch::Tensor condition(double time, const torch::Tensor& words) const;
  /// 3×3 with a border of zeros; `add` (or undefined) is added.
  static torch::Tensor convolved(const Convolution& layer, const torch::Tensor& x, const torch::Tensor& add = {});
  static torch::Tensor through(const Block& block, const torch::Tensor& x, const torch::Tensor& condition);
  static torch::Tensor through(const Attention& attention, const torch::Tensor& x);
  torch::Tensor words_;  ///< [C,V]
  Affine time1_, time2_, norm_;
  Convolution first_, last_;
  std::vector<Level> down_, up_;  ///< as they are run: wide to narrow pictures, and back
  Level middle_;                  ///< its attention lies between its two blocks
  int64_t parameters_ = 0, weight_bytes_ = 0;
};

}  // namespace pinxit
