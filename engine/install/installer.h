// SPDX-License-Identifier: Apache-2.0
//
// The store as windows and the command line see it: what there is, install, import, remove, verify. The only room
// that goes online, and only inside `install`. No GTK, no LibTorch.
//
//     Installer installer;                                          // the user's store
//     for (const ModelState& model : installer.list()) show(model.title, model.state, model.download_bytes);
//     auto done = installer.install("vgg19", [&](const InstallProgress& p) { bar(p.done, p.total, p.seconds_left); },
//                                   stop.get_token());
//     if (!done) show(done.error());                                // sentence and hint; the code is stable
//     auto taken = installer.import_file("/home/…/my_style.pth");   // also a folder; never goes online
//
// A model is installed when its folder with model.json lies in the store: the catalogue (store/catalogue.h) of an
// engine or a window then lists it like any other. Before that everything happens in STORE/.work/ID, which the
// catalogue does not look into, and one rename puts it in place; so a model is there whole or not at all, also after
// a crash. Unfinished downloads stay there and are resumed by the next `install`.
//
// Threads: every call blocks (the caller's worker thread) and calls back on the calling thread; one Installer may be
// used by several threads at once. Processes: whoever works on a model holds a lock that ends with the process; others
// wait for it and find the work done.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/install/offer.h"
#include "engine/store/catalogue.h"

namespace pinxit {

struct InstallProgress {
  enum class Phase {
    waiting,      ///< another process works on this model
    downloading,  ///< done and total are bytes of all files
    retrying,     ///< the server or the line failed; `note` tells what and when it goes on
    verifying,    ///< sums; done and total are bytes
    converting,
    finishing,    ///< into place; thumbnail
  };
  Phase phase = Phase::downloading;
  std::string id;
  std::string file;           ///< the file it is about, may be empty
  int64_t done = 0, total = 0;  ///< bytes; total 0: not known
  double bytes_per_second = 0;  ///< of the last seconds; 0: not known yet
  double seconds_left = -1;     ///< -1: not known
  std::string note;             ///< translated, may be empty
};
std::string_view phase_name(InstallProgress::Phase phase);  ///< "waiting", "downloading", …
using OnProgress = std::function<void(const InstallProgress&)>;

/// One line of a list of models: offers, what is installed, and both.
struct ModelState {
  enum class State {
    missing,    ///< can be installed
    partial,    ///< a download was begun; `install` resumes it
    installed,
    damaged,    ///< files are missing or of another size (`verify` looks at the sums as well)
  };
  State state = State::missing;
  std::string id, kind, operation, title, description, licence, licence_url, source, purpose;
  std::string thumbnail;        ///< absolute path or empty
  std::string folder;           ///< absolute, of an installed one
  std::string problem;          ///< translated; why it counts as damaged
  int64_t download_bytes = 0;   ///< planned, of an offer
  int64_t fetched_bytes = 0;    ///< of `partial`
  int64_t disk_bytes = 0;       ///< what it takes on the disk, unfinished downloads included
  int64_t memory_bytes = 0;     ///< needed while it works; 0: not known
  /// How its files were verified, or those of an offer will be; Trust::length is to be shown as "unverified".
  Trust trust = Trust::length;
  bool offered = false;         ///< `install` knows where to get it
  bool removable = false;       ///< lies in the user's store, or is an unfinished download
};
std::string_view state_name(ModelState::State state);  ///< "missing", "partial", …
std::string_view trust_name(Trust trust);              ///< "unverified", "sha256-prefix", "git-blob", "sha256"

struct InstallerOptions {
  std::string store;                        ///< empty: `default_store()`
  std::vector<std::string> offer_folders;   ///< empty: the search path's
  int parallel = 2;                         ///< files at once
  int attempts = 5;                         ///< without any progress, at each address
  double first_pause_seconds = 1;           ///< before the second attempt; doubles, at most `longest_pause_seconds`
  double longest_pause_seconds = 60;        ///< also what a server may ask for with Retry-After
  int stall_seconds = 30;                   ///< a connection that brings nothing for so long is given up
  int64_t free_space_margin = 64 << 20;     ///< bytes that have to stay free
  std::function<int64_t(const std::string& folder)> free_space;  ///< instead of asking the file system (tests)
  /// Called after a style was imported: paints `weights` (a safetensors file) on a picture of its own and writes
  /// `picture` (a JPEG, 256 × 256). A failure is told as a note; the model stays without a picture.
  std::function<Status(const std::string& weights, const std::string& picture)> make_thumbnail;
};

struct Imported {
  std::vector<std::string> ids;        ///< now installed
  std::vector<std::string> waiting;    ///< offers that got some of their files and lack others
  std::vector<std::string> notes;      ///< translated; what was left out and why
};

struct DiskUse {
  int64_t models = 0, unfinished = 0, kept = 0, free = 0;  ///< bytes
  std::string store;
  std::string kept_folder;  ///< where `kept` lies: folders put aside because Pinxit may not have made them
};

class Installer {
 public:
  /// Removes what killed processes left behind and cannot be resumed.
  explicit Installer(InstallerOptions options = {});

  /// The model folder of the settings where one is set and may be written to, else the user's data folder's.
  static std::string default_store();
  const std::string& store() const { return options_.store; }

  /// Offers first, in their order, then what is installed besides.
  std::vector<ModelState> list() const;

  /// Downloads, verifies, converts and puts into place; nothing to do where it is installed and sound.
  /// Errors: model_missing (no such offer), disk_full, download_failed, model_damaged (the files are not those that
  /// were offered, at every address), model_unsupported (the converter), file_unwritable, cancelled.
  Result<ModelEntry> install(const std::string& id, const OnProgress& progress = {}, std::stop_token stop = {});

  /// A file or folder from anywhere: files of offers are recognised by their sums; a model.json brings its model; a
  /// checkpoint of a network Pinxit knows becomes a model named after its file. Copies, or links where that is
  /// possible. Errors: model_unsupported, model_damaged, file_unreadable, disk_full, file_unwritable, cancelled.
  Result<Imported> import_file(const std::string& path, const OnProgress& progress = {}, std::stop_token stop = {});

  /// Only what lies in the store; an unfinished download as well. Waits while another process works on the model. A
  /// folder with a broken model.json that Pinxit may not have made is kept aside, and told. Errors: model_missing,
  /// bad_argument (it lies elsewhere), file_unwritable, cancelled.
  Status remove(const std::string& id, const OnProgress& progress = {}, std::stop_token stop = {});

  /// Reads every file of an installed model and compares sizes and sums; a note tells where no sum is stated.
  /// Errors: model_missing, model_damaged.
  Status verify(const std::string& id, const OnProgress& progress = {}, std::stop_token stop = {}) const;

  DiskUse disk_use() const;
  /// Deletes for good what was put aside. Errors: file_unwritable.
  Status remove_kept();

 private:
  InstallerOptions options_;
};

}  // namespace pinxit
