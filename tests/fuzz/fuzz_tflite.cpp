// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzzed.h"

using namespace pinxit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return fuzzed::reading([&] { fuzzed::use(read_tflite(fuzzed::held(data, size)), size); });
}
