// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzzed.h"

using namespace pinxit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzzed::reading([&] {
    std::map<std::string, std::string> metadata;
    fuzzed::use(read_safetensors(fuzzed::held(data, size), metadata), size);
  });
}
