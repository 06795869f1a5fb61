// SPDX-License-Identifier: Apache-2.0
//
// Small checkpoints of every format, put together by hand from the formats' descriptions. The tests change them; the
// fuzz corpus (tests/fuzz) is made of them.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pinxit::samples {

template <class T>
std::string number(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof(T)};
}
template <class T>
std::string numbers(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// --- pickles (protocol 2) --------------------------------------------------------------------------------------------

inline std::string pickle(const std::string& code) {
  return "\x80\x02" + code + ".";
}
inline std::string text(std::string_view value) {
  return "X" + number(uint32_t(value.size())) + std::string(value);
}
inline std::string whole(int32_t value) {
  return "J" + number(value);
}
inline std::string tuple(const std::vector<int32_t>& values) {
  std::string code = "(";
  for (const int32_t value : values) code += whole(value);
  return code + "t";
}
inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline std::string storage(const std::string& type, const std::string& key, int32_t count) {
  return "(" + text("storage") + global("torch", type) + text(key) + text("cpu") + whole(count) + "tQ";
}
inline std::string tensor(const std::string& storage, int32_t offset, const std::vector<int32_t>& shape,
                          const std::vector<int32_t>& strides) {
  return global("torch._utils", "_rebuild_tensor_v2") + "(" + storage + whole(offset) + tuple(shape) + tuple(strides) +
         "\x89" + global("collections", "OrderedDict") + ")RtR";
}
inline std::string dict(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string code = "}(";
  for (const auto& [name, value] : members) code += text(name) + value;
  return code + "u";
}

/// a [2,3] = 1 … 6 of F32; its transpose; h [2] of F16 from place 1 of 3.
inline std::string small_state_dict() {
  const std::string floats = storage("FloatStorage", "0", 6), halves = storage("HalfStorage", "1", 3);
  return dict({{"a", tensor(floats, 0, {2, 3}, {3, 1})},
               {"turned", tensor(floats, 0, {3, 2}, {1, 3})},
               {"h", tensor(halves, 1, {2}, {1})}});
}
inline std::vector<float> small_floats() {
  return {1, 2, 3, 4, 5, 6};
}
inline std::vector<uint16_t> small_halves() {
  return {0, 0x3C00, 0xC000};
}  // 0, 1, -2

inline std::string legacy_header(bool little_endian = true) {
  return pickle("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") + pickle("M\xe9\x03") +
         pickle(dict({{"protocol_version", "M\xe9\x03"}, {"little_endian", little_endian ? "\x88" : "\x89"}}));
}
inline std::string legacy_keys(const std::vector<std::string>& keys) {
  std::string code = "](";
  for (const auto& key : keys) code += text(key);
  return pickle(code + "e");
}
inline std::string small_legacy() {
  return legacy_header() + pickle(small_state_dict()) + legacy_keys({"1", "0"}) + number(int64_t(3)) +
         numbers(small_halves()) + number(int64_t(6)) + numbers(small_floats());
}

// --- zip -------------------------------------------------------------------------------------------------------------

struct ZipRecord {
  std::string name, data;
  bool deflated = false;
};
inline std::string deflated(const std::string& data) {
  std::string out(compressBound(uLong(data.size())) + 64, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = uInt(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = uInt(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
/// `wide`: sizes and offsets in zip64's extra fields, as of archives beyond 4 GiB.
inline std::string zip(const std::vector<ZipRecord>& records, bool wide = false) {
  std::string out, directory;
  const auto short32 = [&](size_t value) { return number(wide ? 0xFFFFFFFFu : uint32_t(value)); };
  for (const ZipRecord& record : records) {
    const std::string packed = record.deflated ? deflated(record.data) : record.data;
    const auto crc = uint32_t(crc32(0, reinterpret_cast<const Bytef*>(record.data.data()), uInt(record.data.size())));
    const std::string facts = number(uint16_t(20)) + number(uint16_t(0)) + number(uint16_t(record.deflated ? 8 : 0)) +
                              number(uint32_t(0)) + number(crc);
    const std::string extra = wide ? number(uint16_t(1)) + number(uint16_t(24)) + number(uint64_t(record.data.size())) +
                                         number(uint64_t(packed.size())) + number(uint64_t(out.size()))
                                   : "";
    directory += "PK\1\2" + number(uint16_t(20)) + facts + short32(packed.size()) + short32(record.data.size()) +
                 number(uint16_t(record.name.size())) + number(uint16_t(extra.size())) + std::string(10, '\0') +
                 short32(out.size()) + record.name + extra;
    out += "PK\3\4" + facts + number(uint32_t(packed.size())) + number(uint32_t(record.data.size())) +
           number(uint16_t(record.name.size())) + number(uint16_t(0)) + record.name + packed;
  }
  const size_t at = out.size(), count = records.size();
  out += directory;
  if (wide) {
    const size_t end = out.size();
    out += "PK\6\6" + number(uint64_t(44)) + number(uint16_t(45)) + number(uint16_t(45)) + std::string(8, '\0') +
           number(uint64_t(count)) + number(uint64_t(count)) + number(uint64_t(directory.size())) +
           number(uint64_t(at)) + "PK\6\7" + number(uint32_t(0)) + number(uint64_t(end)) + number(uint32_t(1));
  }
  return out + "PK\5\6" + std::string(4, '\0') + number(uint16_t(count)) + number(uint16_t(count)) +
         short32(directory.size()) + short32(at) + number(uint16_t(0));
}
inline std::string small_zip(bool deflate = false, bool wide = false, const std::string& code = small_state_dict()) {
  return zip({{"net/data.pkl", pickle(code), deflate},
              {"net/byteorder", "little"},
              {"net/data/0", numbers(small_floats()), deflate},
              {"net/data/1", numbers(small_halves())}},
             wide);
}

// --- safetensors -----------------------------------------------------------------------------------------------------

inline std::string safetensors(std::string header, const std::string& data) {
  return number(uint64_t(header.size())) + header + data;
}
inline std::string small_safetensors() {
  return safetensors(R"({"__metadata__":{"made":"by hand"},"h":{"dtype":"F16","shape":[3],"data_offsets":[24,30]},)"
                     R"("a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}})",
                     numbers(small_floats()) + numbers(small_halves()));
}

// --- ONNX ------------------------------------------------------------------------------------------------------------

inline std::string varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}
inline std::string onnx_whole(int field, uint64_t value) {
  return varint(uint64_t(field) << 3) + varint(value);
}
inline std::string onnx_bytes(int field, const std::string& value) {
  return varint(uint64_t(field) << 3 | 2) + varint(value.size()) + value;
}
inline std::string onnx_model(const std::vector<std::string>& initialisers) {
  std::string graph = onnx_bytes(2, "graph");
  for (const auto& tensor : initialisers) graph += onnx_bytes(5, tensor);
  return onnx_whole(1, 8) + onnx_bytes(2, "by hand") + onnx_bytes(7, graph) + onnx_bytes(8, onnx_whole(2, 17));
}
inline std::string small_onnx() {
  const std::string raw = onnx_whole(1, 2) + onnx_whole(1, 3) + onnx_whole(2, 1) + onnx_bytes(8, "a") +
                          onnx_bytes(9, numbers(small_floats()));
  const std::string listed =
      onnx_bytes(1, varint(6)) + onnx_whole(2, 1) + onnx_bytes(4, numbers(small_floats())) + onnx_bytes(8, "listed");
  const std::string halves = onnx_whole(1, 3) + onnx_whole(2, 10) + onnx_bytes(5, varint(0) + varint(0x3C00)) +
                             onnx_whole(5, 0xC000) + onnx_bytes(8, "h");
  const std::string negative = onnx_whole(2, 7) + onnx_whole(7, uint64_t(-5)) + onnx_bytes(8, "number");
  return onnx_model({raw, listed, halves, negative});
}

// --- OpenVINO --------------------------------------------------------------------------------------------------------

/// Version 6: a convolution 3 → 2 with a 1×1 kernel and its scale and shift. Weights: 6 + 2 + 2 + 2 floats.
inline std::string small_ir_layers() {
  return R"(<?xml version="1.0" ?>
<net batch="1" name="small" version="6"><layers>
<layer id="0" name="input" precision="FP32" type="Input"><output><port id="0"><dim>1</dim><dim>3</dim></port></output></layer>
<layer id="1" name="c" precision="FP32" type="Convolution"><data group="1" kernel="1,1" output="2"/>
<input><port id="0"><dim>1</dim><dim>3</dim><dim>8</dim><dim>8</dim></port></input>
<blobs><weights offset="0" size="24"/><biases offset="24" size="8"/></blobs></layer>
<layer id="2" name="s" precision="FP32" type="ScaleShift"><blobs><weights offset="32" size="8"/><biases offset="40" size="8"/></blobs></layer>
</layers><edges><edge from-layer="0" to-layer="1"/></edges></net>
)";
}
inline std::string small_ir_weights() {
  return numbers<float>({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
}
/// Version 10: the same numbers as constants.
inline std::string small_ir10_layers() {
  return R"(<?xml version="1.0"?><net name="small" version="10"><layers>
<layer id="0" name="w" type="Const" version="opset1"><data element_type="f32" offset="0" shape="2, 3, 1, 1" size="24"/>
<output><port id="0" precision="FP32"><dim>2</dim><dim>3</dim><dim>1</dim><dim>1</dim></port></output></layer>
<layer id="1" name="n" type="Const"><data element_type="f32" offset="24" shape="" size="4"/></layer>
</layers></net>)";
}

// --- TensorFlow Lite -------------------------------------------------------------------------------------------------

/// Puts a flatbuffer together from front to back: what a field points to is appended later.
class Flat {
 public:
  std::string out = std::string(4, '\0') + "TFL3";

  /// A table with fields (index, bytes); gives the places of the fields, by index.
  std::vector<size_t> table(const std::vector<std::pair<int, int>>& fields) {
    align();
    int count = 0, size = 4;
    for (const auto& [index, bytes] : fields) count = std::max(count, index + 1);
    std::vector<uint16_t> offsets(size_t(count), 0);
    std::vector<size_t> places(size_t(count), 0);
    const size_t list = out.size();
    const size_t begin = (list + 4 + 2 * size_t(count) + 3) / 4 * 4;
    for (const auto& [index, bytes] : fields) {
      offsets[size_t(index)] = uint16_t(size);
      places[size_t(index)] = begin + size_t(size);
      size += bytes;
    }
    out += number(uint16_t(4 + 2 * count)) + number(uint16_t(size)) + numbers(offsets);
    align();
    out += number(int32_t(begin - list)) + std::string(size_t(size) - 4, '\0');
    last_table = begin;
    return places;
  }
  template <class T>
  void set(size_t place, T value) {
    std::memcpy(out.data() + place, &value, sizeof(T));
  }
  void point(size_t place, size_t target) { set(place, uint32_t(target - place)); }
  /// `place` points to a vector of these bytes.
  void vector(size_t place, size_t count, const std::string& bytes) {
    align();
    point(place, out.size());
    out += number(uint32_t(count)) + bytes;
  }
  /// `place` points to a vector of tables; gives the places of its items.
  std::vector<size_t> tables(size_t place, size_t count) {
    vector(place, count, std::string(4 * count, '\0'));
    std::vector<size_t> items;
    for (size_t i = 0; i < count; ++i) items.push_back(out.size() - 4 * (count - i));
    return items;
  }
  size_t last_table = 0;

 private:
  void align() { out.resize((out.size() + 3) / 4 * 4, '\0'); }
};

struct LiteTensor {
  std::string name;
  int type = 0;  ///< 0 F32, 1 F16, 2 I32, 9 I8
  std::vector<int32_t> shape;
  std::string data;  ///< empty: computed at run time
  std::vector<float> scales = {};
  std::vector<int64_t> zeros = {};
  int axis = 0;
};
inline std::string tflite(const std::vector<LiteTensor>& tensors, uint32_t version = 3) {
  Flat flat;
  const auto model = flat.table({{0, 4}, {2, 4}, {4, 4}});
  flat.point(0, flat.last_table);
  flat.set(model[0], version);
  const auto parts = flat.tables(model[2], 1);
  const auto part = flat.table({{0, 4}});
  flat.point(parts[0], flat.last_table);
  const auto list = flat.tables(part[0], tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    const LiteTensor& tensor = tensors[i];
    const auto fields = flat.table({{0, 4}, {2, 4}, {3, 4}, {4, 4}, {1, 1}});
    flat.point(list[i], flat.last_table);
    flat.set(fields[1], int8_t(tensor.type));
    flat.set(fields[2], uint32_t(i + 1));
    flat.vector(fields[0], tensor.shape.size(), numbers(tensor.shape));
    flat.vector(fields[3], tensor.name.size(), tensor.name);
    const auto quantised = flat.table({{2, 4}, {3, 4}, {6, 4}});
    flat.point(fields[4], flat.last_table);
    flat.set(quantised[6], int32_t(tensor.axis));
    flat.vector(quantised[2], tensor.scales.size(), numbers(tensor.scales));
    flat.vector(quantised[3], tensor.zeros.size(), numbers(tensor.zeros));
  }
  const auto buffers = flat.tables(model[4], tensors.size() + 1);
  for (size_t i = 0; i < buffers.size(); ++i) {
    const auto data = flat.table({{0, 4}});
    flat.point(buffers[i], flat.last_table);
    const std::string bytes = i ? tensors[i - 1].data : "";
    flat.vector(data[0], bytes.size(), bytes);
  }
  return flat.out;
}
inline std::string small_tflite() {
  return tflite({{"a", 0, {2, 3}, numbers(small_floats())},
                 {"h", 1, {3}, numbers(small_halves())},
                 {"w", 9, {2, 1, 1, 2}, numbers<int8_t>({1, -2, 3, -128}), {0.5f, 0.25f}, {0, 2}},
                 {"last axis", 9, {1, 2, 2}, numbers<int8_t>({1, 2, 3, 4}), {0.5f, 2}, {0, 0}, 2},
                 {"bias", 2, {2}, numbers<int32_t>({1000, -8}), {0.125f}, {0}},
                 {"sizes", 2, {2}, numbers<int32_t>({7, 9})},
                 {"picture", 9, {1, 8, 8, 3}, "", {0.01f}, {-128}}});
}

}  // namespace pinxit::samples
