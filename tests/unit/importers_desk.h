// SPDX-License-Identifier: Apache-2.0
//
// A folder for the importers' tests, and what they ask of every file.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "engine/importers/tensors.h"
#include "tests/unit/importers_samples.h"

namespace pinxit {

class importers_desk : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "pinxit-importers-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string put(const std::string& name, const std::string& bytes) const {
    const std::string path = folder / name;
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    return path;
  }
  Result<Checkpoint> read(const std::string& name, const std::string& bytes) const {
    return read_checkpoint(put(name, bytes));
  }
  size_t files() const {
    return size_t(std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
  }
  std::filesystem::path folder;
};

/// Type, shape and bytes of each tensor.
inline std::map<std::string, std::string> contents(const std::vector<StoredTensor>& tensors) {
  std::map<std::string, std::string> all;
  for (const StoredTensor& tensor : tensors) {
    std::string text(number_type_name(tensor.type));
    for (const int64_t length : tensor.shape) text += " " + std::to_string(length);
    const auto bytes = tensor.bytes();
    all[tensor.name] = text + ":" + std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return all;
}

inline std::vector<float> floats_of(const Result<Checkpoint>& file, const std::string& name) {
  const StoredTensor* tensor = file ? file->find(name) : nullptr;
  EXPECT_NE(tensor, nullptr) << name << ": " << (file ? "" : file.error().sentence);
  return tensor ? tensor->floats() : std::vector<float>();
}

/// A refusal tells which file, and why.
inline void expect_refused(const Result<Checkpoint>& file, const std::string& reason, const std::string& what) {
  ASSERT_FALSE(file) << what;
  const Error& error = file.error();
  EXPECT_TRUE(error.code == ErrorCode::model_damaged || error.code == ErrorCode::model_unsupported)
      << what << ": " << error_name(error.code);
  EXPECT_NE(error.sentence.find(reason), std::string::npos) << what << ": " << error.sentence;
}

}  // namespace pinxit
