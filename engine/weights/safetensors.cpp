// SPDX-License-Identifier: Apache-2.0
#include "engine/weights/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "engine/base/json_reader.h"
#include "engine/base/text.h"

namespace pinxit {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian");

constexpr uint64_t header_limit = 100'000'000;  // bytes, the format's own limit
constexpr size_t dimension_limit = 32;

struct Dtype {
  const char* name;
  torch::ScalarType type;
};
constexpr Dtype dtypes[] = {
    {"F64", torch::kFloat64},
    {"F32", torch::kFloat32},
    {"F16", torch::kFloat16},
    {"BF16", torch::kBFloat16},
    {"F8_E4M3", torch::kFloat8_e4m3fn},
    {"F8_E5M2", torch::kFloat8_e5m2},
    {"I64", torch::kInt64},
    {"I32", torch::kInt32},
    {"I16", torch::kInt16},
    {"I8", torch::kInt8},
    {"U64", torch::ScalarType::UInt64},
    {"U32", torch::ScalarType::UInt32},
    {"U16", torch::ScalarType::UInt16},
    {"U8", torch::kUInt8},
    {"BOOL", torch::kBool},
};

const Dtype* find_dtype(const std::string& name) {
  const auto found = std::find_if(std::begin(dtypes), std::end(dtypes), [&](const Dtype& d) { return name == d.name; });
  return found == std::end(dtypes) ? nullptr : found;
}
const Dtype* find_dtype(torch::ScalarType type) {
  const auto found = std::find_if(std::begin(dtypes), std::end(dtypes), [&](const Dtype& d) { return type == d.type; });
  return found == std::end(dtypes) ? nullptr : found;
}

/// The rule of the format that a file breaks; `open` adds the file's name.
struct BrokenRule : std::runtime_error {
  using std::runtime_error::runtime_error;
};
template <class... Values>
[[noreturn]] void broken(const char* format, Values... values) {
  throw BrokenRule(format_text(format, values...));
}

/// A hostile name may be as long as the header; a sentence is not.
std::string shortened(const std::string& text) {
  size_t end = 300;
  if (text.size() <= end) return text;
  while ((text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

Failure damaged(const std::string& path, const std::string& rule) {
  return {ErrorCode::model_damaged,
          format_text(_("“%s” is not a sound safetensors file: %s."), path.c_str(), shortened(rule).c_str()),
          _("Download or copy the file again.")};
}

Failure unreadable(const std::string& path, const char* reason) {
  return {ErrorCode::file_unreadable, format_text(_("The weights file “%s” cannot be read: %s."), path.c_str(), reason),
          _("Check the file's name and that you may read it.")};
}

/// A whole file in memory, private to this process.
class Mapping {
 public:
  explicit Mapping(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) throw unreadable(path, std::strerror(errno));
    struct stat facts {};
    const bool regular = ::fstat(file, &facts) == 0 && S_ISREG(facts.st_mode);
    size_ = regular ? size_t(facts.st_size) : 0;
    // Writable but private: an operator that works in place changes this process's copy of a page, never the file.
    void* data = size_ ? ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file, 0) : nullptr;
    const int problem = errno;
    ::close(file);
    if (!regular) throw unreadable(path, _("it is not a file"));
    if (data == MAP_FAILED) throw unreadable(path, std::strerror(problem));
    data_ = static_cast<char*>(data);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (data_) ::munmap(data_, size_);
  }
  char* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
};

struct Entry {
  std::string name;
  torch::ScalarType type = torch::kFloat32;
  std::vector<int64_t> shape;
  int64_t begin = 0, end = 0;  ///< bytes, relative to the data
};

/// Bytes of a tensor; refuses shapes whose size, or strides, do not fit 63 bits.
int64_t bytes_of(const Entry& entry) {
  int64_t size = int64_t(torch::elementSize(entry.type));
  bool empty = false;
  for (const int64_t length : entry.shape) {
    empty |= length == 0;
    if (__builtin_mul_overflow(size, std::max<int64_t>(length, 1), &size))
      broken(_("the shape of “%s” is too large to be true"), entry.name.c_str());
  }
  return empty ? 0 : size;
}

Entry read_entry(JsonReader& json, std::string name) {
  Entry entry;
  entry.name = std::move(name);
  bool has_type = false, has_shape = false;
  std::vector<int64_t> offsets;
  json.object([&](const std::string& field) {
    if (field == "dtype") {
      const std::string text = json.string();
      const Dtype* dtype = find_dtype(text);
      if (!dtype) broken(_("“%s” has the unknown number type “%s”"), entry.name.c_str(), text.c_str());
      entry.type = dtype->type;
      has_type = true;
    } else if (field == "shape") {
      json.array([&] {
        if (entry.shape.size() == dimension_limit) broken(_("“%s” has too many dimensions"), entry.name.c_str());
        entry.shape.push_back(json.whole_number());
      });
      has_shape = true;
    } else if (field == "data_offsets") {
      json.array([&] {
        if (offsets.size() == 2) broken(_("“%s” has more than two offsets"), entry.name.c_str());
        offsets.push_back(json.whole_number());
      });
    } else {
      json.skip();
    }
  });
  if (!has_type || !has_shape || offsets.size() != 2)
    broken(_("“%s” lacks its number type, shape or offsets"), entry.name.c_str());
  entry.begin = offsets[0];
  entry.end = offsets[1];
  return entry;
}

/// Entries in the order of their data must fill the data exactly.
void check_ranges(const std::vector<Entry>& entries, int64_t data_size) {
  int64_t filled = 0;
  for (const Entry& entry : entries) {
    const char* name = entry.name.c_str();
    if (entry.begin > entry.end) broken(_("the data of “%s” ends before it begins"), name);
    if (entry.end > data_size) broken(_("the data of “%s” reaches beyond the end of the file"), name);
    if (entry.end - entry.begin != bytes_of(entry))
      broken(_("the data of “%s” does not have the size of its shape"), name);
    if (entry.begin < filled) broken(_("the data of “%s” overlaps that of another tensor"), name);
    if (entry.begin > filled) broken(_("there is a hole in the data before “%s”"), name);
    filled = entry.end;
  }
  if (filled != data_size) broken(_("there is data after the last tensor"));
}

std::string escaped(const std::string& text) {
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

struct Safetensors::State {
  explicit State(const std::string& file) : path(file), mapping(file) {}
  void read();
  const Entry* find(const std::string& name) const {
    const auto found = index.find(name);
    return found == index.end() ? nullptr : &entries[found->second];
  }
  const Entry& at(const std::string& name) const {
    const Entry* entry = find(name);
    if (!entry)
      throw Failure(ErrorCode::model_damaged,
                    format_text(_("The weights file “%s” has no tensor “%s”."), path.c_str(), name.c_str()),
                    _("This file may belong to another kind of network."));
    return *entry;
  }

  std::string path;
  Mapping mapping;
  std::vector<Entry> entries;  ///< in the order of the data
  std::unordered_map<std::string, size_t> index;
  std::map<std::string, std::string> metadata;
  char* data = nullptr;
};

void Safetensors::State::read() {
  if (mapping.size() < 8) broken(_("it is too short"));
  uint64_t length = 0;
  std::memcpy(&length, mapping.data(), 8);
  if (length > header_limit) broken(_("the length of its header is too large to be true"));
  if (length > mapping.size() - 8) broken(_("its header is longer than the file"));
  const std::string_view header(mapping.data() + 8, length);
  if (header.empty() || header.front() != '{') broken(_("its header does not begin with “{”"));
  if (!is_utf8(header)) broken(_("its header is not UTF-8 text"));

  JsonReader json(header);
  json.object([&](std::string name) {
    if (name == "__metadata__")
      json.object([&](std::string key) { metadata.emplace(std::move(key), json.string()); });
    else
      entries.push_back(read_entry(json, std::move(name)));
  });
  json.end();

  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  data = mapping.data() + 8 + length;
  check_ranges(entries, int64_t(mapping.size() - 8 - length));
  for (size_t i = 0; i < entries.size(); ++i) index.emplace(entries[i].name, i);
}

Result<Safetensors> Safetensors::open(const std::string& path) {
  return guarded([&] {
    auto state = std::make_shared<State>(path);
    try {
      state->read();
    } catch (const BrokenRule& rule) {
      throw damaged(path, rule.what());
    } catch (const JsonError& problem) {
      throw damaged(path, format_text(_("its header is broken: %s"), problem.what()));
    }
    Safetensors file;
    file.state_ = std::move(state);
    return file;
  });
}

std::vector<std::string> Safetensors::names() const {
  std::vector<std::string> names;
  for (const Entry& entry : state_->entries) names.push_back(entry.name);
  return names;
}

bool Safetensors::has(const std::string& name) const {
  return state_->find(name) != nullptr;
}

std::vector<int64_t> Safetensors::shape(const std::string& name) const {
  return state_->at(name).shape;
}

const std::map<std::string, std::string>& Safetensors::metadata() const {
  return state_->metadata;
}

torch::Tensor Safetensors::tensor(const std::string& name) const {
  const Entry& entry = state_->at(name);
  const auto options = torch::TensorOptions().dtype(entry.type);
  const size_t size = size_t(entry.end - entry.begin);
  if (size == 0) return torch::empty(entry.shape, options);
  char* data = state_->data + entry.begin;
  if (entry.type == torch::kBool && std::any_of(data, data + size, [](char byte) { return byte != 0 && byte != 1; }))
    throw damaged(state_->path, format_text(_("“%s” holds truth values other than 0 and 1"), name.c_str()));
  if (reinterpret_cast<uintptr_t>(data) % torch::elementSize(entry.type) == 0)
    return torch::from_blob(
        data, entry.shape, [keep = state_](void*) {}, options);
  torch::Tensor copy = torch::empty(entry.shape, options);
  std::memcpy(copy.data_ptr(), data, size);
  return copy;
}

namespace {

struct Item {
  std::string name;
  torch::Tensor tensor;  ///< CPU, contiguous
};

std::string make_header(const std::vector<Item>& items, const std::map<std::string, std::string>& metadata) {
  std::string header = "{", separator;
  if (!metadata.empty()) {
    header += "\"__metadata__\":{";
    for (const auto& [key, value] : metadata) {
      header += separator + escaped(key) + ":" + escaped(value);
      separator = ",";
    }
    header += "}";
  }
  size_t at = 0;
  for (const Item& item : items) {
    const Dtype* dtype = find_dtype(item.tensor.scalar_type());
    if (!dtype || item.name == "__metadata__" || !is_utf8(item.name))
      throw Failure(ErrorCode::internal, "this tensor cannot be kept in a safetensors file: " + item.name);
    header += separator + escaped(item.name) + ":{\"dtype\":\"" + dtype->name + "\",\"shape\":[";
    for (int64_t i = 0; i < item.tensor.dim(); ++i) header += (i ? "," : "") + std::to_string(item.tensor.size(i));
    header += "],\"data_offsets\":[" + std::to_string(at) + "," + std::to_string(at + item.tensor.nbytes()) + "]}";
    at += item.tensor.nbytes();
    separator = ",";
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return header;
}

/// A temporary file beside `path` that becomes `path` when all went well, and vanishes otherwise.
class NewFile {
 public:
  explicit NewFile(const std::string& path) : path_(path), temporary_(path + ".XXXXXX") {
    const int file = ::mkostemp(temporary_.data(), O_CLOEXEC);
    if (file < 0) fail();
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::fchmod(file, 0666 & ~mask);
    stream_ = ::fdopen(file, "wb");
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (stream_) std::fclose(stream_);
    if (!done_) ::unlink(temporary_.c_str());
  }
  void write(const void* data, size_t size) {
    if (size && std::fwrite(data, 1, size, stream_) != size) fail();
  }
  void finish() {
    const int closed = std::fclose(std::exchange(stream_, nullptr));
    if (closed != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) fail();
    done_ = true;
  }

 private:
  [[noreturn]] void fail() const {
    throw Failure(ErrorCode::file_unwritable,
                  format_text(_("The weights file “%s” cannot be written: %s."), path_.c_str(), std::strerror(errno)),
                  _("Check the folder, its permissions and the free space."));
  }
  std::string path_, temporary_;
  FILE* stream_ = nullptr;
  bool done_ = false;
};

}  // namespace

Status save_safetensors(const std::string& path, const std::map<std::string, torch::Tensor>& tensors,
                        const std::map<std::string, std::string>& metadata) {
  return guarded([&] {
    std::vector<Item> items;
    for (const auto& [name, tensor] : tensors) items.push_back({name, tensor.detach().cpu().contiguous()});
    // The widest types first: then every tensor is aligned although the format allows no holes.
    std::stable_sort(items.begin(), items.end(),
                     [](const Item& a, const Item& b) { return a.tensor.element_size() > b.tensor.element_size(); });
    const std::string header = make_header(items, metadata);
    const uint64_t length = header.size();
    NewFile file(path);
    file.write(&length, sizeof length);
    file.write(header.data(), header.size());
    for (const Item& item : items) file.write(item.tensor.const_data_ptr(), item.tensor.nbytes());
    file.finish();
    return Nothing{};
  });
}

}  // namespace pinxit
