// SPDX-License-Identifier: Apache-2.0
//
// safetensors, ONNX, OpenVINO and TensorFlow Lite from files made by hand; writing; and for all formats: no cut and no
// changed byte makes the readers give other tensors than the whole file has, or worse.
#include <sys/resource.h>

#include <csignal>

#include "tests/unit/importers_desk.h"

namespace pinxit {
namespace {

using namespace samples;

class importers_formats : public importers_desk {};

TEST_F(importers_formats, safetensors) {
  const auto file = read("named.wrongly", small_safetensors());
  ASSERT_TRUE(file) << file.error().sentence;
  EXPECT_EQ(file->format, "safetensors");
  EXPECT_EQ(file->metadata.at("made"), "by hand");
  EXPECT_EQ(floats_of(file, "a"), small_floats());
  EXPECT_EQ(floats_of(file, "h"), (std::vector<float>{0, 1, -2}));
  expect_refused(read("x", safetensors(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", "12345678")),
                 "size of its shape", "size");
  expect_refused(read("x", safetensors(R"({"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})", "\2")),
                 "truth values", "bool");
}

TEST_F(importers_formats, onnx) {
  const auto file = read("net.onnx", small_onnx());
  ASSERT_TRUE(file) << file.error().sentence;
  EXPECT_EQ(file->format, "onnx");
  EXPECT_EQ(file->find("a")->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(floats_of(file, "a"), small_floats());
  EXPECT_EQ(floats_of(file, "listed"), small_floats());
  EXPECT_EQ(floats_of(file, "h"), (std::vector<float>{0, 1, -2}));
  EXPECT_EQ(floats_of(file, "number"), (std::vector<float>{-5}));
  const std::string named = onnx_bytes(8, "w"), four = onnx_bytes(9, "1234");
  expect_refused(read("x", onnx_model({})), "no tensors", "none");
  expect_refused(read("x", onnx_model({onnx_whole(2, 8) + named})), "“w” are of a type", "text");
  expect_refused(read("x", onnx_model({onnx_whole(2, 14) + named + four})), "type", "complex");
  expect_refused(read("x", onnx_model({onnx_whole(1, 2) + onnx_whole(2, 1) + named + four})), "size of its shape", "2");
  expect_refused(read("x", onnx_model({onnx_whole(1, uint64_t(-1)) + onnx_whole(2, 1) + named})), "negative", "-1");
  expect_refused(read("x", onnx_model({onnx_whole(2, 1) + named + onnx_whole(14, 1)})), "another file", "external");
  std::string many;
  for (int i = 0; i < 40; ++i) many += onnx_whole(1, 1);
  expect_refused(read("x", onnx_model({many + onnx_whole(2, 1) + named + four})), "dimensions", "dimensions");
}

TEST_F(importers_formats, tflite) {
  const auto file = read("net.bytes", small_tflite());
  ASSERT_TRUE(file) << file.error().sentence;
  EXPECT_EQ(file->format, "tflite");
  EXPECT_EQ(file->tensors.size(), 6u);  // not the picture
  EXPECT_EQ(floats_of(file, "a"), small_floats());
  EXPECT_EQ(file->find("h")->type, NumberType::f16);
  EXPECT_EQ(file->find("w")->type, NumberType::f32);
  EXPECT_EQ(file->find("w")->shape, (std::vector<int64_t>{2, 1, 1, 2}));
  EXPECT_EQ(floats_of(file, "w"), (std::vector<float>{0.5f, -1, 0.25f, -32.5f}));
  EXPECT_EQ(floats_of(file, "last axis"), (std::vector<float>{0.5f, 4, 1.5f, 8}));
  EXPECT_EQ(floats_of(file, "bias"), (std::vector<float>{125, -1}));
  EXPECT_EQ(file->find("sizes")->type, NumberType::i32);
  const std::string four(4, '\1');
  expect_refused(read("x", tflite({{"w", 0, {1}, four}}, 2)), "version", "version");
  expect_refused(read("x", tflite({{"w", 0, {2}, four}})), "size of its shape", "size");
  expect_refused(read("x", tflite({{"w", 0, {-1}, four}})), "negative", "negative");
  expect_refused(read("x", tflite({{"w", 8, {1}, four + four}})), "type", "complex");
  expect_refused(read("x", tflite({{"w", 9, {4}, four, {1, 2}, {0, 0}}})), "scales", "scales");
  expect_refused(read("x", tflite({{"w", 9, {4}, four, {1, 2, 3, 4}, {}, 1}})), "scales", "axis");
  expect_refused(read("x", tflite({{"w", 0, {1}, four}, {"w", 0, {1}, four}})), "twice", "twice");
  expect_refused(read("x", tflite({{"p", 0, {1}, ""}})), "no tensors", "none");
}

TEST_F(importers_formats, openvino_finds_its_other_half) {
  const std::string xml = put("small.xml", small_ir_layers()), bin = put("small.bin", small_ir_weights());
  for (const std::string& path : {xml, bin}) {
    const auto file = read_checkpoint(path);
    ASSERT_TRUE(file) << file.error().sentence;
    EXPECT_EQ(file->format, "openvino");
    EXPECT_EQ(file->find("c.weight")->shape, (std::vector<int64_t>{2, 3, 1, 1}));
    EXPECT_EQ(floats_of(file, "c.weight"), small_floats());
    EXPECT_EQ(floats_of(file, "c.bias"), (std::vector<float>{7, 8}));
    EXPECT_EQ(floats_of(file, "s.weight"), (std::vector<float>{9, 10}));
    EXPECT_EQ(floats_of(file, "s.bias"), (std::vector<float>{11, 12}));
  }
  // Several weights share one list of layers, as openrtist's do.
  std::filesystem::rename(bin, folder / "night.bin");
  EXPECT_TRUE(read_checkpoint(xml));
  EXPECT_EQ(floats_of(read_checkpoint(folder / "night.bin"), "c.bias"), (std::vector<float>{7, 8}));
  put("day.bin", small_ir_weights());
  expect_refused(read_checkpoint(xml), "several", "two .bin");
  EXPECT_TRUE(read_checkpoint(folder / "day.bin"));
  expect_refused(read("longer.bin", small_ir_weights() + "x"), "missing beside it", "too long");
  put("copy.xml", small_ir_layers());
  expect_refused(read_checkpoint(folder / "day.bin"), "missing beside it", "two .xml fit");
  put("day.xml", small_ir_layers());
  EXPECT_TRUE(read_checkpoint(folder / "day.bin"));
}

TEST_F(importers_formats, openvino_constants_and_lies) {
  put("n.bin", small_ir_weights());
  const auto file = read("n.xml", small_ir10_layers());
  ASSERT_TRUE(file) << file.error().sentence;
  EXPECT_EQ(file->find("w")->shape, (std::vector<int64_t>{2, 3, 1, 1}));
  EXPECT_EQ(floats_of(file, "w"), small_floats());
  EXPECT_EQ(floats_of(file, "n"), (std::vector<float>{7}));
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string xml = small_ir10_layers();
    xml.replace(xml.find(from), from.size(), to);
    return read("n.xml", xml);
  };
  expect_refused(changed("offset=\"24\"", "offset=\"48\""), "beyond the end", "offset");
  expect_refused(changed("offset=\"24\"", "offset=\"18446744073709551612\""), "whole number", "offset");
  expect_refused(changed("offset=\"24\"", "offset=\"-4\""), "whole number", "negative");
  expect_refused(changed("2, 3, 1, 1", "2, 3, 1, 2"), "size of its shape", "shape");
  expect_refused(changed("element_type=\"f32\"", "element_type=\"u4\""), "U4", "type");
  expect_refused(changed("</layers>", ""), "XML", "broken");
  expect_refused(changed("name=\"n\"", "name=\"w\""), "twice", "twice");
  std::string deep = "<net><layers>";
  for (int i = 0; i < 5000; ++i) deep += "<a>";
  expect_refused(read("n.xml", deep), "deeply", "deep");
}

TEST_F(importers_formats, what_is_none_is_told_apart) {
  expect_refused(read("x.pth", ""), "empty", "empty");
  expect_refused(read("x.pth", "<!DOCTYPE html><p>404"), "web page", "html");
  expect_refused(read("x.pth", "version https://git-lfs.github.com/spec/v1\n"), "git-lfs", "lfs");
  expect_refused(read("x.pth", "\x89HDF\r\n\x1a\n"), "HDF5", "hdf");
  expect_refused(read("x.pth", "\x1f\x8b\x08"), "packed", "gzip");
  expect_refused(read("x.pth", "just words"), "no weights file", "words");
  const auto missing = read_checkpoint(folder / "nothing.pth");
  EXPECT_EQ(missing.error().code, ErrorCode::file_unreadable);
  EXPECT_EQ(read_checkpoint(folder).error().code, ErrorCode::file_unreadable);
}

TEST_F(importers_formats, writes_whole_or_not_at_all) {
  const auto file = read("in.pth", small_zip()).take();
  const std::string out = folder / "out.safetensors";
  ASSERT_TRUE(write_safetensors(out, file.tensors, {{"a\n\"b\\", "ü"}}));
  const auto again = read_checkpoint(out).take();
  EXPECT_EQ(contents(again.tensors), contents(file.tensors));
  EXPECT_EQ(again.metadata.at("a\n\"b\\"), "ü");
  std::ifstream raw(out, std::ios::binary);
  uint64_t header = 0;
  raw.read(reinterpret_cast<char*>(&header), 8);
  EXPECT_EQ(header % 8, 0u);
  auto twice = file.tensors;
  twice.push_back(twice[0]);
  EXPECT_EQ(write_safetensors(folder / "twice", twice).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(write_safetensors(folder / "no/where", file.tensors).error().code, ErrorCode::file_unwritable);
  std::filesystem::create_directory(folder / "taken");
  EXPECT_EQ(write_safetensors(folder / "taken", file.tensors).error().code, ErrorCode::file_unwritable);
  std::filesystem::remove(folder / "taken");
  EXPECT_EQ(files(), 2u);
}

TEST_F(importers_formats, what_cannot_be_written_to_the_end_leaves_nothing) {
  const auto file = read("in.pth", small_zip()).take();
  const std::string out = put("out.safetensors", "as before");
  ASSERT_NE(std::signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  rlimit usual{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &usual), 0);
  const rlimit short_files{200, usual.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &short_files), 0);
  const auto status = write_safetensors(out, file.tensors);
  setrlimit(RLIMIT_FSIZE, &usual);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::file_unwritable);
  std::ifstream kept(out);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(kept), {}), "as before");
  EXPECT_EQ(files(), 2u);
}

TEST_F(importers_formats, large_tensors_are_written_in_pieces) {
  // 3 MiB, turned: rows longer and shorter than a piece.
  StoredTensor tensor{"t", NumberType::f32, {768, 1024}, {1, 768}, {}};
  auto values = std::make_shared<std::vector<float>>(768 * 1024);
  for (size_t i = 0; i < values->size(); ++i) (*values)[i] = float(i);
  tensor.data = {std::as_bytes(std::span(*values)), values};
  size_t largest = 0;
  tensor.read([&](std::span<const std::byte> piece) { largest = std::max(largest, piece.size()); });
  EXPECT_LE(largest, size_t(1) << 20);
  const auto turned = tensor.floats();
  ASSERT_EQ(turned.size(), values->size());
  for (size_t i = 0; i < turned.size(); ++i) ASSERT_EQ(turned[i], float(i % 1024 * 768 + i / 1024)) << i;
}

TEST_F(importers_formats, no_cut_gives_other_tensors) {
  put("small.bin", small_ir_weights());
  const std::pair<std::string, std::string> whole[] = {
      {"a.safetensors", small_safetensors()}, {"zip.pth", small_zip()},        {"packed.pth", small_zip(true)},
      {"wide.pth", small_zip(false, true)},   {"old.pth", small_legacy()},     {"net.onnx", small_onnx()},
      {"net.tflite", small_tflite()},         {"small.xml", small_ir_layers()}};
  for (const auto& [name, bytes] : whole) {
    const auto file = read(name, bytes);
    ASSERT_TRUE(file) << name << ": " << file.error().sentence;
    const auto all = contents(file->tensors);
    const std::string path = folder / name;
    size_t refused = 0;
    for (size_t length = bytes.size(); length-- > 0;) {
      ASSERT_EQ(::truncate(path.c_str(), off_t(length)), 0);
      const auto part = read_checkpoint(path);
      if (part)
        EXPECT_EQ(contents(part->tensors), all) << name << " cut at " << length;
      else
        ++refused;
    }
    EXPECT_GT(refused * 10, bytes.size() * 9) << name;
  }
}

TEST_F(importers_formats, changed_bytes_do_no_harm) {
  put("small.bin", small_ir_weights());
  const std::pair<std::string, std::string> whole[] = {{"a.safetensors", small_safetensors()},
                                                       {"zip.pth", small_zip(true)},
                                                       {"old.pth", small_legacy()},
                                                       {"net.onnx", small_onnx()},
                                                       {"net.tflite", small_tflite()},
                                                       {"small.xml", small_ir_layers()}};
  for (const auto& [name, bytes] : whole)
    for (size_t i = 0; i < bytes.size(); ++i)
      for (const char bits : {'\x01', '\x80', '\xff'}) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ bits);
        const auto file = read(name, changed);
        EXPECT_TRUE(file || !file.error().sentence.empty());
        for (const StoredTensor& tensor : file ? file->tensors : std::vector<StoredTensor>())
          EXPECT_EQ(int64_t(tensor.bytes().size()), tensor.byte_count());
      }
}

}  // namespace
}  // namespace pinxit
