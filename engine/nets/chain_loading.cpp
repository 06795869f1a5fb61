// SPDX-License-Identifier: Apache-2.0
#include "engine/nets/chain_loading.h"

#include <torch/types.h>

#include "engine/base/text.h"

namespace pinxit {

torch::Tensor checked_tensor(const Safetensors& file, const std::string& name, const std::vector<int64_t>& shape) {
  auto tensor = file.tensor(name);
  bool fits = tensor.dim() == int64_t(shape.size()) && tensor.is_floating_point();
  for (size_t i = 0; fits && i < shape.size(); ++i)
    fits = tensor.size(int64_t(i)) > 0 && (shape[i] < 0 || tensor.size(int64_t(i)) == shape[i]);
  if (!fits)
    throw Failure(ErrorCode::model_damaged, format_text(_("The tensor “%s” has a wrong shape."), name.c_str()),
                  _("Use another copy of the weights file."));
  tensor = tensor.to(torch::kFloat32).contiguous();
  if (!tensor.isfinite().all().item<bool>())
    throw Failure(ErrorCode::model_damaged,
                  format_text(_("The tensor “%s” holds values that are not numbers."), name.c_str()),
                  _("Use another copy of the weights file."));
  return tensor;
}

}  // namespace pinxit
