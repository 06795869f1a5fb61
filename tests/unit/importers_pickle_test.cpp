// SPDX-License-Identifier: Apache-2.0
//
// PyTorch's pickles, put together by hand: what is read, and what is refused.
#include "tests/unit/importers_desk.h"

namespace pinxit {
namespace {

using namespace samples;

class importers_pickle : public importers_desk {
 protected:
  Result<Checkpoint> zipped(const std::string& code) { return read("test.pth", small_zip(false, false, code)); }
};

const std::string floats = storage("FloatStorage", "0", 6);
const std::string row = tensor(floats, 0, {6}, {1});

TEST_F(importers_pickle, reads_both_containers) {
  for (const std::string& bytes :
       {small_zip(), small_zip(true), small_zip(false, true), small_zip(true, true), small_legacy()}) {
    const auto file = read("test.pth", bytes);
    ASSERT_TRUE(file) << file.error().sentence;
    EXPECT_EQ(file->format, "pytorch");
    EXPECT_EQ(floats_of(file, "a"), small_floats());
    EXPECT_EQ(floats_of(file, "turned"), (std::vector<float>{1, 4, 2, 5, 3, 6}));
    EXPECT_EQ(file->find("turned")->shape, (std::vector<int64_t>{3, 2}));
    EXPECT_EQ(floats_of(file, "h"), (std::vector<float>{1, -2}));
  }
}

TEST_F(importers_pickle, finds_the_list_of_weights) {
  const auto names = [&](const std::string& code) {
    const auto file = zipped(code);
    std::vector<std::string> found;
    if (!file) return std::vector<std::string>{file.error().sentence};
    for (const auto& tensor : file->tensors) found.push_back(tensor.name);
    return found;
  };
  using Names = std::vector<std::string>;
  const std::string inner = dict({{"w", row}});
  EXPECT_EQ(names(dict({{"epoch", whole(3)}, {"w", row}, {"none", "N"}})), (Names{"w"}));
  EXPECT_EQ(names(dict({{"epoch", row}, {"state_dict", inner}})), (Names{"w"}));
  EXPECT_EQ(names(dict({{"optimizer", dict({{"m", row}})}, {"model", dict({{"state_dict", inner}})}})), (Names{"w"}));
  EXPECT_EQ(names(dict({{"optim", dict({{"m", row}})}, {"enc", inner}, {"dec", inner}})), (Names{"enc.w", "dec.w"}));
  EXPECT_EQ(names(dict({{"w", global("torch._utils", "_rebuild_parameter") + "(" + row + "\x88" +
                                  global("collections", "OrderedDict") + ")RtR"}})),
            (Names{"w"}));
  EXPECT_EQ(names(global("collections", "OrderedDict") + ")R(" + text("w") + row + "u}" + text("_metadata") + "Nsb"),
            (Names{"w"}));
  // Python 2: OrderedDict([['w', …]])
  EXPECT_EQ(names(global("collections", "OrderedDict") + "](](" + text("w") + row + "ee\x85R"), (Names{"w"}));
}

TEST_F(importers_pickle, refuses_by_name_and_runs_nothing) {
  const std::string witness = folder / "it ran";
  const std::string command = text("touch '" + witness + "'");
  const std::pair<std::string, std::string> asked[] = {
      {global("posix", "system") + "(" + command + "tR", "posix.system"},
      {global("os", "system") + command + "\x85R", "os.system"},
      {"(" + command + "iposix\nsystem\n", "posix.system"},
      {"(" + global("subprocess", "Popen") + command + "o", "subprocess.Popen"},
      {global("subprocess", "Popen") + command + "\x85\x81", "subprocess.Popen"},
      {text("posix") + text("system") + "\x93" + command + "\x85R", "posix.system"},
      {global("torch", "load") + command + "\x85R", "torch.load"},
      {global("torch._utils", "_rebuild_qtensor") + ")R", "torch._utils._rebuild_qtensor"},
      {global("torch.nn.modules.container", "Sequential") + ")\x81", "whole program object"},
      {global("__main__", "Net") + ")\x81", "whole program object"},
      {global("collections", "OrderedDict") + ")\x81", "program objects"},
      {global("torch", "FloatStorage") + whole(4) + "\x85R", "makes storages"},
      {global("torch", "QInt8Storage"), "torch.QInt8Storage"},
      {"\x82\x01", "instruction 130"},
      {"\x8f", "instruction 143"},
      {global("evil\x01\xff" + std::string(5000, 'x'), "name"), "…"},
  };
  for (const auto& [code, reason] : asked) {
    for (const std::string& whole_code : {code, dict({{"w", row}, {"x", code}}), dict({{"w", row}}) + code + "0"}) {
      expect_refused(zipped(whole_code), reason, reason);
      expect_refused(read("test.pth", legacy_header() + pickle(whole_code)), reason, reason);
    }
    expect_refused(read("test.pth", pickle(code)), "test.pth", reason);
  }
  EXPECT_FALSE(std::filesystem::exists(witness));
}

TEST_F(importers_pickle, refuses_what_makes_no_sense) {
  const auto one = [](const std::string& value) { return dict({{"w", value}}); };
  const std::string broken[] = {
      "",
      "0",
      "N",
      whole(5),
      "}",
      "](" + row + "e",
      "h\x01",
      "(",
      "(0",
      "}(" + text("w") + "u",
      "]" + text("w") + row + "s",
      "}" + row + "a",
      "X" + number(uint32_t(1) << 31),
      "\x8d" + number(uint64_t(1) << 56),
      "\x8b" + number(int32_t(-1)),
      "T" + number(int32_t(-1)),
      "I12x\n",
      "I",
      "\x95" + number(uint64_t(1) << 40),
      "\x80\x09",
      "S'half\n",
      "S'\\xZZ'\n",
      "V\\ud800\n",
      global("torch", "FloatStorage"),
      one(tensor(whole(1), 0, {6}, {1})),
      one(tensor(floats, 0, {7}, {1})),
      one(tensor(floats, 1, {6}, {1})),
      one(tensor(floats, -1, {1}, {1})),
      one(tensor(floats, 0, {-1}, {1})),
      one(tensor(floats, 0, {2}, {-1})),
      one(tensor(floats, 0, {2}, {1, 1})),
      one(tensor(floats, 0, {2, 2}, {0x7fffffff, 0x7fffffff})),
      one(tensor(floats, 7, {0}, {1})),
      one(tensor(floats, 0, std::vector<int32_t>(33, 1), std::vector<int32_t>(33, 1))),
      one(tensor(floats, 0, std::vector<int32_t>(20, 1 << 30), std::vector<int32_t>(20, 0))),
      one(tensor(storage("FloatStorage", "0", -1), 0, {0}, {1})),
      one(tensor(storage("FloatStorage", "0", 5), 0, {5}, {1})),
      one(tensor(storage("DoubleStorage", "0", 6), 0, {6}, {1})),
      one(tensor(storage("HalfStorage", "9", 6), 0, {6}, {1})),
      one(tensor(storage("FloatStorage", "../data/0", 6), 0, {6}, {1})),
      dict({{"w", row}, {"v", tensor(storage("IntStorage", "0", 6), 0, {6}, {1})}}),
      dict({{"w", row}, {"w", row}}),
      dict({{"\xff", row}}),
      dict({{std::string(2000, 'n'), row}}),
      "}" + row + row + "s",
  };
  for (const std::string& code : broken) expect_refused(zipped(code), "test.pth", code);
}

TEST_F(importers_pickle, numbers_in_all_ways_of_writing_them) {
  const std::string zero(1, '\0');
  const auto shaped = [&](const std::string& six) {
    const std::string code =
        global("torch._utils", "_rebuild_tensor") + "(" + floats + "K" + zero + six + "\x85" + "K\x01\x85tR";
    return floats_of(zipped(dict({{"w", code}})), "w");
  };
  for (const std::string& six :
       {"K\x06" + std::string(), "M\x06" + zero, whole(6), std::string("I6\n"), std::string("L6L\n"),
        std::string("\x8a\x01\x06"), "\x8a\x02\x06" + zero, "\x8b" + number(int32_t(2)) + "\x06" + zero})
    EXPECT_EQ(shaped(six), small_floats());
  // A negative number of one byte is negative.
  const std::string negative =
      global("torch._utils", "_rebuild_tensor") + "(" + floats + "\x8a\x01\xff" + tuple({1}) + tuple({1}) + "tR";
  expect_refused(zipped(dict({{"w", negative}})), "test.pth", "negative");
}

TEST_F(importers_pickle, what_refers_to_itself_again_and_again_is_refused) {
  const auto repeated = [](const std::string& code, size_t times) {
    std::string all;
    for (size_t i = 0; i < times; ++i) all += code;
    return all;
  };
  const auto packed = [&](const std::string& code) { return read("test.pth", small_zip(true, false, code)); };
  const std::string pair = text("w") + row + "\x86q\x01";
  // One list of pairs, copied into dict after dict.
  const std::string pairs = "](" + pair + repeated("h\x01", 99'999) + "eq\x02";
  const std::string dicts = repeated(global("collections", "OrderedDict") + "h\x02\x85R0", 21);
  expect_refused(packed(pairs + dicts + row), "more values than can be true", "pairs");
  // One name and one tensor, again and again; seen before the names are looked at.
  const std::string name = text("\xff" + std::string(900, 'n')) + "q\x01" + row + "q\x02";
  const std::string same = "}(" + name + repeated("h\x01h\x02", 1000) + "u";
  expect_refused(packed(same), "twice", "names");
  // One tensor under more names than any net has.
  std::string many = "}(" + text("w") + row + "q\x02";
  for (int32_t i = 0; i < 200'000; ++i) many += whole(i) + "h\x02";
  expect_refused(packed(many + "u"), "more values than can be true", "tensors");
}

TEST_F(importers_pickle, an_archive_that_would_fill_the_memory_is_not_unpacked) {
  constexpr int32_t count = 6 << 20;  // 24 MiB
  const std::string zeros(size_t(count) * 4, '\0');
  std::vector<std::pair<std::string, std::string>> members;
  std::vector<ZipRecord> records(1);
  for (const std::string key : {"0", "1", "2"}) {
    members.emplace_back("w" + key, tensor(storage("FloatStorage", key, count), 0, {count}, {1}));
    records.push_back({"net/data/" + key, zeros, true});
  }
  records[0] = {"net/data.pkl", pickle(dict(members))};
  std::string bytes = zip(records);
  const std::string crc = number(uint32_t(crc32(0, reinterpret_cast<const Bytef*>(zeros.data()), uInt(zeros.size()))));
  for (size_t at = 0; (at = bytes.find(crc, at)) != std::string::npos;) ++bytes[at];  // seen by who unpacks
  expect_refused(read("test.pth", bytes), "far larger than the file", "bomb");
}

TEST_F(importers_pickle, containers_that_lie_are_refused) {
  const std::string code = pickle(small_state_dict());
  const std::string a = numbers(small_floats()), h = numbers(small_halves());
  const auto archive = [&](std::vector<ZipRecord> records) { return read("test.pth", zip(records)); };
  ASSERT_TRUE(archive({{"n/data.pkl", code}, {"n/data/0", a}, {"n/data/1", h}}));
  expect_refused(archive({{"n/data.pkl", code}, {"n/data/0", a}}), "is missing", "no storage");
  expect_refused(archive({{"n/data.pkl", code}, {"n/data/0", a + "x"}, {"n/data/1", h}}), "length", "long storage");
  expect_refused(archive({{"n/data.pkl", code}, {"n/data/0", a}, {"n/data/1", h}, {"n/data/1", h}}), "twice", "twice");
  expect_refused(archive({{"n/data.pkl", code}, {"m/data.pkl", code}}), "two lists", "two");
  expect_refused(archive({{"n/other", code}}), "not one of PyTorch", "none");
  expect_refused(archive({{"n/data.pkl", code}, {"n/byteorder", "big"}}), "big-endian", "big");
  expect_refused(archive({{"n/data.pkl", code}, {"n/data/0", std::string(1 << 20, '\0'), true}, {"n/data/1", h}}),
                 "length", "bomb");
  std::string changed = small_zip();
  changed[changed.find(a) + 1] ^= 1;
  expect_refused(read("test.pth", changed), "checksum", "bit");
  const std::string legacy = legacy_header() + code;
  const std::string storages = number(int64_t(6)) + a + number(int64_t(3)) + h;
  ASSERT_TRUE(read("test.pth", legacy + legacy_keys({"0", "1"}) + storages));
  expect_refused(read("test.pth", legacy + legacy_keys({"0", "1"}) + storages + "x"), "after the last", "more");
  expect_refused(read("test.pth", legacy + legacy_keys({"0", "0"}) + storages), "does not fit", "same key");
  expect_refused(read("test.pth", legacy + legacy_keys({"0"}) + storages), "does not fit", "few keys");
  expect_refused(read("test.pth", legacy_header(false) + code), "big-endian", "big");
}

}  // namespace
}  // namespace pinxit
