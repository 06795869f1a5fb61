// SPDX-License-Identifier: Apache-2.0
#include "engine/importers/pytorch_host.h"
#include "tests/fuzz/fuzzed.h"

using namespace pinxit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const HeldBytes file = fuzzed::held(data, size);
  fuzzed::reading([&] { fuzzed::use(read_pytorch_legacy(file), size); });
  fuzzed::reading([&] { parse_vocabulary(file); });
  // The list of tensors of a zip archive, whose checksum would keep changes out.
  return fuzzed::reading([&] {
    PickleValues values;
    PytorchHost host;
    ByteReader in(file.view);
    const PickleRef top = read_pickle(in, host, values);
    for (PytorchStorage& storage : host.storages) {
      if (storage.byte_count() > 4096) return;
      storage.data = hold(std::vector<std::byte>(storage.byte_count()));
    }
    fuzzed::use(host.tensors_of(values, top), size);
  });
}
