// SPDX-License-Identifier: Apache-2.0
//
// TensorFlow Lite: a flatbuffer (schema of tensorflow/lite, version 3). Tables begin with the distance back to their
// list of field offsets; vectors and texts begin with their length; every offset is relative to its own place.
#include <algorithm>
#include <optional>

#include "engine/importers/formats.h"
#include "engine/importers/held_bytes.h"

namespace pinxit {
namespace {

constexpr size_t longest_name = 1000, most_tensors = 1'000'000;

/// A place in the flatbuffer. Every read is checked against its end.
class Place {
 public:
  Place(const HeldBytes& file, uint64_t at) : file_(&file), at_(at) {}
  template <class T>
  T number(uint64_t beyond = 0) const {
    if (at_ > file_->size()) unsound(_("an offset in it lies beyond its end"));
    ByteReader in(file_->view.subspan(size_t(at_)));
    in.take(beyond);
    return in.number<T>();
  }
  Place followed(uint64_t beyond = 0) const { return {*file_, at_ + beyond + number<uint32_t>(beyond)}; }

  /// Fields of a table.
  std::optional<Place> field(int index) const {
    const int64_t fields = int64_t(at_) - number<int32_t>();
    if (fields < 0) unsound(_("an offset in it lies beyond its end"));
    const Place list(*file_, uint64_t(fields));
    const uint64_t slot = 4 + 2 * uint64_t(index);
    if (slot + 2 > list.number<uint16_t>()) return std::nullopt;
    const auto offset = list.number<uint16_t>(slot);
    if (offset == 0) return std::nullopt;
    return Place(*file_, at_ + offset);
  }
  template <class T>
  T scalar(int index, T otherwise) const {
    const auto place = field(index);
    return place ? place->number<T>() : otherwise;
  }
  std::optional<Place> child(int index) const {
    const auto place = field(index);
    return place ? std::optional(place->followed()) : std::nullopt;
  }

  /// Items of a vector of `size` bytes each.
  HeldBytes items(size_t size) const {
    const uint64_t length = number<uint32_t>() * uint64_t(size);
    if (length > file_->size() - at_ - 4) unsound(_("a list in it reaches beyond its end"));
    return file_->part(size_t(at_) + 4, size_t(length));
  }
  template <class T>
  std::vector<T> numbers(uint64_t most) const {
    const HeldBytes bytes = items(sizeof(T));
    if (bytes.size() / sizeof(T) > most) unsound(_("a list in it is too long"));
    std::vector<T> all(bytes.size() / sizeof(T));
    if (!all.empty()) std::memcpy(all.data(), bytes.view.data(), bytes.size());
    return all;
  }
  std::vector<Place> tables() const {
    std::vector<Place> all;
    const size_t count = items(4).size() / 4;
    for (size_t i = 0; i < count; ++i) all.push_back(Place(*file_, at_ + 4 + 4 * i).followed());
    return all;
  }

 private:
  const HeldBytes* file_;
  uint64_t at_;
};

std::optional<NumberType> number_type(int code, const std::string& name) {
  switch (code) {
    case 0:
      return NumberType::f32;
    case 1:
      return NumberType::f16;
    case 2:
      return NumberType::i32;
    case 3:
      return NumberType::u8;
    case 4:
      return NumberType::i64;
    case 5:  // texts are no weights
      return std::nullopt;
    case 6:
      return NumberType::boolean;
    case 7:
      return NumberType::i16;
    case 9:
      return NumberType::i8;
    case 10:
      return NumberType::f64;
    case 12:
      return NumberType::u64;
    case 15:
      return NumberType::u32;
    case 16:
      return NumberType::u16;
    case 18:
      return NumberType::bf16;
    default:
      unread(_("the numbers of “%s” are of a type that is not read (%d)"), name.c_str(), code);
  }
}

int32_t whole(const std::byte* at, NumberType type) {
  const auto as = [&]<class T>(T) {
    T value;
    std::memcpy(&value, at, sizeof(T));
    return int32_t(value);
  };
  switch (type) {
    case NumberType::i8:
      return as(int8_t());
    case NumberType::u8:
      return as(uint8_t());
    case NumberType::i16:
      return as(int16_t());
    default:
      return as(int32_t());
  }
}

/// real = (whole - zero point) · scale, with one scale for all, or one for each index along `axis`.
void dequantise(StoredTensor& tensor, const std::vector<float>& scales, const std::vector<int64_t>& zeros, int axis) {
  const std::string name = fit_for_print(tensor.name);
  const size_t size = number_size(tensor.type), count = size_t(tensor.count());
  int64_t inner = 1;  // numbers that share an index along the axis, without a gap
  if (scales.size() > 1) {
    if (axis < 0 || size_t(axis) >= tensor.shape.size() || tensor.shape[size_t(axis)] != int64_t(scales.size()))
      unsound(_("the scales of “%s” do not fit its shape"), name.c_str());
    for (size_t d = size_t(axis) + 1; d < tensor.shape.size(); ++d) inner *= tensor.shape[d];
  }
  if (zeros.size() > 1 && zeros.size() != scales.size())
    unsound(_("the scales of “%s” do not fit its shape"), name.c_str());
  std::vector<std::byte> real(count * sizeof(float));
  for (size_t i = 0; i < count; ++i) {
    const size_t channel = scales.size() > 1 ? i / size_t(inner) % scales.size() : 0;
    const int64_t zero = zeros.empty() ? 0 : zeros[zeros.size() > 1 ? channel : 0];
    if (zero < INT32_MIN || zero > INT32_MAX) unsound(_("the scales of “%s” make no sense"), name.c_str());
    const float value = float(whole(tensor.data.view.data() + i * size, tensor.type) - zero) * scales[channel];
    std::memcpy(real.data() + i * sizeof(float), &value, sizeof(float));
  }
  tensor.type = NumberType::f32;
  tensor.data = hold(std::move(real));
}

bool quantisable(NumberType type) {
  return type == NumberType::i8 || type == NumberType::u8 || type == NumberType::i16 || type == NumberType::i32;
}

/// A tensor that has numbers in the file, which only weights and other constants have.
std::optional<StoredTensor> read_tensor(const Place& table, const std::vector<Place>& buffers) {
  const auto buffer = table.scalar<uint32_t>(2, 0);
  if (buffer >= buffers.size()) unsound(_("a tensor in it has a buffer that is not there"));
  if (buffers[buffer].scalar<uint64_t>(1, 0) > 1) unread(_("its weights lie behind the model, which is not read"));
  const auto data = buffers[buffer].child(0);
  if (!data) return std::nullopt;
  StoredTensor tensor;
  tensor.data = data->items(1);
  if (tensor.data.size() == 0) return std::nullopt;
  if (const auto name = table.child(3)) tensor.name = as_text(name->items(1).view);
  if (tensor.name.size() > longest_name) unsound(_("a name in it is too long"));
  const std::string printed = fit_for_print(tensor.name);
  const auto type = number_type(table.scalar<int8_t>(1, 0), printed);
  if (!type) return std::nullopt;
  tensor.type = *type;
  if (const auto shape = table.child(0))
    for (const int32_t length : shape->numbers<int32_t>(32)) tensor.shape.push_back(length);
  if (table.child(6)) unread(_("“%s” is stored as a sparse tensor, which is not read"), printed.c_str());
  const int64_t count = checked_count(tensor.name, tensor.shape, tensor.type);
  if (uint64_t(count) * number_size(tensor.type) != tensor.data.size())
    unsound(_("the data of “%s” does not have the size of its shape"), printed.c_str());
  const auto quantised = table.child(4);
  const auto scale = quantised ? quantised->child(2) : std::nullopt;
  const auto scales = scale ? scale->numbers<float>(uint64_t(count) + 1) : std::vector<float>();
  if (!scales.empty() && quantisable(tensor.type)) {
    if (quantised->scalar<uint8_t>(4, 0) != 0) unread(_("“%s” is packed in a way that is not read"), printed.c_str());
    const auto zero = quantised->child(3);
    dequantise(tensor, scales, zero ? zero->numbers<int64_t>(scales.size()) : std::vector<int64_t>(),
               quantised->scalar<int32_t>(6, 0));
  }
  return tensor;
}

}  // namespace

Tensors read_tflite(const HeldBytes& file) {
  const Place model = Place(file, 0).followed();
  if (model.scalar<uint32_t>(0, 0) != 3) unread(_("its version of TensorFlow Lite's format is not known"));
  const auto parts = model.child(2), buffer_list = model.child(4);
  if (!parts || !buffer_list) unread(_("there are no tensors in it"));
  const auto buffers = buffer_list->tables();
  Tensors tensors;
  uint64_t bytes = 0, seen = 0;
  for (const Place& part : parts->tables()) {
    const auto list = part.child(0);
    if (!list) continue;
    const auto tables = list->tables();
    seen += 1 + tables.size();
    if (seen > most_tensors) unsound(_("it has more tensors than can be true"));
    for (const Place& table : tables) {
      auto tensor = read_tensor(table, buffers);
      if (!tensor) continue;
      bytes += tensor->data.size();
      if (bytes / 8 > file.size()) unsound(_("its tensors share their data in a way that cannot be true"));
      tensors.push_back(std::move(*tensor));
    }
  }
  if (tensors.empty()) unread(_("there are no tensors in it"));
  return tensors;
}

}  // namespace pinxit
