// SPDX-License-Identifier: Apache-2.0
//
// ONNX: protobuf messages, of which only the path model → graph → initialisers is read; the rest is stepped over.
// A message is a row of fields: number · 8 + kind as a varint, then the value.
#include <algorithm>

#include "engine/importers/formats.h"
#include "engine/importers/held_bytes.h"

namespace pinxit {
namespace {

enum Kind : int { varint = 0, eight_bytes = 1, bytes = 2, four_bytes = 5 };

struct Field {
  uint64_t number = 0;
  int kind = varint;
  uint64_t value = 0;             ///< of a varint
  std::span<const std::byte> in;  ///< of the others
};

uint64_t read_varint(ByteReader& in) {
  uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    const auto byte = in.number<uint8_t>();
    if (shift == 63 && byte > 1) break;
    value |= uint64_t(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  unsound(_("a number in it is too long"));
}

Field read_field(ByteReader& in) {
  Field field;
  const uint64_t key = read_varint(in);
  field.number = key >> 3;
  field.kind = int(key & 7);
  if (field.number == 0) unsound(_("it is no ONNX model"));
  switch (field.kind) {
    case varint:
      field.value = read_varint(in);
      break;
    case eight_bytes:
      field.in = in.take(8);
      break;
    case four_bytes:
      field.in = in.take(4);
      break;
    case bytes:
      field.in = in.take(read_varint(in));
      break;
    default:
      unsound(_("it is no ONNX model"));
  }
  return field;
}

template <class OnField>
void each_field(std::span<const std::byte> message, OnField&& on_field) {
  for (ByteReader in(message); !in.done();) on_field(read_field(in));
}

/// A repeated number: one by one, or many packed into one field.
template <class OnNumber>
void each_varint(const Field& field, OnNumber&& on_number) {
  if (field.kind == varint) return on_number(field.value);
  if (field.kind != bytes) unsound(_("a list in it is of the wrong kind"));
  for (ByteReader in(field.in); !in.done();) on_number(read_varint(in));
}

NumberType number_type(uint64_t code, const std::string& name) {
  static constexpr std::pair<uint64_t, NumberType> known[] = {
      {1, NumberType::f32},   {2, NumberType::u8},       {3, NumberType::i8},      {4, NumberType::u16},
      {5, NumberType::i16},   {6, NumberType::i32},      {7, NumberType::i64},     {9, NumberType::boolean},
      {10, NumberType::f16},  {11, NumberType::f64},     {12, NumberType::u32},    {13, NumberType::u64},
      {16, NumberType::bf16}, {17, NumberType::f8_e4m3}, {19, NumberType::f8_e5m2}};
  for (const auto& [number, type] : known)
    if (number == code) return type;
  unread(_("the numbers of “%s” are of a type that is not read (%d)"), name.c_str(),
         int(std::min<uint64_t>(code, 999)));
}

/// The fields of a TensorProto that hold numbers, in all the ways they may be held.
struct Numbers {
  std::span<const std::byte> raw;
  bool has_raw = false, elsewhere = false;
  std::vector<std::byte> gathered;  ///< as they are, of float_data and double_data
  std::vector<uint64_t> whole;      ///< of int32_data, int64_data and uint64_data

  void take(const Field& field) {
    switch (field.number) {
      case 4:
      case 10:
        gathered.insert(gathered.end(), field.in.begin(), field.in.end());
        break;
      case 5:
      case 7:
      case 11:
        each_varint(field, [&](uint64_t value) { whole.push_back(value); });
        break;
      case 9:
        raw = field.in;
        has_raw = true;
        break;
      case 13:
        elsewhere = true;
        break;
      case 14:
        elsewhere |= field.value != 0;
        break;
      default:
        break;
    }
  }
  HeldBytes held(const HeldBytes& file, NumberType type) {
    if (has_raw) return {raw, file.owner};
    if (!whole.empty()) {
      const size_t size = number_size(type);
      gathered.resize(whole.size() * size);
      for (size_t i = 0; i < whole.size(); ++i) std::memcpy(gathered.data() + i * size, &whole[i], size);
    }
    return hold(std::move(gathered));
  }
};

StoredTensor read_tensor(const HeldBytes& file, std::span<const std::byte> message) {
  StoredTensor tensor;
  Numbers numbers;
  uint64_t code = 0;
  each_field(message, [&](const Field& field) {
    if (field.number == 1)
      each_varint(field, [&](uint64_t length) {
        if (tensor.shape.size() > 32) unsound(_("a tensor in it has too many dimensions"));
        tensor.shape.push_back(int64_t(length));
      });
    else if (field.number == 2)
      code = field.value;
    else if (field.number == 8)
      tensor.name = as_text(field.in);
    else
      numbers.take(field);
  });
  const std::string name = fit_for_print(tensor.name);
  if (numbers.elsewhere) unread(_("the weights are in another file beside it, which is not read"));
  tensor.type = number_type(code, name);
  tensor.data = numbers.held(file, tensor.type);
  if (uint64_t(checked_count(tensor.name, tensor.shape, tensor.type)) * number_size(tensor.type) != tensor.data.size())
    unsound(_("the data of “%s” does not have the size of its shape"), name.c_str());
  return tensor;
}

constexpr uint64_t graph_field = 7, initialiser_field = 5;

}  // namespace

bool looks_like_onnx(const HeldBytes& file) {
  constexpr uint64_t last_known_field = 26;
  bool has_graph = false, sound = true;
  try {
    each_field(file.view, [&](const Field& field) {
      sound &= field.number <= last_known_field;
      has_graph |= field.number == graph_field && field.kind == bytes;
    });
  } catch (const Unsound&) {
    // Cut in the middle of the graph, it still begins as a model does: version of the format, then the maker.
    return file.size() > 2 && file.view[0] == std::byte(0x08) && file.view[1] < std::byte(0x20) &&
           file.view[2] == std::byte(0x12);
  }
  return has_graph && sound;
}

Tensors read_onnx(const HeldBytes& file) {
  Tensors tensors;
  each_field(file.view, [&](const Field& model) {
    if (model.number != graph_field || model.kind != bytes) return;
    each_field(model.in, [&](const Field& graph) {
      if (graph.number == initialiser_field && graph.kind == bytes) tensors.push_back(read_tensor(file, graph.in));
    });
  });
  if (tensors.empty()) unread(_("there are no tensors in it"));
  return tensors;
}

}  // namespace pinxit
