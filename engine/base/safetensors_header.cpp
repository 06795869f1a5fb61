// SPDX-License-Identifier: Apache-2.0
#include "engine/base/safetensors_header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <set>

#include "engine/base/error.h"
#include "engine/base/json_reader.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace pinxit {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr uint64_t header_limit = 100'000'000;  // bytes, the format's own limit
constexpr const char* metadata_name = "__metadata__";

struct TypeFacts {
  std::string_view name;
  size_t size;
};
constexpr std::array<TypeFacts, 15> types = {{{"F64", 8},
                                              {"F32", 4},
                                              {"F16", 2},
                                              {"BF16", 2},
                                              {"F8_E4M3", 1},
                                              {"F8_E5M2", 1},
                                              {"I64", 8},
                                              {"I32", 4},
                                              {"I16", 2},
                                              {"I8", 1},
                                              {"U64", 8},
                                              {"U32", 4},
                                              {"U16", 2},
                                              {"U8", 1},
                                              {"BOOL", 1}}};

template <class... Values>
[[noreturn]] void broken(const char* format, Values... values) {
  throw BrokenSafetensors(format_text(format, values...));
}

SafetensorsEntry read_entry(JsonReader& json, std::string name) {
  SafetensorsEntry entry;
  const std::string printed = fit_for_print(name);
  entry.name = std::move(name);
  bool has_type = false, has_shape = false;
  std::vector<int64_t> offsets;
  json.object([&](const std::string& field) {
    if (field == "dtype") {
      const std::string text = json.string();
      const auto type = number_type_named(text);
      if (!type) broken(_("“%s” has the unknown number type “%s”"), printed.c_str(), fit_for_print(text).c_str());
      entry.type = *type;
      has_type = true;
    } else if (field == "shape") {
      json.array([&] {
        if (entry.shape.size() == dimension_limit) broken(_("“%s” has too many dimensions"), printed.c_str());
        entry.shape.push_back(json.whole_number());
      });
      has_shape = true;
    } else if (field == "data_offsets") {
      json.array([&] {
        if (offsets.size() == 2) broken(_("“%s” has more than two offsets"), printed.c_str());
        offsets.push_back(json.whole_number());
      });
    } else {
      json.skip();
    }
  });
  if (!has_type || !has_shape || offsets.size() != 2)
    broken(_("“%s” lacks its number type, its shape or its two offsets"), printed.c_str());
  entry.begin = offsets[0];
  entry.end = offsets[1];
  return entry;
}

/// Entries in the order of their data must fill the data exactly.
void check_ranges(const std::vector<SafetensorsEntry>& entries, int64_t data_size) {
  int64_t filled = 0;
  for (const SafetensorsEntry& entry : entries) {
    const std::string name = fit_for_print(entry.name);
    const auto size = tensor_bytes(entry.type, entry.shape);
    if (!size) broken(_("the shape of “%s” is too large to be true"), name.c_str());
    if (entry.begin > entry.end) broken(_("the data of “%s” ends before it begins"), name.c_str());
    if (entry.end > data_size) broken(_("the data of “%s” reaches beyond the end of the file"), name.c_str());
    if (entry.end - entry.begin != *size)
      broken(_("the data of “%s” does not have the size of its shape"), name.c_str());
    if (entry.begin < filled) broken(_("the data of “%s” overlaps that of another tensor"), name.c_str());
    if (entry.begin > filled) broken(_("there is a hole in the data before “%s”"), name.c_str());
    filled = entry.end;
  }
  if (filled != data_size) broken(_("there is data after the last tensor"));
}

void read_json(std::string_view text, SafetensorsHeader& header) {
  if (text.empty() || text.front() != '{') broken(_("its header does not begin with “{”"));
  if (!is_utf8(text)) broken(_("its header is not UTF-8 text"));
  try {
    JsonReader json(text);
    json.object([&](std::string name) {
      if (name == metadata_name)
        json.object([&](std::string key) { header.metadata.emplace(std::move(key), json.string()); });
      else
        header.entries.push_back(read_entry(json, std::move(name)));
    });
    json.end();
  } catch (const JsonError& problem) {
    broken(_("its header is broken: %s"), fit_for_print(problem.what()).c_str());
  }
}

std::string quoted(const std::string& text) {
  if (!is_utf8(text))
    throw Failure(ErrorCode::bad_argument,
                  format_text(_("“%s” cannot be written: it is not UTF-8 text."), fit_for_print(text).c_str()));
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += format_text("\\u%04x", unsigned(c));
    else
      out += c;
  }
  return out + '"';
}

}  // namespace

std::string_view number_type_name(NumberType type) {
  return types[size_t(type)].name;
}

std::optional<NumberType> number_type_named(std::string_view name) {
  const auto found = std::find_if(types.begin(), types.end(), [&](const TypeFacts& type) { return type.name == name; });
  if (found == types.end()) return {};
  return NumberType(found - types.begin());
}

size_t number_size(NumberType type) {
  return types[size_t(type)].size;
}

std::optional<int64_t> tensor_bytes(NumberType type, std::span<const int64_t> shape) {
  int64_t bytes = int64_t(number_size(type));
  bool empty = false;
  for (const int64_t length : shape) {
    empty |= length == 0;
    if (__builtin_mul_overflow(bytes, std::max<int64_t>(length, 1), &bytes)) return {};
  }
  return empty ? 0 : bytes;
}

SafetensorsHeader read_safetensors_header(std::string_view file) {
  if (file.size() < 8) broken(_("it is too short"));
  uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  if (length > header_limit) broken(_("the length of its header is too large to be true"));
  if (length > file.size() - 8) broken(_("its header is longer than the file"));
  SafetensorsHeader header;
  read_json(file.substr(8, size_t(length)), header);
  header.data = 8 + size_t(length);
  std::stable_sort(header.entries.begin(), header.entries.end(),
                   [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
                     return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
                   });
  check_ranges(header.entries, int64_t(file.size() - header.data));
  return header;
}

std::string safetensors_head(const std::vector<SafetensorsEntry>& tensors,
                             const std::map<std::string, std::string>& metadata) {
  std::string text = "{", separator;
  if (!metadata.empty()) {
    text += quoted(metadata_name) + ":{";
    for (const auto& [key, value] : metadata) {
      text += separator + quoted(key) + ":" + quoted(value);
      separator = ",";
    }
    text += "}";
  }
  std::set<std::string_view> names = {metadata_name};
  int64_t at = 0;
  for (const SafetensorsEntry& tensor : tensors) {
    if (!names.insert(tensor.name).second)
      throw Failure(ErrorCode::bad_argument, format_text(_("The name “%s” occurs twice among the tensors."),
                                                         fit_for_print(tensor.name).c_str()));
    text += separator + quoted(tensor.name) + ":{\"dtype\":\"" + std::string(number_type_name(tensor.type)) +
            "\",\"shape\":[";
    for (size_t i = 0; i < tensor.shape.size(); ++i) text += (i ? "," : "") + std::to_string(tensor.shape[i]);
    const int64_t end = at + tensor_bytes(tensor.type, tensor.shape).value();
    text += "],\"data_offsets\":[" + std::to_string(at) + "," + std::to_string(end) + "]}";
    at = end;
    separator = ",";
  }
  text += "}";
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const uint64_t length = text.size();
  std::string head(sizeof length, '\0');
  std::memcpy(head.data(), &length, sizeof length);
  return head + text;
}

}  // namespace pinxit
