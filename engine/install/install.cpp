// SPDX-License-Identifier: Apache-2.0
//
// Installer::install: all files of an offer at once, some at a time, then into place.
#include <gio/gio.h>

#include <atomic>
#include <filesystem>
#include <optional>
#include <thread>

#include "engine/base/text.h"
#include "engine/install/disk.h"
#include "engine/install/download.h"
#include "engine/install/entry.h"
#include "engine/install/installer.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;
using Phase = InstallProgress::Phase;

/// A stop that comes from outside or from the first worker that fails; also ends what waits on the line.
class Halt {
 public:
  explicit Halt(std::stop_token outside)
      : cancellable_(g_cancellable_new()),
        follow_(std::move(outside), [this] { source_.request_stop(); }),
        cancel_(source_.get_token(), [this] { g_cancellable_cancel(cancellable_); }) {}
  ~Halt() { g_object_unref(cancellable_); }
  Halt(const Halt&) = delete;
  Halt& operator=(const Halt&) = delete;
  void now() { source_.request_stop(); }
  std::stop_token token() const { return source_.get_token(); }
  GCancellable* cancellable() const { return cancellable_; }

 private:
  GCancellable* cancellable_;
  std::stop_source source_;
  std::stop_callback<std::function<void()>> follow_, cancel_;
};

class Downloads {
 public:
  Downloads(const Offer& offer, const Work& work, const InstallerOptions& options, ProgressBoard& board,
            std::stop_token stop)
      : offer_(offer), work_(work), options_(options), board_(board), halt_(std::move(stop)) {}

  void run() {
    const size_t count = std::min(offer_.files.size(), size_t(std::max(1, options_.parallel)));
    {
      std::vector<std::jthread> workers;
      running_ = count;
      for (size_t i = 0; i < count; ++i) workers.emplace_back([this] { work(); });
      board_.tell_until([this] { return running_ == 0; });
    }
    if (failure_) throw Failure(*failure_);
  }

 private:
  void work() {
    const auto done = guarded([this]() -> Nothing {
      HttpClient http(options_.stall_seconds, halt_.cancellable());
      for (size_t i = next_++; i < offer_.files.size() && !halt_.token().stop_requested(); i = next_++)
        download_file({offer_.files[i], work_, board_, options_, halt_.token()}, http);
      if (halt_.token().stop_requested()) throw Cancelled();
      return {};
    });
    if (!done) {
      const std::lock_guard lock(mutex_);
      if (!failure_ || failure_->code == ErrorCode::cancelled) failure_ = done.error();
      halt_.now();
    }
    --running_;
    board_.wake();
  }

  const Offer& offer_;
  const Work& work_;
  const InstallerOptions& options_;
  ProgressBoard& board_;
  Halt halt_;
  std::atomic<size_t> next_ = 0, running_ = 0;
  std::mutex mutex_;
  std::optional<Error> failure_;
};

/// Downloads that are still to come, and the converted copies beside them.
int64_t space_needed(const Offer& offer, const Work& work) {
  int64_t bytes = 0;
  for (const OfferFile& file : offer.files) {
    bytes += std::max<int64_t>(0, file.planned_bytes() - fetched_bytes(file, work));
    if (file.convert != Convert::keep && file.convert != Convert::companion) bytes += file.planned_bytes();
  }
  return bytes;
}

ModelEntry installed_entry(const std::string& store, const std::string& id) {
  const Catalogue catalogue = Catalogue::read({store});
  const ModelEntry* entry = catalogue.find(id);
  const std::string fault = entry ? fault_of(*entry) : std::string(_("it is not where it was put"));
  if (!fault.empty())
    throw Failure(ErrorCode::model_damaged,
                  format_text(_("The model “%s” is damaged: %s."), id.c_str(), fault.c_str()), _("Install it again."));
  return *entry;
}

}  // namespace

void assemble(const Offer& offer, Work& work, const InstallerOptions& options, ProgressBoard& board,
              std::stop_token stop) {
  board.begin(Phase::converting, 0);
  board.tell();
  convert_files(offer, work, stop);
  finish_entry(entry_of_offer(offer), work, options, board, stop);
}

Result<ModelEntry> Installer::install(const std::string& id, const OnProgress& progress, std::stop_token stop) {
  return guarded([&]() -> ModelEntry {
    const Offers offers = Offers::read(options_.offer_folders);
    const Offer* offer = offers.find(id);
    if (!offer && Catalogue::read({options_.store}).find(id)) {
      verify(id, progress, stop).take();
      return installed_entry(options_.store, id);
    }
    if (!offer)
      throw Failure(ErrorCode::model_missing, format_text(_("No model “%s” is offered."), id.c_str()),
                    _("“pinxit-engine models list” lists those there are."));
    ProgressBoard board(id, progress);
    Work work = Work::take(options_.store, id, [&] { board.begin(Phase::waiting, 0), board.tell(); }, stop);
    work.clean();
    if (Catalogue::read({options_.store}).find(id)) {
      const Status sound = verify(id, progress, stop);
      if (sound) return work.finish(), installed_entry(options_.store, id);
      if (sound.error().code == ErrorCode::cancelled) throw Failure(sound.error());
    }
    int64_t there = 0;
    for (const OfferFile& file : offer->files) there += fetched_bytes(file, work);
    board.begin(Phase::downloading, offer->download_bytes(), there);
    board.tell();
    check_space(options_, space_needed(*offer, work));
    Downloads(*offer, work, options_, board, stop).run();
    assemble(*offer, work, options_, board, stop);
    return installed_entry(options_.store, id);
  });
}

}  // namespace pinxit
