// SPDX-License-Identifier: Apache-2.0
#include "engine/install/tensor_download.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>

#include "engine/base/text.h"
#include "engine/install/disk.h"
#include "engine/install/part_note.h"
#include "engine/requests/json_building.h"
#include "engine/requests/json_fields.h"

namespace pinxit {
namespace {

using Kind = TransferProblem::Kind;

constexpr uint64_t header_limit = 100 << 20;
constexpr int64_t size_limit = int64_t(1) << 50;

uint64_t little_endian(const std::string& bytes) {
  uint64_t number = 0;
  for (int i = 7; i >= 0; --i) number = number << 8 | uint8_t(bytes[size_t(i)]);
  return number;
}

std::string eight_bytes(uint64_t number) {
  std::string bytes(8, '\0');
  for (char& byte : bytes) {
    byte = char(number & 0xff);
    number >>= 8;
  }
  return bytes;
}

struct Wanted {
  std::string name;
  JsonObject* facts;
  int64_t from, to;
};

Wanted wanted_tensor(const std::string& name, JsonNode* node) {
  if (!JSON_NODE_HOLDS_OBJECT(node)) throw std::invalid_argument("a tensor without facts");
  JsonObject* facts = json_node_get_object(node);
  JsonNode* offsets = json_member(facts, "data_offsets");
  if (!offsets || !JSON_NODE_HOLDS_ARRAY(offsets) || json_array_get_length(json_node_get_array(offsets)) != 2)
    throw std::invalid_argument("a tensor without offsets");
  const auto offset = [&](guint i) {
    JsonNode* number = json_array_get_element(json_node_get_array(offsets), i);
    const bool whole = JSON_NODE_HOLDS_VALUE(number) && json_node_get_value_type(number) == G_TYPE_INT64;
    return whole ? json_node_get_int(number) : int64_t(-1);
  };
  const int64_t from = offset(0), to = offset(1);
  if (from < 0 || to < from || to > size_limit) throw std::invalid_argument("a tensor with impossible offsets");
  return {name, facts, from, to};
}

std::string header_of(const std::vector<Wanted>& wanted) {
  g_autoptr(JsonBuilder) builder = json_builder_new();
  json_builder_begin_object(builder);
  int64_t at = 0;
  for (const Wanted& tensor : wanted) {
    json_begin_object(builder, tensor.name.c_str());
    for (const char* fact : {"dtype", "shape"}) {
      JsonNode* value = json_member(tensor.facts, fact);
      if (!value) throw std::invalid_argument("a tensor without shape");
      json_builder_set_member_name(builder, fact);
      json_builder_add_value(builder, json_node_copy(value));
    }
    json_begin_array(builder, "data_offsets");
    json_builder_add_int_value(builder, at);
    json_builder_add_int_value(builder, at += tensor.to - tensor.from);
    json_builder_end_array(builder);
    json_builder_end_object(builder);
  }
  json_builder_end_object(builder);
  std::string text = json_text(builder);
  text.append((8 - text.size() % 8) % 8, ' ');
  return eight_bytes(text.size()) + text;
}

/// A small piece of the file, into memory. `status` 200 means that the server has no ranges.
std::string fetch_piece(HttpClient& http, const HttpRange& range, HttpReply& reply) {
  std::string piece;
  const size_t wanted = size_t(range.to - range.from + 1);
  http.get(
      range,
      [&](const HttpReply& r) {
        reply = r;
        if (r.status != 206 || r.from != range.from)
          throw TransferProblem{Kind::elsewhere, _("the server gives no parts of files")};
        return true;
      },
      [&](std::span<const std::byte> bytes) {
        piece.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (piece.size() > wanted) throw TransferProblem{Kind::elsewhere, _("the server gives no parts of files")};
      });
  if (piece.size() < wanted) throw TransferProblem{Kind::again, _("the connection was cut")};
  return piece;
}

}  // namespace

int64_t TensorSelection::total() const {
  return std::accumulate(ranges.begin(), ranges.end(), int64_t(head.size()),
                         [](int64_t sum, const Range& range) { return sum + range.size; });
}

TensorSelection select_tensors(const std::string& header, const std::vector<std::string>& prefixes) {
  g_autoptr(JsonParser) parser = json_parser_new();
  if (!json_parser_load_from_data(parser, header.data(), gssize(header.size()), nullptr))
    throw std::invalid_argument("no JSON");
  JsonNode* root = json_parser_get_root(parser);
  if (!root || !JSON_NODE_HOLDS_OBJECT(root)) throw std::invalid_argument("no JSON object");
  std::vector<Wanted> wanted;
  JsonObjectIter iter;
  const char* name = nullptr;
  JsonNode* node = nullptr;
  json_object_iter_init_ordered(&iter, json_node_get_object(root));
  while (json_object_iter_next_ordered(&iter, &name, &node)) {
    const auto begins = [&](const std::string& prefix) { return std::string(name).starts_with(prefix); };
    if (std::strcmp(name, "__metadata__") != 0 && std::any_of(prefixes.begin(), prefixes.end(), begins))
      wanted.push_back(wanted_tensor(name, node));
  }
  if (wanted.empty()) throw std::invalid_argument("none of the tensors is there");
  std::sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) {
    return a.from != b.from ? a.from < b.from : a.to < b.to;
  });
  TensorSelection selection;
  selection.head = header_of(wanted);
  int64_t end = 0;
  for (const Wanted& tensor : wanted) {
    if (tensor.from < end) throw std::invalid_argument("tensors overlap");
    end = tensor.to;
    if (tensor.from == tensor.to) continue;
    const int64_t from = int64_t(8 + header.size()) + tensor.from;
    if (!selection.ranges.empty() && selection.ranges.back().from + selection.ranges.back().size == from)
      selection.ranges.back().size += tensor.to - tensor.from;
    else
      selection.ranges.push_back({from, tensor.to - tensor.from});
  }
  return selection;
}

void download_tensors(const TensorDownload& download, HttpClient& http, const std::function<void(int64_t)>& on_total,
                      const std::function<void(int64_t)>& on_bytes) {
  HttpReply reply;
  const uint64_t length = little_endian(fetch_piece(http, {download.address, 0, 7, ""}, reply));
  if (length == 0 || length > header_limit)
    throw TransferProblem{Kind::elsewhere, _("what the server has is not a safetensors file")};
  const std::string validator = reply.validator;
  const std::string header = fetch_piece(http, {download.address, 8, int64_t(7 + length), validator}, reply);
  TensorSelection selection;
  try {
    selection = select_tensors(header, download.file.tensors);
  } catch (const std::invalid_argument&) {
    throw TransferProblem{Kind::elsewhere, _("what the server has is not the safetensors file that was offered")};
  }
  on_total(selection.total());

  const PartNote note = PartNote::read(download.note);
  OutputFile out(download.part, OutputFile::Mode::append);
  if (note.validator.empty() || note.validator != validator || note.address != download.address ||
      out.size() < int64_t(selection.head.size()) || out.size() > selection.total()) {
    on_bytes(-out.size());
    out.truncate();
    PartNote{download.address, validator, ""}.write(download.note);
    out.write(std::as_bytes(std::span(selection.head)));
    on_bytes(int64_t(selection.head.size()));
  }
  int64_t begin = int64_t(selection.head.size());
  for (const TensorSelection::Range& range : selection.ranges) {
    const int64_t done = std::clamp<int64_t>(out.size() - begin, 0, range.size), end = begin + range.size;
    begin = end;
    if (done == range.size) continue;
    http.get(
        {download.address, range.from + done, range.from + range.size - 1, validator},
        [&](const HttpReply& r) {
          if (r.status == 206 && r.from == range.from + done) return true;
          throw TransferProblem{Kind::elsewhere, _("the file changed on the server meanwhile")};
        },
        [&](std::span<const std::byte> bytes) {
          if (out.size() + int64_t(bytes.size()) > end)
            throw TransferProblem{Kind::elsewhere, _("the server sent another part than was asked for")};
          out.write(bytes);
          on_bytes(int64_t(bytes.size()));
        });
    if (out.size() < end) throw TransferProblem{Kind::again, _("the connection was cut")};
  }
  out.finish();
}

}  // namespace pinxit
