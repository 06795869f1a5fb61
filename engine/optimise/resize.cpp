// SPDX-License-Identifier: Apache-2.0
#include "engine/optimise/resize.h"

#include <torch/types.h>
#include <torch/utils.h>

namespace pinxit {

torch::Tensor enlarged(const torch::Tensor& picture, SearchSize size) {
  if (size_of(picture) == size) return picture;
  const torch::NoGradGuard no_grad;
  const std::vector<int64_t> sides = {size.height, size.width};
  return at::_upsample_bicubic2d_aa(picture.contiguous(), sides, false, {}, {}).contiguous();
}

torch::Tensor resized(const torch::Tensor& picture, SearchSize size) {
  if (size_of(picture) == size) return picture;
  return enlarged(picture, size).clamp_(0, 1);
}

}  // namespace pinxit
