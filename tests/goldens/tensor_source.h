// SPDX-License-Identifier: Apache-2.0
//
// A tensor as the picture that enters a chain. LibTorch alone: the GPU ring uses it too.
#pragma once

#include <utility>

#include "engine/compute/chain_run.h"

namespace pinxit {

/// A picture [h, w, 3] of colours 0..255.
class TensorSource : public ChainSource {
 public:
  explicit TensorSource(torch::Tensor picture) : picture_(std::move(picture)) {}
  int64_t width() const override { return picture_.size(1); }
  int64_t height() const override { return picture_.size(0); }
  torch::Tensor gather(const std::vector<int32_t>& rows, const std::vector<int32_t>& columns) const override {
    return pinxit::gather(picture_, rows, columns, {}, torch::kFloat32);
  }

 private:
  torch::Tensor picture_;
};

}  // namespace pinxit
