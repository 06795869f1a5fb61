// SPDX-License-Identifier: Apache-2.0
//
// Weights files: what is written is read back, and every broken rule of the format is noticed. The files of
// ../shared/goldens/legacy-checkpoints (h_*) are tried too when they are there.
#include "engine/weights/safetensors.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "engine/base/json_reader.h"
#include "tests/support/save_tensors.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

class safetensors_files : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "pinxit-safetensors-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string write(const std::string& header, size_t data_bytes) {
    const std::string path = folder / "test.safetensors";
    std::ofstream file(path, std::ios::binary);
    const uint64_t length = header.size();
    file.write(reinterpret_cast<const char*>(&length), 8);
    file << header << std::string(data_bytes, '\1');
    return path;
  }
  fs::path folder;
};

void expect_same_bytes(const torch::Tensor& a, const torch::Tensor& b, const std::string& name) {
  EXPECT_EQ(a.scalar_type(), b.scalar_type()) << name;
  EXPECT_EQ(a.sizes(), b.sizes()) << name;
  ASSERT_TRUE(a.is_contiguous() && b.is_contiguous()) << name;
  ASSERT_EQ(a.nbytes(), b.nbytes()) << name;
  EXPECT_EQ(a.nbytes() ? std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) : 0, 0) << name;
}

TEST_F(safetensors_files, writes_and_reads_every_type) {
  std::map<std::string, torch::Tensor> tensors;
  const auto values = torch::arange(1, 8, torch::kFloat32);
  for (const auto type :
       {torch::kFloat64, torch::kFloat32, torch::kFloat16, torch::kBFloat16, torch::kFloat8_e4m3fn, torch::kFloat8_e5m2,
        torch::kInt64, torch::kInt32, torch::kInt16, torch::kInt8, torch::kUInt8, torch::kBool})
    tensors[std::string("type ") + torch::toString(type)] = values.to(type);
  tensors["U16"] = values.to(torch::kInt16).view(torch::ScalarType::UInt16);
  tensors["scalar"] = torch::tensor(2.5f);
  tensors["empty"] = torch::empty({0, 3});
  tensors["quote \" slash \\ tab \t ß 𝄞"] = torch::randn({2, 3, 4});
  tensors["turned"] = torch::randn({4, 5}).t();
  const std::map<std::string, std::string> metadata = {{"format", "pt"}, {"a\nb", "ü\"\\"}};
  const std::string path = folder / "all.safetensors";
  ASSERT_TRUE(save_safetensors(path, tensors, metadata));

  const Safetensors file = Safetensors::open(path).take();
  EXPECT_EQ(file.metadata(), metadata);
  EXPECT_EQ(file.names().size(), tensors.size());
  EXPECT_FALSE(file.has("nothing"));
  for (const auto& [name, tensor] : tensors) {
    ASSERT_TRUE(file.has(name)) << name;
    EXPECT_EQ(file.shape(name), tensor.sizes().vec()) << name;
    expect_same_bytes(file.tensor(name), tensor.contiguous(), name);
  }
  EXPECT_THROW(file.tensor("nothing"), Failure);
}

TEST_F(safetensors_files, borrows_aligned_data_and_copies_the_rest) {
  const std::string body = R"({"u":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
                           R"("f":{"dtype":"F32","shape":[2],"data_offsets":[3,11]},)"
                           R"("g":{"dtype":"U8","shape":[1],"data_offsets":[11,12]},)"
                           R"("h":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}})";
  std::string padded = body;
  padded.resize((body.size() + 7) / 8 * 8, ' ');
  torch::Tensor unaligned, aligned;
  const float* first = nullptr;
  {
    const Safetensors file = Safetensors::open(write(padded, 20)).take();
    unaligned = file.tensor("f");
    aligned = file.tensor("h");
    first = file.tensor("h").const_data_ptr<float>();
    EXPECT_NE(file.tensor("f").const_data_ptr<float>(), unaligned.const_data_ptr<float>());
  }
  EXPECT_EQ(aligned.const_data_ptr<float>(), first);  // one mapping, kept alive by its tensors
  const uint32_t ones = 0x01010101;
  for (const auto& tensor : {unaligned, aligned})
    for (int i = 0; i < 2; ++i) EXPECT_EQ(std::memcmp(tensor.const_data_ptr<float>() + i, &ones, 4), 0);
  aligned.fill_(7);  // changes this process's pages only
  EXPECT_TRUE(Safetensors::open(folder / "test.safetensors"));
  std::ifstream again(folder / "test.safetensors", std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(again), {}).substr(8 + padded.size()), std::string(20, '\1'));
}

TEST_F(safetensors_files, refuses_what_breaks_a_rule) {
  const auto entry = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return "{\"a\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
  };
  EXPECT_TRUE(Safetensors::open(write(entry("F32", "[2]", "[0,8]"), 8)));
  EXPECT_TRUE(Safetensors::open(write(entry("F32", "[2]", "[0,8]") + " \n\t", 8)));
  std::string many_ones;
  for (int i = 0; i < 40; ++i) many_ones += "1,";
  const std::pair<std::string, size_t> broken[] = {
      {entry("F32", "[2]", "[0,8]"), 7},
      {entry("F32", "[2]", "[0,8]"), 9},
      {entry("F32", "[2]", "[0,8]") + "x", 8},
      {" " + entry("F32", "[2]", "[0,8]"), 8},
      {entry("F32", "[2.0]", "[0,8]"), 8},
      {entry("F32", "[02]", "[0,8]"), 8},
      {entry("F32", "[-2]", "[0,8]"), 8},
      {entry("F32", "[18446744073709551618]", "[0,8]"), 8},
      {entry("F32", "[4611686018427387904,4611686018427387904,0]", "[0,0]"), 0},
      {entry("F32", "[0,4611686018427387904]", "[0,0]"), 0},
      {entry("F32", "[2]", "[8,0]"), 8},
      {entry("F32", "[2]", "[0]"), 8},
      {entry("F32", "[2]", "null"), 8},
      {entry("F33", "[2]", "[0,8]"), 8},
      {R"({"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],}})", 8},
      {R"({"__metadata__":{"a":1}})", 0},
      {R"({"a\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}})", 0},
      {"{\"a\xff\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0},
      {"{\"a\":{\"x\":" + std::string(5000, '[') + std::string(5000, ']') + "}}", 0},
      {entry("U8", "[" + many_ones + "1]", "[0,1]"), 1},
  };
  for (const auto& [header, bytes] : broken) {
    const auto file = Safetensors::open(write(header, bytes));
    ASSERT_FALSE(file) << header;
    EXPECT_EQ(file.error().code, ErrorCode::model_damaged) << header;
    EXPECT_FALSE(file.error().hint.empty());
  }
}

TEST_F(safetensors_files, refuses_wrong_truth_values) {
  const std::string path = write(R"({"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})", 1);
  EXPECT_TRUE(Safetensors::open(path).take().tensor("a").item<bool>());
  std::fstream(path, std::ios::binary | std::ios::in | std::ios::out).seekp(-1, std::ios::end).put('\2');
  EXPECT_THROW(Safetensors::open(path).take().tensor("a"), Failure);
}

TEST_F(safetensors_files, tells_missing_files_and_folders) {
  for (const fs::path& path : {folder / "none", folder}) {
    const auto file = Safetensors::open(path);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, ErrorCode::file_unreadable);
  }
  const auto saved = save_safetensors(folder / "no" / "such.safetensors", {{"a", torch::zeros(3)}});
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, ErrorCode::file_unwritable);
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST(safetensors_goldens, good_and_bad_files) {
  const fs::path folder = fs::path(PINXIT_SHARED_DATA) / "goldens" / "legacy-checkpoints";
  if (!fs::exists(folder)) GTEST_SKIP() << "skipped: needs ../shared/goldens/legacy-checkpoints";
  const std::map<std::string, std::string> expected = {{"h_good", "st_small"},        {"h_good_unpadded", "st_small"},
                                                       {"h_good_order", "st_small"},  {"h_good_dtypes", "st_dtypes"},
                                                       {"h_good_empty_file", "none"}, {"h_good_names", "st_names"}};
  int good = 0, bad = 0;
  for (const auto& item : fs::directory_iterator(folder)) {
    const std::string name = item.path().stem().string();
    if (name.starts_with("h_bad")) {
      ++bad;
      const auto file = Safetensors::open(item.path());
      ASSERT_FALSE(file) << name;
      EXPECT_EQ(file.error().code, ErrorCode::model_damaged) << name;
    } else if (name.starts_with("h_good")) {
      ++good;
      ASSERT_TRUE(expected.contains(name)) << name;
      const Safetensors file = Safetensors::open(item.path()).take();
      const Safetensors wanted = Safetensors::open(folder / "expected" / (expected.at(name) + ".safetensors")).take();
      EXPECT_EQ(file.names().size(), wanted.names().size()) << name;
      for (const std::string& tensor : wanted.names())
        expect_same_bytes(file.tensor(tensor), wanted.tensor(tensor).clone(), name + "/" + tensor);
    }
  }
  EXPECT_EQ(good, 6);
  EXPECT_EQ(bad, 41);
}

TEST(json_reader, reads_strings_and_numbers) {
  JsonReader json(R"( {"a\u00df\ud834\udd1e\n": [0, 12, 9223372036854775807], "b": [true, null, -1.5e+3, {}, "\/"]} )");
  std::vector<int64_t> numbers;
  json.object([&](const std::string& name) {
    if (name == "a\u00df\U0001D11E\n")
      json.array([&] { numbers.push_back(json.whole_number()); });
    else
      json.skip();
  });
  json.end();
  EXPECT_EQ(numbers, (std::vector<int64_t>{0, 12, INT64_MAX}));
  for (const char* text :
       {"", "{", "[1 2]", "[01]", "[1.]", "[+1]", "[tru]", "\"\\x\"", "\"a\nb\"", "[1,]", "nul", "{\"a\":1,\"a\":2}"})
    EXPECT_THROW(JsonReader(text).skip(), JsonError) << text;
}

}  // namespace
}  // namespace pinxit
