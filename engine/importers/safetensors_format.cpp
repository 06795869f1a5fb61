// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/base/json_reader.h"
#include "engine/importers/formats.h"
#include "engine/importers/held_bytes.h"

namespace pinxit {
namespace {

constexpr uint64_t header_limit = 100'000'000;  // bytes, the format's own limit

struct Entry {
  StoredTensor tensor;
  int64_t begin = 0, end = 0;  ///< bytes, relative to the data
};

NumberType type_of(const std::string& tensor, const std::string& text) {
  for (int i = 0; i <= int(NumberType::boolean); ++i)
    if (number_type_name(NumberType(i)) == text) return NumberType(i);
  unsound(_("“%s” has the unknown number type “%s”"), fit_for_print(tensor).c_str(), fit_for_print(text).c_str());
}

Entry read_entry(JsonReader& json, std::string name) {
  Entry entry;
  const std::string printed = fit_for_print(name);
  entry.tensor.name = std::move(name);
  bool has_type = false, has_shape = false;
  std::vector<int64_t> offsets;
  json.object([&](const std::string& field) {
    if (field == "dtype") {
      entry.tensor.type = type_of(entry.tensor.name, json.string());
      has_type = true;
    } else if (field == "shape") {
      json.array([&] { entry.tensor.shape.push_back(json.whole_number()); });
      has_shape = true;
    } else if (field == "data_offsets") {
      json.array([&] { offsets.push_back(json.whole_number()); });
    } else {
      json.skip();
    }
  });
  if (!has_type || !has_shape || offsets.size() != 2)
    unsound(_("“%s” lacks its number type, its shape or its two offsets"), printed.c_str());
  entry.begin = offsets[0];
  entry.end = offsets[1];
  return entry;
}

/// Entries in the order of their data must fill the data exactly.
void check_ranges(const std::vector<Entry>& entries, int64_t data_size) {
  int64_t filled = 0;
  for (const Entry& entry : entries) {
    const std::string name = fit_for_print(entry.tensor.name);
    const int64_t size = checked_count(entry.tensor.name, entry.tensor.shape, entry.tensor.type) *
                         int64_t(number_size(entry.tensor.type));
    if (entry.begin > entry.end) unsound(_("the data of “%s” ends before it begins"), name.c_str());
    if (entry.end > data_size) unsound(_("the data of “%s” reaches beyond the end of the file"), name.c_str());
    if (entry.end - entry.begin != size)
      unsound(_("the data of “%s” does not have the size of its shape"), name.c_str());
    if (entry.begin < filled) unsound(_("the data of “%s” overlaps that of another tensor"), name.c_str());
    if (entry.begin > filled) unsound(_("there is a hole in the data before “%s”"), name.c_str());
    filled = entry.end;
  }
  if (filled != data_size) unsound(_("there is data after the last tensor"));
}

std::vector<Entry> read_header(std::string_view header, std::map<std::string, std::string>& metadata) {
  if (header.empty() || header.front() != '{') unsound(_("its header does not begin with “{”"));
  if (!is_utf8(header)) unsound(_("its header is not UTF-8 text"));
  std::vector<Entry> entries;
  try {
    JsonReader json(header);
    json.object([&](std::string name) {
      if (name == "__metadata__")
        json.object([&](std::string key) { metadata.emplace(std::move(key), json.string()); });
      else
        entries.push_back(read_entry(json, std::move(name)));
    });
    json.end();
  } catch (const JsonError& problem) {
    unsound(_("its header is broken: %s"), fit_for_print(problem.what()).c_str());
  }
  return entries;
}

}  // namespace

Tensors read_safetensors(const HeldBytes& file, std::map<std::string, std::string>& metadata) {
  ByteReader in(file.view);
  if (in.left() < 8) unsound(_("it is too short"));
  const auto length = in.number<uint64_t>();
  if (length > header_limit) unsound(_("the length of its header is too large to be true"));
  if (length > in.left()) unsound(_("its header is longer than the file"));
  auto entries = read_header(in.text(length), metadata);
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  check_ranges(entries, int64_t(in.left()));
  Tensors tensors;
  for (Entry& entry : entries) {
    entry.tensor.data = file.part(in.at() + size_t(entry.begin), size_t(entry.end - entry.begin));
    if (entry.tensor.type == NumberType::boolean)
      for (const std::byte value : entry.tensor.data.view)
        if (value > std::byte(1))
          unsound(_("“%s” holds truth values other than 0 and 1"), fit_for_print(entry.tensor.name).c_str());
    tensors.push_back(std::move(entry.tensor));
  }
  return tensors;
}

}  // namespace pinxit
