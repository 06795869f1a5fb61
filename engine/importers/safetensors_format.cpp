// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/base/safetensors_header.h"
#include "engine/importers/formats.h"
#include "engine/importers/held_bytes.h"

namespace pinxit {

Tensors read_safetensors(const HeldBytes& file, std::map<std::string, std::string>& metadata) {
  SafetensorsHeader header;
  try {
    header = read_safetensors_header(as_text(file.view));
  } catch (const BrokenSafetensors& rule) {
    throw Unsound(rule.what());
  }
  metadata = std::move(header.metadata);
  Tensors tensors;
  for (SafetensorsEntry& entry : header.entries) {
    StoredTensor tensor;
    tensor.name = std::move(entry.name);
    tensor.type = entry.type;
    tensor.shape = std::move(entry.shape);
    tensor.data = file.part(header.data + size_t(entry.begin), size_t(entry.end - entry.begin));
    if (tensor.type == NumberType::boolean && std::any_of(tensor.data.view.begin(), tensor.data.view.end(),
                                                          [](std::byte value) { return value > std::byte(1); }))
      unsound(_("“%s” holds truth values other than 0 and 1"), fit_for_print(tensor.name).c_str());
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

}  // namespace pinxit
