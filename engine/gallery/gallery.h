// SPDX-License-Identifier: Apache-2.0
//
// The gallery: every Neural Style run is an entry that outlives the run, the window and GIMP. One SQLite file and one
// folder of pictures in the user's data folder ($XDG_DATA_HOME/pinxit/gallery, or below PINXIT_DATA_DIR_USER).
//
//     Gallery gallery = Gallery::open().take();
//     const int64_t run = gallery.add("Evening, Starry Night", request).take();  // ready
//     gallery.begin(run).take();                                // in_progress, owned by this object and process
//     gallery.record(run, iteration, losses, picture.view());   // each state as it comes; 0 is the start
//     gallery.complete(run, result.view(), facts);              // or stop(…), fail(…)
//
// Several processes may use it at once. A run whose owner is gone is `failed` for whoever looks next, with the
// iterations it recorded. A full disk makes `record` fail, and nothing else: the run may go on and record later.
//
// Pictures are kept as R'G'B'A of 16 bits: values outside 0..1 are clamped. Those shown are in gallery.sqlite, results
// and full-size iterations are files beside it; the folder is the user's alone (0700). Nothing here needs GIMP, GTK,
// LibTorch or OpenCV. Threads: one gallery object is used by one thread at a time; another thread opens its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/neural_preset.h"
#include "engine/base/pixels.h"
#include "engine/requests/neural_style.h"

namespace pinxit {

enum class RunState { fresh, ready, in_progress, completed, failed, stopped };
const char* run_state_name(RunState state);  ///< "new", "ready", "in-progress", "completed", "failed", "stopped"
std::string run_state_title(RunState state); ///< translated: "New", "Ready", "In progress", …

struct GalleryEntry {
  int64_t id = 0;
  std::string name;
  RunState state = RunState::fresh;
  NeuralStyleRequest request;
  std::string made, changed;  ///< ISO 8601, UTC
  std::string error;          ///< of a failed one: a sentence
  std::string facts;          ///< JSON object text of the engine, when there is a result
  int iterations = 0;         ///< recorded ones; the start is not counted
  int64_t bytes = 0;          ///< on disk
  bool has_result = false;
};

struct GalleryIteration {
  int iteration = 0;
  Losses losses;
  bool shown = true;  ///< its picture is kept (`tidy` may have removed it)
  bool full = false;  ///< a picture of the result's size is kept too
};

class Gallery {
 public:
  /// Empty: the user's folder. Marks runs whose owners are gone as failed. Errors: file_unwritable; file_unreadable for
  /// a gallery of a newer version.
  static Result<Gallery> open(const std::string& folder = {});
  Gallery(Gallery&&) noexcept;
  Gallery& operator=(Gallery&&) noexcept;
  ~Gallery();  ///< runs of it that are still in progress are as good as gone
  /// Something for the painter to know, found while opening: a damaged database was put aside as
  /// gallery.damaged-N/ in the folder, and an empty one begun.
  const std::optional<Error>& trouble() const;

  /// A new entry with state `ready`, or `fresh` where the request names no style yet. Errors: bad_argument for an empty
  /// or a taken name (case ignored), or a value out of range; nothing is changed then.
  Result<int64_t> add(const std::string& name, const NeuralStyleRequest& request);
  /// `wanted`, or the first of "wanted 2", "wanted 3", … that is free.
  std::string free_name(const std::string& wanted);
  /// Only before the run has begun. Errors: bad_argument.
  Status change(int64_t id, const NeuralStyleRequest& request);
  Status rename(int64_t id, const std::string& name);

  /// Newest first; those whose name contains `filter`, case ignored (Unicode).
  Result<std::vector<GalleryEntry>> list(const std::string& filter = {});
  Result<GalleryEntry> entry(int64_t id);
  Result<std::vector<GalleryIteration>> iterations(int64_t id);
  /// The picture of an iteration: in the size it was shown, or if `full`, in full size where that was kept.
  /// Errors: bad_argument where none is kept, file_unreadable.
  Result<SrgbPicture> picture(int64_t id, int iteration, bool full = false);
  Result<SrgbPicture> result(int64_t id);

  /// From `ready` only. Errors: bad_argument.
  Status begin(int64_t id);
  /// These are for the object that began the run. Errors: bad_argument, file_unwritable (disk full, …).
  Status record(int64_t id, int iteration, const Losses& losses, SrgbView shown);
  Status record_full(int64_t id, int iteration, SrgbView picture);  ///< of one that has been recorded
  /// Where the result cannot be written, the run ends as failed with that error.
  Status complete(int64_t id, SrgbView result, const std::string& facts);
  Status stop(int64_t id, SrgbView result, const std::string& facts);  ///< ended early by the painter, result kept
  Status fail(int64_t id, const std::string& sentence);  ///< the last recorded iteration stays

  /// With its pictures. Errors: bad_argument while it runs.
  Status remove(int64_t id);
  int64_t bytes();  ///< of all entries' pictures on disk
  /// Removes full-size iterations, then results, then pictures of iterations but the last, each from the oldest ended
  /// run to the newest, until all take at most `limit` bytes. Losses stay. Called by `complete`, `stop` and `fail` with
  /// `limit_bytes`.
  Status tidy(int64_t limit);
  int64_t limit_bytes = int64_t(2) << 30;

 private:
  struct State;
  explicit Gallery(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pinxit
