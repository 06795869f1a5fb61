// SPDX-License-Identifier: Apache-2.0
#include "engine/client/cli/tensor_file.h"

#include <cstring>

#include "engine/base/safetensors_header.h"

namespace pinxit {

std::string tensor_file(const std::string& name, SrgbView picture) {
  const size_t pixels = size_t(picture.width) * size_t(picture.height);
  std::string file = safetensors_head({{name, NumberType::f32, {3, picture.height, picture.width}}});
  const size_t head = file.size();
  file.resize(head + 3 * pixels * sizeof(float));
  char* to = file.data() + head;
  for (size_t channel = 0; channel < 3; ++channel)
    for (size_t i = 0; i < pixels; ++i, to += sizeof(float))
      std::memcpy(to, picture.data + 4 * i + channel, sizeof(float));
  return file;
}

}  // namespace pinxit
