// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzzed.h"

using namespace pinxit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<uint8_t> numbers(4096, 1);
  return fuzzed::reading([&] {
    const HeldBytes layers = fuzzed::held(data, size);
    (void)openvino_weights_size(layers);
    fuzzed::use(read_openvino(layers, fuzzed::held(numbers.data(), numbers.size())), numbers.size());
  });
}
