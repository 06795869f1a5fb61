// SPDX-License-Identifier: Apache-2.0
//
// From the name a request gives to checked files.
#include <glib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>

#include "engine/base/text.h"
#include "engine/store/catalogue.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

/// Sums of files once read, as long as their size and time stay the same. Any thread.
class KnownSums {
 public:
  std::string sum(const std::string& path) {
    const Stamp stamp{fs::file_size(path), fs::last_write_time(path)};
    {
      const std::lock_guard lock(mutex_);
      const auto known = sums_.find(path);
      if (known != sums_.end() && known->second.first == stamp) return known->second.second;
    }
    std::string sum = file_sha256(path).take();
    const std::lock_guard lock(mutex_);
    sums_[path] = {stamp, sum};
    return sum;
  }

 private:
  using Stamp = std::pair<uintmax_t, fs::file_time_type>;
  std::mutex mutex_;
  std::map<std::string, std::pair<Stamp, std::string>> sums_;
};

/// How many letters must be put in, taken out or changed to turn `a` into `b`.
size_t edits(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t(0));
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = std::exchange(row[j], std::min({change, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row.back();
}

std::string nearest_ids(const Catalogue& catalogue, const std::string& id, const std::string& operation) {
  g_autofree char* lower = g_utf8_strdown(id.c_str(), -1);
  const std::string wanted = lower;
  std::vector<std::pair<size_t, std::string>> near;
  for (const ModelEntry& entry : catalogue.entries()) {
    if (entry.operation != operation) continue;
    const bool part = wanted.size() > 2 && entry.id.find(wanted) != std::string::npos;
    const size_t distance = part ? 0 : edits(wanted, entry.id);
    if (distance <= 1 + wanted.size() / 3) near.emplace_back(distance, entry.id);
  }
  std::sort(near.begin(), near.end());
  std::string text;
  for (size_t i = 0; i < near.size() && i < 3; ++i) text += (i ? ", “" : "“") + near[i].second + "”";
  return text;
}

Failure no_such_model(const Catalogue& catalogue, const std::string& id, const std::string& operation) {
  const std::string near = nearest_ids(catalogue, id, operation);
  const std::string hint =
      near.empty() ? _("Filters ▸ Neural ▸ Models… (in a shell, “pinxit styles”) lists the styles there are; the path of a "
                       "weights file works as well.")
                   : format_text(_("Did you mean %s?"), near.c_str());
  return {ErrorCode::model_missing, format_text(_("There is no style “%s”."), id.c_str()), hint};
}

bool looks_like_file(const std::string& text) {
  return text.find('/') != std::string::npos || text.ends_with(".safetensors");
}

ModelEntry entry_of_file(const std::string& path, const std::string& operation) {
  g_autofree char* absolute = g_canonicalize_filename(path.c_str(), nullptr);
  ModelEntry entry;
  entry.id = absolute;
  entry.title = fs::path(absolute).stem().string();
  entry.operation = operation;
  entry.folder = fs::path(absolute).parent_path().string();
  entry.files.push_back({"weights", absolute, 0, {}});
  return entry;
}

/// Checks a file against what is stated of it, and states its real size and sum.
void check_file(ModelFile& file, const std::string& title) {
  static KnownSums known;
  const char* path = file.path.c_str();
  if (!fs::is_regular_file(file.path))
    throw Failure(ErrorCode::model_missing, format_text(_("The weights file “%s” is not there."), path),
                  _("Check the path, or install the model again."));
  const int64_t size = int64_t(fs::file_size(file.path));
  const std::string sum = known.sum(file.path);
  if ((file.bytes && file.bytes != size) || (!file.sha256.empty() && file.sha256 != sum))
    throw Failure(
        ErrorCode::model_damaged,
        format_text(_("The weights file “%s” is not the one that belongs to the style “%s”."), path, title.c_str()),
        _("Install the model again: its file was damaged or changed."));
  file.bytes = size;
  file.sha256 = sum;
}

}  // namespace

Result<std::string> file_sha256(const std::string& path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                   [](FILE* f) { return std::fclose(f); });
  g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
  std::vector<guchar> block(1 << 20);
  size_t size = 0;
  while (file && (size = std::fread(block.data(), 1, block.size(), file.get())) > 0)
    g_checksum_update(sum, block.data(), gssize(size));
  if (!file || std::ferror(file.get()))
    return Error{ErrorCode::file_unreadable,
                 format_text(_("The file “%s” cannot be read: %s."), path.c_str(), g_strerror(errno)),
                 _("Check the file's name and that you may read it.")};
  return std::string(g_checksum_get_string(sum));
}

Result<ModelEntry> resolve_model(const Catalogue& catalogue, const std::string& id_or_file,
                                 const std::string& operation) {
  return guarded([&] {
    const ModelEntry* known = catalogue.find(id_or_file);
    if (!known && !looks_like_file(id_or_file)) throw no_such_model(catalogue, id_or_file, operation);
    ModelEntry entry = known ? *known : entry_of_file(id_or_file, operation);
    if (entry.operation != operation) throw no_such_model(catalogue, id_or_file, operation);
    for (ModelFile& file : entry.files) check_file(file, entry.title);
    return entry;
  });
}

}  // namespace pinxit
