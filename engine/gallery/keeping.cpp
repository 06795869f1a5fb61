// SPDX-License-Identifier: Apache-2.0
//
// What is kept and what goes: dead runs, stray files, the bound on disk use.
#include <charconv>
#include <filesystem>
#include <functional>
#include <system_error>

#include "engine/base/text.h"
#include "engine/gallery/gallery_state.h"
#include "engine/gallery/names.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

std::vector<int64_t> ids(const Database& database, const char* sql) {
  std::vector<int64_t> found;
  for (Statement rows(database, sql); rows.step();) found.push_back(rows.integer(0));
  return found;
}

/// Files half written by a process that is gone.
void remove_parts(const std::string& folder) {
  std::error_code none;
  for (const auto& file : fs::directory_iterator(folder, none))
    if (file.path().extension() == ".part") fs::remove(file.path(), none);
}

int64_t number_of(const std::string& name) {
  int64_t number = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
  return read.ec == std::errc() && read.ptr == name.data() + name.size() ? number : -1;
}

}  // namespace

void Gallery::State::recover() {
  for (const int64_t id : ids(database, "SELECT id FROM entries WHERE state = 'in-progress'")) {
    if (running.contains(id) || RunLock::held(folder.lock(id))) continue;
    remove_parts(folder.pictures(id));
    const bool some = Statement(database, "SELECT 1 FROM iterations WHERE entry = ?", id).step();
    const char* sentence = some ? _("The run ended unexpectedly. Its last iteration was kept.")
                                : _("The run ended unexpectedly, before anything was painted.");
    database.run("UPDATE entries SET state = 'failed', error = ?, changed = ? WHERE id = ? AND state = 'in-progress'",
                 sentence, time_now(), id);
    std::error_code none;
    fs::remove(folder.lock(id), none);
  }
}

void Gallery::State::sweep() {
  // Folders first: one that is made later belongs to an entry that is found below.
  std::vector<fs::path> folders;
  std::error_code none;
  for (const auto& item : fs::directory_iterator(folder.pictures(), none)) folders.push_back(item.path());
  for (const fs::path& path : folders) {
    const int64_t id = number_of(path.filename());
    if (id < 0) continue;  // not of ours
    Statement entry(database, "SELECT state, result_bytes FROM entries WHERE id = ?", id);
    if (!entry.step()) {
      fs::remove_all(path, none);
      continue;
    }
    if (entry.text(0) == "in-progress") continue;
    if (entry.integer(1) == 0) fs::remove(folder.result(id), none);
    for (const auto& file : fs::directory_iterator(path, none)) {
      const std::string name = file.path().filename();
      if (!name.starts_with("full-")) continue;
      const int64_t iteration = number_of(name.substr(5));
      Statement kept(database, "SELECT 1 FROM iterations WHERE entry = ? AND iteration = ? AND full_bytes > 0", id,
                     iteration);
      if (iteration >= 0 && !kept.step()) fs::remove(file.path(), none);
    }
  }
}

int64_t Gallery::State::bytes() {
  return database.number("SELECT (SELECT coalesce(sum(result_bytes), 0) FROM entries)"
                         " + (SELECT coalesce(sum(shown_bytes + full_bytes), 0) FROM iterations)");
}

void Gallery::State::tidy(int64_t limit) {
  int64_t used = bytes();
  if (used <= limit) return;
  const auto ended =
      ids(database, "SELECT id FROM entries WHERE state IN ('completed', 'failed', 'stopped') ORDER BY id");
  // The database forgets first; a file that stays behind when we are killed in between is swept later.
  const auto drop_full = [&](int64_t id) {
    std::vector<int64_t> numbers;
    for (Statement rows(database, "SELECT iteration FROM iterations WHERE entry = ? AND full_bytes > 0", id);
         rows.step();)
      numbers.push_back(rows.integer(0));
    database.run("UPDATE iterations SET full_bytes = 0 WHERE entry = ?", id);
    std::error_code none;
    for (const int64_t number : numbers) fs::remove(folder.full(id, int(number)), none);
  };
  const auto drop_result = [&](int64_t id) {
    database.run("UPDATE entries SET result_bytes = 0 WHERE id = ?", id);
    std::error_code none;
    fs::remove(folder.result(id), none);
  };
  const auto drop_iterations = [&](int64_t id) {
    Transaction transaction(database);
    constexpr const char* before_last = " AND iteration < (SELECT max(iteration) FROM shown WHERE entry = ?)";
    database.run((std::string("UPDATE iterations SET shown_bytes = 0 WHERE entry = ?") + before_last).c_str(), id, id);
    database.run((std::string("DELETE FROM shown WHERE entry = ?") + before_last).c_str(), id, id);
    transaction.commit();
  };
  for (const auto& drop : {std::function<void(int64_t)>(drop_full), std::function<void(int64_t)>(drop_result),
                           std::function<void(int64_t)>(drop_iterations)})
    for (const int64_t id : ended) {
      if (used <= limit) break;
      drop(id);
      used = bytes();
    }
  shrink();
}

void Gallery::State::remove(int64_t id) {
  Transaction transaction(database);
  if (state_of(id) == RunState::in_progress)
    throw Failure(ErrorCode::bad_argument, _("This run is in progress."), _("Stop it first."));
  database.run("DELETE FROM entries WHERE id = ?", id);
  transaction.commit();
  std::error_code none;
  fs::remove_all(folder.pictures(id), none);
  shrink();
}

void Gallery::State::shrink() {
  database.run("PRAGMA incremental_vacuum");
  sqlite3_wal_checkpoint_v2(database.handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
}

}  // namespace pinxit
