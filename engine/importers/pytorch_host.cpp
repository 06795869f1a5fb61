// SPDX-License-Identifier: Apache-2.0
#include "engine/importers/pytorch_host.h"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_set>

namespace pinxit {
namespace {

enum Global : int64_t { ordered_dict_type, rebuild, rebuild_v2, rebuild_parameter, storage_type };
enum Foreign : int64_t { storage_value, tensor_value };  // `whole` of host values: index · 2 + Foreign

struct StorageType {
  std::string_view name;
  NumberType type;
};
constexpr StorageType storage_types[] = {
    {"FloatStorage", NumberType::f32},    {"HalfStorage", NumberType::f16}, {"BFloat16Storage", NumberType::bf16},
    {"DoubleStorage", NumberType::f64},   {"LongStorage", NumberType::i64}, {"IntStorage", NumberType::i32},
    {"ShortStorage", NumberType::i16},    {"CharStorage", NumberType::i8},  {"ByteStorage", NumberType::u8},
    {"BoolStorage", NumberType::boolean},
};

[[noreturn]] void wrong_arguments() {
  unsound(_("its pickle describes a tensor in a way that makes no sense"));
}

const PickleValue& argument(const PickleValues& values, const PickleValue& tuple, size_t index, PickleKind kind) {
  if (index >= tuple.items.size() || values[tuple.items[index]].kind != kind) wrong_arguments();
  return values[tuple.items[index]];
}

std::vector<int64_t> lengths(const PickleValues& values, const PickleValue& tuple) {
  std::vector<int64_t> all;
  for (const PickleRef item : tuple.items) {
    if (values[item].kind != PickleKind::whole || values[item].whole < 0) wrong_arguments();
    all.push_back(values[item].whole);
  }
  return all;
}

// A pickle may refer to one value again and again; what is copied has its limits here, far above any published net's.
constexpr size_t pair_limit = 2'000'000;
constexpr size_t tensor_limit = 200'000;
constexpr size_t name_limit = 1000;               // bytes
constexpr size_t names_limit = size_t(32) << 20;  // bytes of all names together

[[noreturn]] void too_many() {
  unsound(_("its pickle has more values than can be true"));
}

std::string key_text(const PickleValue& key) {
  if (key.kind == PickleKind::text && key.text.size() <= name_limit) return std::string(key.text);
  if (key.kind == PickleKind::whole) return std::to_string(key.whole);
  unsound(_("a tensor in it has no name, or too long a one"));
}

}  // namespace

PickleValue PytorchHost::global(std::string_view module, std::string_view name) {
  const auto known = [](int64_t which) { return PickleValue{PickleKind::global, which}; };
  if (module == "collections" && name == "OrderedDict") return known(ordered_dict_type);
  if (module == "torch._utils") {
    if (name == "_rebuild_tensor") return known(rebuild);
    if (name == "_rebuild_tensor_v2") return known(rebuild_v2);
    if (name == "_rebuild_parameter") return known(rebuild_parameter);
  }
  if (module == "torch" && name.ends_with("Storage")) {
    for (const StorageType& type : storage_types)
      if (type.name == name) return known(storage_type + int64_t(type.type));
    unread(_("its numbers are of the type “torch.%s”, which is not read"), fit_for_print(name).c_str());
  }
  if (module.starts_with("torch.nn.") || module.starts_with("__torch__") || module == "__main__")
    throw Unread(format_text(_("it holds a whole program object (“%s.%s”) instead of weights; nothing of it was run"),
                             fit_for_print(module).c_str(), fit_for_print(name).c_str()),
                 _("In PyTorch, save the weights alone: torch.save(net.state_dict(), …)."));
  return PickleHost::global(module, name);
}

PickleRef PytorchHost::call(PickleValues& values, PickleRef callee, PickleRef arguments) {
  switch (values[callee].whole) {
    case ordered_dict_type:
      return ordered_dict(values, values[arguments]);
    case rebuild:
    case rebuild_v2:
      return rebuild_tensor(values, values[arguments]);
    case rebuild_parameter: {
      const auto& items = values[arguments].items;
      if (items.empty() || !is_tensor(values[items[0]])) wrong_arguments();
      return items[0];
    }
    default:
      unread(_("it makes storages by itself instead of referring to its own; nothing of it was run"));
  }
}

void PytorchHost::build(PickleValues& values, PickleRef object, PickleRef) {
  // state_dict() hangs a “_metadata” on its OrderedDict. What it says is of no use here.
  if (values[object].kind != PickleKind::dict) PickleHost::build(values, object, object);
}

/// Python 2 writes the items as a list of pairs, Python 3 an empty tuple.
PickleRef PytorchHost::ordered_dict(PickleValues& values, const PickleValue& arguments) {
  PickleValue dict{PickleKind::dict};
  if (arguments.items.size() > 1) wrong_arguments();
  if (!arguments.items.empty()) {
    const std::vector<PickleRef>& pairs = argument(values, arguments, 0, PickleKind::list).items;
    if ((pairs_ += pairs.size()) > pair_limit) too_many();
    for (const PickleRef pair : pairs) {
      const PickleValue& two = values[pair];
      if ((two.kind != PickleKind::list && two.kind != PickleKind::tuple) || two.items.size() != 2) wrong_arguments();
      dict.items.insert(dict.items.end(), two.items.begin(), two.items.end());
    }
  }
  return values.add(std::move(dict));
}

/// ('storage', type, key, place, count[, (view key, offset, count)])
PickleRef PytorchHost::persistent(PickleValues& values, PickleRef id) {
  const PickleValue& tuple = values[id];
  if (tuple.kind != PickleKind::tuple || tuple.items.empty()) wrong_arguments();
  const std::string_view what = argument(values, tuple, 0, PickleKind::text).text;
  if (what == "module")
    throw Unread(_("it holds a whole program object instead of weights; nothing of it was run"),
                 _("In PyTorch, save the weights alone: torch.save(net.state_dict(), …)."));
  const int64_t type = argument(values, tuple, 1, PickleKind::global).whole - storage_type;
  if (what != "storage" || type < 0) wrong_arguments();
  PytorchStorage storage;
  storage.type = NumberType(type);
  storage.key = argument(values, tuple, 2, PickleKind::text).text;
  storage.count = argument(values, tuple, 4, PickleKind::whole).whole;
  if (storage.count < 0) wrong_arguments();
  checked_count(storage.key, {storage.count}, storage.type);
  if (tuple.items.size() > 5 && values[tuple.items[5]].kind != PickleKind::none)
    unread(_("its storages are parts of other storages, as PyTorch 0.1 wrote them"));
  const auto [found, is_new] = by_key_.emplace(storage.key, storages.size());
  if (is_new)
    storages.push_back(storage);
  else if (storages[found->second].type != storage.type || storages[found->second].count != storage.count)
    unsound(_("its pickle describes a storage in two ways"));
  return values.add({PickleKind::host, int64_t(found->second) * 2 + storage_value});
}

/// (storage, offset, shape, strides, …)
PickleRef PytorchHost::rebuild_tensor(PickleValues& values, const PickleValue& arguments) {
  const PickleValue& storage = argument(values, arguments, 0, PickleKind::host);
  if (storage.whole % 2 != storage_value) wrong_arguments();
  View view;
  view.storage = size_t(storage.whole / 2);
  view.offset = argument(values, arguments, 1, PickleKind::whole).whole;
  view.shape = lengths(values, argument(values, arguments, 2, PickleKind::tuple));
  view.strides = lengths(values, argument(values, arguments, 3, PickleKind::tuple));
  if (view.offset < 0 || view.shape.size() != view.strides.size()) wrong_arguments();
  const PytorchStorage& numbers = storages[view.storage];
  const int64_t count = checked_count(numbers.key, view.shape, numbers.type);
  int64_t last = view.offset;  // the largest place that is read
  for (size_t d = 0; d < view.shape.size() && count > 0; ++d) {
    int64_t step = 0;
    if (__builtin_mul_overflow(view.shape[d] - 1, view.strides[d], &step) || __builtin_add_overflow(last, step, &last))
      wrong_arguments();
  }
  if (count > 0 ? last >= numbers.count : view.offset > numbers.count)
    unsound(_("a tensor in it reaches beyond its storage"));
  if (views_.size() == tensor_limit) too_many();
  views_.push_back(std::move(view));
  return values.add({PickleKind::host, int64_t(views_.size() - 1) * 2 + tensor_value});
}

bool PytorchHost::is_tensor(const PickleValue& value) const {
  return value.kind == PickleKind::host && value.whole % 2 == tensor_value;
}

StoredTensor PytorchHost::tensor(std::string name, const View& view) const {
  const PytorchStorage& storage = storages[view.storage];
  StoredTensor tensor{std::move(name), storage.type, view.shape, view.strides, {}};
  int64_t stride = 1;
  bool row_major = true;
  for (size_t d = view.shape.size(); d-- > 0; stride *= view.shape[d])
    row_major &= view.shape[d] == 1 || view.strides[d] == stride;
  if (row_major || tensor.count() == 0) tensor.strides.clear();
  const size_t begin = size_t(view.offset) * number_size(storage.type);
  tensor.data = storage.data.part(begin, storage.data.size() - begin);
  return tensor;
}

Tensors PytorchHost::tensors_of(const PickleValues& values, PickleRef top) const {
  static constexpr std::string_view usual[] = {"state_dict", "model_state_dict", "model",     "net",
                                               "params_ema", "params",           "generator", "netG"};
  constexpr int depth_limit = 8;
  std::set<PickleRef> seen;
  size_t collected = 0, name_bytes = 0;
  const auto count = [&](const std::string& name) {
    if (name.size() > name_limit) unsound(_("a tensor in it has no name, or too long a one"));
    if ((name_bytes += name.size()) > names_limit) too_many();
  };
  // A dict's own tensors, else those of its dict of the usual name, else those of all its dicts under joined names.
  const auto collect = [&](const auto& self, PickleRef ref, int depth) -> Tensors {
    const PickleValue& dict = values[ref];
    Tensors found;
    if (dict.kind != PickleKind::dict || depth == depth_limit || !seen.insert(ref).second) return found;
    const auto entries = [&](auto&& use) {
      for (size_t i = 0; i + 1 < dict.items.size(); i += 2) use(values[dict.items[i]], dict.items[i + 1]);
    };
    for (const std::string_view name : usual) {
      entries([&](const PickleValue& key, PickleRef value) {
        if (found.empty() && key.kind == PickleKind::text && key.text == name) found = self(self, value, depth + 1);
      });
      if (!found.empty()) return found;
    }
    std::unordered_set<std::string> names;
    entries([&](const PickleValue& key, PickleRef value) {
      if (!is_tensor(values[value])) return;
      std::string name = key_text(key);
      if (!names.insert(name).second) unsound(_("the name “%s” occurs twice in it"), fit_for_print(name).c_str());
      count(name);
      if (++collected > tensor_limit) too_many();
      found.push_back(tensor(std::move(name), views_[size_t(values[value].whole / 2)]));
    });
    if (!found.empty()) return found;
    entries([&](const PickleValue& key, PickleRef value) {
      if (key.kind == PickleKind::text && key.text.starts_with("optim")) return;
      for (StoredTensor& inner : self(self, value, depth + 1)) {
        inner.name = key_text(key) + "." + inner.name;
        count(inner.name);
        found.push_back(std::move(inner));
      }
    });
    return found;
  };
  Tensors tensors = collect(collect, top, 0);
  if (tensors.empty()) unread(_("there are no tensors in it"));
  return tensors;
}

}  // namespace pinxit
