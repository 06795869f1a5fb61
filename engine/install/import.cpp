// SPDX-License-Identifier: Apache-2.0
//
// Installer::import_file: files from a stick or a friend. First those that offers know by their sums, then models with
// a model.json, then checkpoints that tell by their tensors what they are.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "engine/base/text.h"
#include "engine/install/checksum.h"
#include "engine/install/disk.h"
#include "engine/install/download.h"
#include "engine/install/entry.h"
#include "engine/install/installer.h"
#include "engine/install/own_model.h"
#include "engine/install/place.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;
using Phase = InstallProgress::Phase;

constexpr int deepest_level = 4;
constexpr size_t most_files = 5000;

struct Candidate {
  std::string path;
  std::string inside;  ///< path within what is imported
  bool used = false;
  bool unreadable = false;
};

class Import {
 public:
  Import(const InstallerOptions& options, const std::string& path, const OnProgress& progress, std::stop_token stop)
      : options_(options), path_(path), stop_(std::move(stop)), board_(shown_path(fs::path(path).filename()), progress),
        offers_(Offers::read(options.offer_folders)) {}

  Imported run() {
    find_files();
    match_offers();
    take_entries();
    take_checkpoints();
    if (imported_.ids.empty() && imported_.waiting.empty() && first_fault_) throw Failure(*first_fault_);
    if (imported_.ids.empty() && imported_.waiting.empty() && imported_.notes.empty())
      throw Failure(ErrorCode::model_unsupported,
                    format_text(_("There is no model in “%s”."), shown_path(path_).c_str()),
                    _("Choose a file of weights (.safetensors, .pth, .onnx, .tflite, .bin) or a folder with such "
                      "files."));
    return std::move(imported_);
  }

 private:
  void find_files() {
    std::error_code problem;
    if (fs::is_regular_file(path_, problem)) {
      files_.push_back({path_, fs::path(path_).filename().string()});
      return;
    }
    if (!fs::is_directory(path_, problem))
      throw Failure(ErrorCode::file_unreadable, format_text(_("“%s” is not there."), shown_path(path_).c_str()),
                    _("Check the file's name and that you may read it."));
    fs::recursive_directory_iterator at(path_, fs::directory_options::skip_permission_denied, problem), end;
    for (; !problem && at != end; at.increment(problem)) {
      if (files_.size() == most_files) {
        imported_.notes.push_back(format_text(_("Only the first %d files of “%s” were looked at."), int(most_files),
                                              shown_path(path_).c_str()));
        break;
      }
      std::error_code ignored;
      const bool hidden = at->path().filename().string().starts_with('.');
      if (at.depth() >= deepest_level || hidden) at.disable_recursion_pending();
      if (at->is_regular_file(ignored) && !hidden)
        files_.push_back({at->path().string(), at->path().lexically_relative(path_).string()});
    }
    if (problem)
      throw Failure(ErrorCode::file_unreadable,
                    format_text(_("The folder “%s” cannot be read: %s."), shown_path(path_).c_str(),
                                problem.message().c_str()));
    std::sort(files_.begin(), files_.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  }

  const FileSums& sums_of(const Candidate& file) {
    auto known = sums_.find(file.path);
    if (known == sums_.end()) {
      board_.say(Phase::verifying, shown_path(file.inside), "");
      board_.tell();
      known = sums_.emplace(file.path, sum_file(file.path, {}, stop_)).first;
    }
    return known->second;
  }

  /// What cannot be read is told once and left out.
  bool has_sums_of(Candidate& file, const OfferFile& wanted) {
    if (file.unreadable) return false;
    try {
      return !mismatch(wanted, sums_of(file));
    } catch (const Failure& failure) {
      if (failure.error.code != ErrorCode::file_unreadable) throw;
      if (!first_fault_) first_fault_ = failure.error;
      file.used = file.unreadable = true;
      imported_.notes.push_back(failure.error.sentence);
      return false;
    }
  }

  /// Sums decide where there are any; else name and place inside the folder, as on the hub, and the length.
  bool is(Candidate& file, const OfferFile& wanted) {
    const int64_t size = file_size(file.path);
    if (size == 0 || (wanted.bytes && wanted.bytes != size) || !wanted.tensors.empty()) return false;
    if (wanted.trust() != Trust::length) return has_sums_of(file, wanted);
    const fs::path named = wanted.path, inside = file.inside;
    const int64_t about = wanted.bytes ? 0 : wanted.about_bytes;
    const bool told = named.has_parent_path() || wanted.planned_bytes();  // "config.json" alone says nothing
    return told && inside == named && (!about || std::abs(size - about) <= about / 256);
  }

  void match_offers() {
    for (const Offer& offer : offers_.all()) {
      std::map<std::string, Candidate*> found;
      bool telling = false, sized = false;  // by its sum; by place and length
      for (const OfferFile& wanted : offer.files) {
        for (Candidate& file : files_) {
          if (!is(file, wanted)) continue;
          found[wanted.path] = &file;
          const bool by_sum = wanted.trust() != Trust::length;
          telling |= by_sum && wanted.convert != Convert::companion;
          sized |= !by_sum && wanted.planned_bytes() > 0;
          break;
        }
      }
      if (!telling && !(sized && found.size() == offer.files.size())) continue;
      for (auto& [path, file] : found) file->used = true;
      take_offer(offer, found);
    }
  }

  void take_offer(const Offer& offer, const std::map<std::string, Candidate*>& found) {
    Work work = Work::take(options_.store, offer.id, [&] { board_.begin(Phase::waiting, 0), board_.tell(); }, stop_);
    work.clean();
    const Catalogue catalogue = Catalogue::read({options_.store});
    if (const ModelEntry* entry = catalogue.find(offer.id); entry && fault_of(*entry).empty()) {
      imported_.notes.push_back(format_text(_("“%s” is installed already."), offer.title.c_str()));
      return imported_.ids.push_back(offer.id);
    }
    int64_t bytes = 0;
    for (const auto& [path, file] : found) bytes += file_size(file->path);
    check_space(options_, bytes);
    std::string lacking;
    for (const OfferFile& wanted : offer.files) {
      const std::string whole = work.whole(wanted.path);
      const auto at = found.find(wanted.path);
      if (fs::exists(whole)) continue;
      if (at == found.end()) {
        lacking += (lacking.empty() ? "" : ", ") + wanted.path;
        continue;
      }
      const std::string half = work.ready() + "/half";  // cleaned after a crash
      remove_tree(half);
      link_or_copy(at->second->path, half, stop_);
      make_folder(fs::path(whole).parent_path().string());
      remove_tree(work.part(wanted.path));
      if (std::rename(half.c_str(), whole.c_str()) != 0) throw write_failure(whole, errno);
    }
    remove_tree(work.ready());
    if (!lacking.empty()) {
      imported_.notes.push_back(
          format_text(_("“%s” still lacks %s; import that as well, or install the model to fetch it."),
                      offer.title.c_str(), lacking.c_str()));
      return imported_.waiting.push_back(offer.id);
    }
    assemble(offer, work, options_, board_, stop_);
    imported_.ids.push_back(offer.id);
  }

  /// Models with their entry, as a friend's store holds them.
  void take_entries() {
    if (std::none_of(files_.begin(), files_.end(), [](const Candidate& file) {
          return fs::path(file.path).filename() == "model.json";
        }))
      return;
    const std::string folder = fs::is_directory(path_) ? path_ : fs::path(path_).parent_path().string();
    const Catalogue there = Catalogue::read({folder});
    for (Candidate& file : files_) {
      if (fs::path(file.path).filename() != "model.json" || file.used) continue;
      file.used = true;
      const std::string place = fs::path(file.path).parent_path().string();
      const auto entry = std::find_if(there.entries().begin(), there.entries().end(), [&](const ModelEntry& e) {
        std::error_code ignored;
        return fs::equivalent(e.folder, place, ignored);
      });
      if (entry == there.entries().end()) {
        for (const Error& problem : there.problems()) imported_.notes.push_back(problem.sentence);
        continue;
      }
      try {
        take_entry(*entry);
      } catch (const Failure& failure) {
        if (failure.error.code != ErrorCode::file_unreadable) throw;
        imported_.notes.push_back(format_text(_("“%s” is left out: %s"), entry->title.c_str(),
                                              failure.error.sentence.c_str()));
      }
    }
  }

  void take_entry(const ModelEntry& entry) {
    for (Candidate& file : files_)
      if (file.path.starts_with(entry.folder + "/")) file.used = true;
    const Catalogue catalogue = Catalogue::read({options_.store});
    if (const ModelEntry* other = catalogue.find(entry.id); other && fault_of(*other).empty()) {
      imported_.notes.push_back(format_text(_("“%s” is installed already."), entry.title.c_str()));
      return imported_.ids.push_back(entry.id);
    }
    if (const std::string fault = fault_of(entry); !fault.empty())
      return imported_.notes.push_back(format_text(_("“%s” is left out: %s."), entry.title.c_str(), fault.c_str()));
    int64_t bytes = 0;
    for (const ModelFile& file : entry.files) bytes += file_size(file.path);
    check_space(options_, bytes);
    Work work = Work::take(options_.store, entry.id, [&] { board_.begin(Phase::waiting, 0), board_.tell(); }, stop_);
    work.clean();
    const auto bring = [&](const std::string& path) {
      const std::string to = work.ready() + "/" + fs::path(path).lexically_relative(entry.folder).string();
      if (!fs::exists(to)) link_or_copy(path, to, stop_);
      return to;
    };
    for (const ModelFile& file : entry.files) {
      const std::string sum = sum_file(bring(file.path), {}, stop_).sha256;
      if (!file.sha256.empty() && sum != file.sha256) {
        work.finish();
        return imported_.notes.push_back(format_text(_("“%s” is left out: the sum of the file %s is another one."),
                                                     entry.title.c_str(), fs::path(file.path).filename().c_str()));
      }
    }
    if (!entry.thumbnail.empty()) bring(entry.thumbnail);
    write_whole(work.ready() + "/model.json", adopted_entry_text(entry.folder + "/model.json"));
    sync_tree(work.ready());
    put_model_in_place(work, options_.store, entry.id, board_);
    imported_.ids.push_back(entry.id);
  }

  void take_checkpoints() {
    OwnModels own(options_, board_, stop_);
    const bool chosen = fs::is_regular_file(path_);
    for (Candidate& file : files_) {
      if (stop_.stop_requested()) throw Cancelled();
      if (file.used || (!chosen && !may_be_checkpoint(file.path))) continue;
      board_.say(Phase::converting, shown_path(file.inside), "");
      board_.tell();
      const Status looked = own.look_at(file.path);
      if (looked) continue;
      if (!first_fault_) first_fault_ = looked.error();
      if (!chosen) imported_.notes.push_back(shown_path(file.inside) + ": " + looked.error().sentence);
    }
    own.finish(imported_, fs::path(path_).filename().string());
    if (imported_.ids.empty() && imported_.waiting.empty() && !chosen && first_fault_ && files_.size() > 1)
      first_fault_->sentence = format_text(_("No model in “%s” could be used; the first one: %s"),
                                           shown_path(path_).c_str(), first_fault_->sentence.c_str());
  }

  static bool may_be_checkpoint(const std::string& path) {
    static const std::set<std::string> endings = {".pth", ".pt", ".ckpt", ".tar", ".bin", ".safetensors", ".onnx",
                                                  ".tflite", ".t7", ".model"};
    return endings.contains(fs::path(path).extension().string());
  }

  const InstallerOptions& options_;
  const std::string path_;
  std::stop_token stop_;
  ProgressBoard board_;
  const Offers offers_;
  std::vector<Candidate> files_;
  std::map<std::string, FileSums> sums_;
  Imported imported_;
  std::optional<Error> first_fault_;
};

}  // namespace

Result<Imported> Installer::import_file(const std::string& path, const OnProgress& progress, std::stop_token stop) {
  return guarded([&] {
    const std::string absolute = fs::absolute(path).lexically_normal().string();
    const bool slash = absolute.size() > 1 && absolute.back() == '/';
    return Import(options_, slash ? absolute.substr(0, absolute.size() - 1) : absolute, progress, stop).run();
  });
}

}  // namespace pinxit
