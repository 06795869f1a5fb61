// SPDX-License-Identifier: Apache-2.0
//
// What PyTorch's pickles may ask for, and nothing else: OrderedDict, the three functions that make a tensor of a
// storage, and storage types inside a reference to a storage. No function is called: `call` keeps their arguments.
//
//     PickleValues values;
//     PytorchHost host;
//     const PickleRef top = read_pickle(in, host, values);
//     for (PytorchStorage& storage : host.storages) storage.data = bytes_of(storage.key);  // the caller's
//     return host.tensors_of(values, top);
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "engine/importers/formats.h"
#include "engine/importers/pickle.h"

namespace pinxit {

struct PytorchStorage {
  std::string_view key;
  NumberType type = NumberType::f32;
  int64_t count = 0;  ///< numbers, as the pickle states it
  HeldBytes data;     ///< the caller's to fill: exactly `count` numbers
  uint64_t byte_count() const { return uint64_t(count) * number_size(type); }
};

class PytorchHost : public PickleHost {
 public:
  PickleValue global(std::string_view module, std::string_view name) override;
  PickleRef call(PickleValues& values, PickleRef callee, PickleRef arguments) override;
  PickleRef persistent(PickleValues& values, PickleRef id) override;
  void build(PickleValues& values, PickleRef object, PickleRef state) override;

  std::vector<PytorchStorage> storages;
  /// The tensors of a dict, or of the dict inside it that is the list of weights; what is no tensor is passed over.
  /// Names are unique, at most 1000 bytes long.
  Tensors tensors_of(const PickleValues& values, PickleRef top) const;

 private:
  struct View {
    size_t storage = 0;
    int64_t offset = 0;
    std::vector<int64_t> shape, strides;
  };
  PickleRef ordered_dict(PickleValues& values, const PickleValue& arguments);
  PickleRef rebuild_tensor(PickleValues& values, const PickleValue& arguments);
  bool is_tensor(const PickleValue& value) const;
  StoredTensor tensor(std::string name, const View& view) const;

  std::vector<View> views_;
  std::unordered_map<std::string_view, size_t> by_key_;
  size_t pairs_ = 0;  ///< copied into OrderedDicts so far
};

}  // namespace pinxit
