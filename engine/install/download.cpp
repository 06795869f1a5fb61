// SPDX-License-Identifier: Apache-2.0
#include "engine/install/download.h"

#include <glib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/install/checksum.h"
#include "engine/install/disk.h"
#include "engine/install/part_note.h"
#include "engine/install/tensor_download.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;
using Kind = TransferProblem::Kind;
using Phase = InstallProgress::Phase;

std::string host_of(const std::string& address) {
  g_autoptr(GUri) uri = g_uri_parse(address.c_str(), G_URI_FLAGS_NONE, nullptr);
  return uri && g_uri_get_host(uri) ? g_uri_get_host(uri) : address;
}

class FileDownload {
 public:
  FileDownload(const DownloadTask& task, HttpClient& http)
      : task_(task), file_(task.file), http_(http), part_(task.work.part(file_.path)),
        note_path_(task.work.note(file_.path)), planned_(file_.planned_bytes()) {}

  void run() {
    if (file_size(task_.work.whole(file_.path)) > 0 || fs::exists(task_.work.whole(file_.path))) return;
    std::string story;
    bool another_file = false;
    for (const std::string& address : file_.addresses) {
      try {
        return from(address);
      } catch (const TransferProblem& problem) {
        story += (story.empty() ? "" : "; ") + host_of(address) + ": " + problem.text;
      } catch (const AnotherFile& problem) {
        story += (story.empty() ? "" : "; ") + host_of(address) + ": " + problem.text;
        another_file = true;
      }
    }
    if (another_file)
      throw Failure(ErrorCode::model_damaged,
                    format_text(_("The file %s is not the one that was offered: %s."), file_.path.c_str(),
                                story.c_str()),
                    _("Nothing of it was kept. Try again later, or import the file from another place."));
    throw Failure(ErrorCode::download_failed,
                  format_text(_("The file %s could not be fetched: %s."), file_.path.c_str(), story.c_str()),
                  _("What came so far is kept; installing again goes on from there. Without a network, fetch the file "
                    "elsewhere and import it."));
  }

 private:
  struct AnotherFile {
    std::string text;
  };

  /// All attempts at one address.
  void from(const std::string& address) {
    int failures = 0;
    for (bool begun_again = false;;) {
      const int64_t before = file_size(part_);
      try {
        fetch(address);
        if (finished(before > 0 && !begun_again)) return;
        begun_again = true;
        continue;
      } catch (const TransferProblem& problem) {
        if (problem.kind == Kind::elsewhere) throw;
        failures = file_size(part_) > before ? 1 : failures + 1;
        if (failures >= task_.options.attempts) throw;
        pause(address, failures, problem);
      }
    }
  }

  void pause(const std::string& address, int failures, const TransferProblem& problem) {
    const double longest = task_.options.longest_pause_seconds;
    double seconds = std::min(longest, task_.options.first_pause_seconds * double(1 << std::min(failures - 1, 20)));
    if (problem.retry_after > longest)
      throw TransferProblem{Kind::elsewhere, format_text(_("%s, and asks to wait for %.0f seconds"),
                                                         problem.text.c_str(), problem.retry_after)};
    seconds = std::max(seconds, problem.retry_after);
    task_.board.say(Phase::retrying, file_.path,
                    format_text(_("%s: %s; again in %.0f s"), host_of(address).c_str(),
                                problem.text.c_str(), seconds));
    task_.board.pause(seconds, task_.stop);
  }

  /// Brings the part on, to its end if all goes well.
  void fetch(const std::string& address) {
    const PartNote note = PartNote::read(note_path_);
    const bool same_place = note.address == address && !note.validator.empty();
    if (file_size(part_) > 0 && !same_place && !file_.has_sum()) discard();
    if (file_.bytes && file_size(part_) > file_.bytes) discard();
    if (file_.bytes && file_size(part_) == file_.bytes) return;
    if (!file_.tensors.empty()) return fetch_tensors(address);

    const int64_t there = file_size(part_);
    std::unique_ptr<OutputFile> out;
    bool useless = false;
    http_.get(
        {address, there, -1, same_place ? note.validator : ""},
        [&](const HttpReply& reply) {
          if (reply.status == 416) {
            useless = reply.total != there;
            expected_ = reply.total;
            return false;
          }
          if (reply.status == 206 && reply.from != there) {
            useless = true;
            return false;
          }
          expect(reply.total);
          out = std::make_unique<OutputFile>(part_, OutputFile::Mode::append);
          if (reply.status == 200 && out->size() > 0) {
            task_.board.add(-out->size());
            out->truncate();
          }
          if (reply.total > 0) check_space(task_.options, reply.total - out->size());
          const bool same_file = reply.status == 206 && same_place;  // may leave out what the whole file's reply said
          PartNote{address, same_file && reply.validator.empty() ? note.validator : reply.validator,
                   same_file && reply.stated_sha256.empty() ? note.stated_sha256 : reply.stated_sha256}
              .write(note_path_);
          return true;
        },
        [&](std::span<const std::byte> bytes) {
          const int64_t limit = file_.bytes ? file_.bytes : expected_;
          if (limit > 0 && out->size() + int64_t(bytes.size()) > limit) {
            out.reset();
            discard();
            throw AnotherFile{_("it is longer than stated")};
          }
          out->write(bytes);
          task_.board.add(int64_t(bytes.size()));
        });
    if (out) out->finish();
    if (useless) {
      discard();
      throw TransferProblem{Kind::again, _("the server sent another part than was asked for")};
    }
    const int64_t wanted = file_.bytes ? file_.bytes : expected_;
    if (wanted > 0 && file_size(part_) < wanted)
      throw TransferProblem{Kind::again, _("the connection was cut")};
  }

  void fetch_tensors(const std::string& address) {
    const TensorDownload download{file_, part_, note_path_, address};
    const auto told = [&](int64_t total) { plan(total), check_space(task_.options, total - file_size(part_)); };
    download_tensors(download, http_, told, [&](int64_t bytes) { task_.board.add(bytes); });
  }

  /// The server says how long the whole file is.
  void expect(int64_t total) {
    if (total < 0) return;
    if (file_.bytes && total != file_.bytes) {
      discard();
      throw AnotherFile{format_text(_("it has %lld bytes, not %lld"), (long long)total, (long long)file_.bytes)};
    }
    expected_ = total;
    plan(total);
  }

  void plan(int64_t total) {
    task_.board.add_total(total - std::exchange(planned_, total));
  }

  /// Checks what came and puts it under its name. False: it is to be fetched anew, for only a part came now and the
  /// fault may be in the older one.
  bool finished(bool resumed) {
    task_.board.say(Phase::verifying, file_.path, "");
    const FileSums sums = sum_file(part_, {}, task_.stop);
    const std::string stated = PartNote::read(note_path_).stated_sha256;
    auto fault = mismatch(file_, sums);
    if (!fault && !file_.has_sum() && file_.tensors.empty() && !stated.empty() && stated != sums.sha256)
      fault = _("its sum is not the one that the server states");
    if (fault) {
      discard();
      if (resumed) return false;
      throw AnotherFile{*fault};
    }
    const std::string whole = task_.work.whole(file_.path);
    make_folder(fs::path(whole).parent_path().string());
    if (std::rename(part_.c_str(), whole.c_str()) != 0) throw write_failure(whole, errno);
    sync_folder(fs::path(whole).parent_path().string());
    if (file_size(whole) != sums.bytes) throw write_failure(whole, EIO);
    unlink(note_path_.c_str());
    return true;
  }

  void discard() {
    task_.board.add(-file_size(part_));
    unlink(part_.c_str());
    unlink(note_path_.c_str());
  }

  const DownloadTask& task_;
  const OfferFile& file_;
  HttpClient& http_;
  const std::string part_, note_path_;
  int64_t planned_;        ///< what the board's total counts for this file
  int64_t expected_ = -1;  ///< length the server told
};

}  // namespace

void download_file(const DownloadTask& task, HttpClient& http) {
  FileDownload(task, http).run();
}

int64_t fetched_bytes(const OfferFile& file, const Work& work) {
  const std::string whole = work.whole(file.path);
  return fs::exists(whole) ? file_size(whole) : file_size(work.part(file.path));
}

void check_space(const InstallerOptions& options, int64_t bytes) {
  const int64_t free = options.free_space ? options.free_space(options.store) : free_space_at(options.store);
  if (bytes <= 0 || free - options.free_space_margin >= bytes) return;
  g_autofree char* needed = g_format_size(guint64(bytes + options.free_space_margin));
  g_autofree char* there = g_format_size(guint64(std::max<int64_t>(0, free)));
  throw Failure(ErrorCode::disk_full,
                format_text(_("There is too little space in %s: %s are needed, %s are free."), options.store.c_str(),
                            needed, there),
                _("Make space, or choose another folder for models. What was downloaded is kept and continued."));
}

}  // namespace pinxit
