// SPDX-License-Identifier: Apache-2.0
#include "engine/weights/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "engine/base/safetensors_header.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace pinxit {
namespace {

torch::ScalarType torch_type(NumberType type) {
  constexpr torch::ScalarType types[] = {
      torch::kFloat64,
      torch::kFloat32,
      torch::kFloat16,
      torch::kBFloat16,
      torch::kFloat8_e4m3fn,
      torch::kFloat8_e5m2,
      torch::kInt64,
      torch::kInt32,
      torch::kInt16,
      torch::kInt8,
      torch::ScalarType::UInt64,
      torch::ScalarType::UInt32,
      torch::ScalarType::UInt16,
      torch::kUInt8,
      torch::kBool,
  };
  return types[size_t(type)];
}

Failure damaged(const std::string& path, const std::string& rule) {
  return {ErrorCode::model_damaged,
          format_text(_("“%s” is not a sound safetensors file: %s."), path.c_str(), rule.c_str()),
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

}  // namespace

struct Safetensors::State {
  explicit State(const std::string& file) : path(file), mapping(file) {}
  void read();
  const SafetensorsEntry* find(const std::string& name) const {
    const auto found = index.find(name);
    return found == index.end() ? nullptr : &header.entries[found->second];
  }
  const SafetensorsEntry& at(const std::string& name) const {
    const SafetensorsEntry* entry = find(name);
    if (!entry)
      throw Failure(ErrorCode::model_damaged,
                    format_text(_("The weights file “%s” has no tensor “%s”."), path.c_str(), name.c_str()),
                    _("This file may belong to another kind of network."));
    return *entry;
  }

  std::string path;
  Mapping mapping;
  SafetensorsHeader header;
  std::unordered_map<std::string, size_t> index;
};

void Safetensors::State::read() {
  header = read_safetensors_header({mapping.data(), mapping.size()});
  for (size_t i = 0; i < header.entries.size(); ++i) index.emplace(header.entries[i].name, i);
}

Result<Safetensors> Safetensors::open(const std::string& path) {
  return guarded([&] {
    auto state = std::make_shared<State>(path);
    try {
      state->read();
    } catch (const BrokenSafetensors& rule) {
      throw damaged(path, rule.what());
    }
    Safetensors file;
    file.state_ = std::move(state);
    return file;
  });
}

std::vector<std::string> Safetensors::names() const {
  std::vector<std::string> names;
  for (const SafetensorsEntry& entry : state_->header.entries) names.push_back(entry.name);
  return names;
}

bool Safetensors::has(const std::string& name) const {
  return state_->find(name) != nullptr;
}

std::vector<int64_t> Safetensors::shape(const std::string& name) const {
  return state_->at(name).shape;
}

const std::map<std::string, std::string>& Safetensors::metadata() const {
  return state_->header.metadata;
}

torch::Tensor Safetensors::tensor(const std::string& name) const {
  const SafetensorsEntry& entry = state_->at(name);
  const auto options = torch::TensorOptions().dtype(torch_type(entry.type));
  const size_t size = size_t(entry.end - entry.begin);
  if (size == 0) return torch::empty(entry.shape, options);
  char* data = state_->mapping.data() + state_->header.data + entry.begin;
  if (entry.type == NumberType::boolean &&
      std::any_of(data, data + size, [](char byte) { return byte != 0 && byte != 1; }))
    throw damaged(state_->path,
                  format_text(_("“%s” holds truth values other than 0 and 1"), fit_for_print(name).c_str()));
  if (reinterpret_cast<uintptr_t>(data) % number_size(entry.type) == 0)
    return torch::from_blob(
        data, entry.shape, [keep = state_](void*) {}, options);
  torch::Tensor copy = torch::empty(entry.shape, options);
  std::memcpy(copy.data_ptr(), data, size);
  return copy;
}

}  // namespace pinxit
