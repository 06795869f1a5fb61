// SPDX-License-Identifier: Apache-2.0
#include "engine/install/installer.h"

#include <glib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <set>

#include "engine/base/text.h"
#include "engine/install/checksum.h"
#include "engine/install/disk.h"
#include "engine/install/download.h"
#include "engine/install/entry.h"
#include "engine/install/place.h"
#include "engine/requests/settings.h"
#include "engine/store/catalogue.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;
using Phase = InstallProgress::Phase;
using State = ModelState::State;

bool lies_in(const std::string& path, const std::string& folder) {
  std::error_code ignored;
  const fs::path inner = fs::weakly_canonical(path, ignored), outer = fs::weakly_canonical(folder, ignored);
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

void move_away(const std::string& path, const std::string& to) {
  if (rename(path.c_str(), to.c_str()) != 0 && errno != ENOENT) throw write_failure(path, errno);
}

/// A folder that somebody laid down by hand: what its entry names, and the folder if nothing else is in it.
void remove_named_files(const ModelEntry& entry, const Work& work) {
  make_folder(work.removed());
  move_away(entry.folder + "/model.json", work.removed() + "/model.json");
  for (size_t i = 0; i < entry.files.size(); ++i)
    move_away(entry.files[i].path, work.removed() + "/" + std::to_string(i));
  if (!entry.thumbnail.empty()) move_away(entry.thumbnail, work.removed() + "/thumbnail");
  rmdir(entry.folder.c_str());
}

/// How an installed model was verified, whatever an offer of the same id would be. What was laid into the store by hand
/// was not; what came with Pinxit or a school is as good as the sums it states.
Trust trust_of(const ModelEntry& entry, bool in_store) {
  const Origin origin = origin_of(entry.folder);
  if (origin.trust) return *origin.trust;
  const bool summed = std::none_of(entry.files.begin(), entry.files.end(),
                                   [](const ModelFile& file) { return file.sha256.empty(); });
  return summed && !in_store ? Trust::sha256 : Trust::length;
}

void fill(ModelState& state, const ModelEntry& entry, const std::string& store) {
  if (state.title.empty()) state.title = entry.title;
  state.kind = entry.kind;
  state.operation = entry.operation;
  if (!entry.description.empty()) state.description = entry.description;
  if (!entry.licence.empty()) state.licence = entry.licence;
  if (!entry.licence_url.empty()) state.licence_url = entry.licence_url;
  if (!entry.source.empty()) state.source = entry.source;
  state.thumbnail = entry.thumbnail;
  state.folder = entry.folder;
  state.removable = lies_in(entry.folder, store);
  state.problem = fault_of(entry);
  state.trust = trust_of(entry, state.removable);
  state.state = state.problem.empty() ? State::installed : State::damaged;
  state.disk_bytes += folder_size(entry.folder);
}

ModelState state_of(const Offer& offer) {
  ModelState state;
  state.id = offer.id;
  state.kind = offer.kind;
  state.operation = offer.operation;
  state.title = offer.title;
  state.description = offer.description;
  state.licence = offer.licence;
  state.licence_url = offer.licence_url;
  state.source = offer.source;
  state.purpose = offer.purpose;
  state.download_bytes = offer.download_bytes();
  state.memory_bytes = offer.memory_bytes;
  state.trust = offer.trust();
  state.offered = true;
  return state;
}

Failure no_such_model(const std::string& id) {
  return {ErrorCode::model_missing, format_text(_("There is no model “%s”."), id.c_str()),
          _("“pinxit-engine models list” lists those there are.")};
}

}  // namespace

std::string_view phase_name(InstallProgress::Phase phase) {
  constexpr std::string_view names[] = {"waiting", "downloading", "retrying", "verifying", "converting", "finishing"};
  return names[size_t(phase)];
}

std::string_view state_name(ModelState::State state) {
  constexpr std::string_view names[] = {"missing", "partial", "installed", "damaged"};
  return names[size_t(state)];
}

std::string_view trust_name(Trust trust) {
  constexpr std::string_view names[] = {"unverified", "sha256-prefix", "git-blob", "sha256"};
  return names[size_t(trust)];
}

std::string Installer::default_store() {
  const auto settings = Settings::load();
  if (settings && !settings->model_folder.empty() && access(settings->model_folder.c_str(), W_OK) == 0)
    return settings->model_folder;
  const char* own = std::getenv("PINXIT_DATA_DIR_USER");
  const fs::path data = own && *own ? fs::path(own) : fs::path(g_get_user_data_dir()) / "pinxit";
  return (data / "models").string();
}

Installer::Installer(InstallerOptions options) : options_(std::move(options)) {
  if (options_.store.empty()) options_.store = default_store();
  options_.store = fs::absolute(options_.store).lexically_normal().string();
  if (!fs::path(options_.store).has_filename()) options_.store = fs::path(options_.store).parent_path().string();
  if (!fs::exists(work_root(options_.store))) return;
  const Offers offers = Offers::read(options_.offer_folders);
  const auto cleaned = guarded([&]() -> Nothing {
    clean_store(options_.store, [&](const std::string& id) {
      const std::string work = work_folder(options_.store, id);  // an offer may only be out of sight for a while
      return offers.find(id) || fs::exists(work + "/parts") || fs::exists(work + "/files");
    });
    return {};
  });
  (void)cleaned;  // a store that may only be read is no fault until something is to be written
}

std::vector<ModelState> Installer::list() const {
  const Offers offers = Offers::read(options_.offer_folders);
  const Catalogue catalogue = Catalogue::read({options_.store});
  std::vector<ModelState> states;
  for (const Offer& offer : offers.all()) {
    ModelState state = state_of(offer);
    const std::string work = work_folder(options_.store, offer.id);
    const int64_t unfinished = folder_size(work + "/parts") + folder_size(work + "/files");
    state.disk_bytes = unfinished;
    if (const ModelEntry* entry = catalogue.find(offer.id)) {
      fill(state, *entry, options_.store);
    } else if (fs::exists(options_.store + "/" + offer.id + "/model.json")) {
      state.state = State::damaged;
      state.problem = _("its model.json is broken");
      state.removable = true;
    } else if (unfinished > 0) {
      state.state = State::partial;
      state.removable = true;
      state.fetched_bytes = folder_size(work + "/files");
      for (const OfferFile& file : offer.files)
        state.fetched_bytes += file_size(work + "/parts/" + file.path + ".part");
    }
    states.push_back(std::move(state));
  }
  for (const ModelEntry& entry : catalogue.entries()) {
    if (offers.find(entry.id)) continue;
    ModelState state;
    state.id = entry.id;
    fill(state, entry, options_.store);
    states.push_back(std::move(state));
  }
  return states;
}

Status Installer::remove(const std::string& id, const OnProgress& progress, std::stop_token stop) {
  return guarded([&]() -> Nothing {
    if (!is_model_id(id)) throw no_such_model(id);
    const bool begun = fs::exists(work_folder(options_.store, id));
    const std::string own = options_.store + "/" + id;
    const auto broken = [&] { return fs::exists(own + "/model.json"); };
    const auto refuse = [&](const ModelEntry* entry) {
      if (!entry && !begun && !broken()) throw no_such_model(id);
      if (entry && !begun && !lies_in(entry->folder, options_.store))
        throw Failure(ErrorCode::bad_argument,
                      format_text(_("“%s” does not lie in your folder of models but in %s."), id.c_str(),
                                  entry->folder.c_str()),
                      _("It came with Pinxit or is shared with others; it stays."));
    };
    refuse(Catalogue::read({options_.store}).find(id));
    ProgressBoard board(id, progress);
    Work work = Work::take(options_.store, id, [&] { board.begin(Phase::waiting, 0), board.tell(); }, stop);
    work.clean();
    const Catalogue catalogue = Catalogue::read({options_.store});  // as it is once nobody else works on it
    const ModelEntry* entry = catalogue.find(id);
    refuse(entry);
    if (!entry && broken()) {
      keep_foreign_folder(options_.store, id, board);
      move_away(own, work.removed());
    } else if (entry && lies_in(entry->folder, options_.store)) {
      if (origin_of(entry->folder).made_here)
        move_away(entry->folder, work.removed());
      else
        remove_named_files(*entry, work);
    }
    sync_folder(options_.store);
    work.finish();
    return {};
  });
}

Status Installer::verify(const std::string& id, const OnProgress& progress, std::stop_token stop) const {
  return guarded([&]() -> Nothing {
    const Catalogue catalogue = Catalogue::read({options_.store});
    const ModelEntry* entry = catalogue.find(id);
    if (!entry) throw no_such_model(id);
    const auto damaged = [&](const std::string& fault) {
      return Failure(ErrorCode::model_damaged,
                     format_text(_("The model “%s” is damaged: %s."), entry->title.c_str(), fault.c_str()),
                     _("Install it again."));
    };
    if (const std::string fault = fault_of(*entry); !fault.empty()) throw damaged(fault);
    int64_t total = 0;
    for (const ModelFile& file : entry->files) total += file_size(file.path);
    ProgressBoard board(id, progress);
    board.begin(Phase::verifying, total);
    for (const ModelFile& file : entry->files) {
      const FileSums sums = sum_file(file.path, [&](int64_t bytes) { board.add(bytes), board.tell(false); }, stop);
      if (!file.sha256.empty() && file.sha256 != sums.sha256)
        throw damaged(format_text(_("the sum of the file %s is another one"), fs::path(file.path).filename().c_str()));
    }
    if (std::none_of(entry->files.begin(), entry->files.end(), [](const ModelFile& f) { return !f.sha256.empty(); }))
      board.say(Phase::verifying, "",
                _("No sums of this model’s files are known: nothing could be compared with them."));
    board.tell();
    return {};
  });
}

DiskUse Installer::disk_use() const {
  DiskUse use;
  use.store = options_.store;
  use.unfinished = folder_size(work_root(options_.store));
  use.kept_folder = kept_root(options_.store);
  use.kept = folder_size(use.kept_folder);
  use.models = folder_size(options_.store) - use.unfinished - use.kept;
  use.free = options_.free_space ? options_.free_space(options_.store) : free_space_at(options_.store);
  return use;
}

Status Installer::remove_kept() {
  return guarded([&]() -> Nothing {
    const std::string kept = kept_root(options_.store);
    if (!remove_tree(kept)) throw write_failure(kept, EACCES);
    sync_folder(options_.store);
    return {};
  });
}

}  // namespace pinxit
