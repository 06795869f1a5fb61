// SPDX-License-Identifier: Apache-2.0
#include "engine/client/cli/tensor_file.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace pinxit {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little endian");

std::string header_of(const std::string& name, SrgbView picture, size_t bytes) {
  std::string header = "{\"" + name + "\":{\"dtype\":\"F32\",\"shape\":[3," + std::to_string(picture.height) + "," +
                       std::to_string(picture.width) + "],\"data_offsets\":[0," + std::to_string(bytes) + "]}}";
  header.resize((header.size() + 7) / 8 * 8, ' ');  // the values begin at a multiple of eight bytes
  return header;
}

}  // namespace

std::string tensor_file(const std::string& name, SrgbView picture) {
  const size_t pixels = size_t(picture.width) * size_t(picture.height), bytes = 3 * pixels * sizeof(float);
  const std::string header = header_of(name, picture, bytes);
  const uint64_t length = header.size();
  std::string file(sizeof length + header.size() + bytes, '\0');
  std::memcpy(file.data(), &length, sizeof length);
  std::memcpy(file.data() + sizeof length, header.data(), header.size());
  char* to = file.data() + sizeof length + header.size();
  for (size_t channel = 0; channel < 3; ++channel)
    for (size_t i = 0; i < pixels; ++i, to += sizeof(float))
      std::memcpy(to, picture.data + 4 * i + channel, sizeof(float));
  return file;
}

}  // namespace pinxit
