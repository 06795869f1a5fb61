// SPDX-License-Identifier: Apache-2.0
//
// LibTorch's tensors as a safetensors file, for tests of what reads them.
//
//     ASSERT_TRUE(save_safetensors(path, {{"weight", torch::randn({3, 4})}}, {{"format", "pt"}}));
#pragma once

#include <torch/types.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/importers/tensors.h"

namespace pinxit {

/// Tensors of any device and strides; errors as write_safetensors has them.
inline Status save_safetensors(const std::string& path, const std::map<std::string, torch::Tensor>& tensors,
                               const std::map<std::string, std::string>& metadata = {}) {
  static const std::map<torch::ScalarType, NumberType> types = {
      {torch::kFloat64, NumberType::f64},
      {torch::kFloat32, NumberType::f32},
      {torch::kFloat16, NumberType::f16},
      {torch::kBFloat16, NumberType::bf16},
      {torch::kFloat8_e4m3fn, NumberType::f8_e4m3},
      {torch::kFloat8_e5m2, NumberType::f8_e5m2},
      {torch::kInt64, NumberType::i64},
      {torch::kInt32, NumberType::i32},
      {torch::kInt16, NumberType::i16},
      {torch::kInt8, NumberType::i8},
      {torch::ScalarType::UInt64, NumberType::u64},
      {torch::ScalarType::UInt32, NumberType::u32},
      {torch::ScalarType::UInt16, NumberType::u16},
      {torch::kUInt8, NumberType::u8},
      {torch::kBool, NumberType::boolean},
  };
  std::vector<StoredTensor> stored;
  for (const auto& [name, tensor] : tensors) {
    const auto numbers = std::make_shared<const torch::Tensor>(tensor.detach().cpu().contiguous());
    StoredTensor one;
    one.name = name;
    one.type = types.at(numbers->scalar_type());
    one.shape = numbers->sizes().vec();
    one.data = {{static_cast<const std::byte*>(numbers->const_data_ptr()), numbers->nbytes()}, numbers};
    stored.push_back(std::move(one));
  }
  return write_safetensors(path, stored, metadata);
}

}  // namespace pinxit
