// SPDX-License-Identifier: Apache-2.0
#include "engine/gallery/gallery.h"

#include <glib/gstdio.h>

#include "engine/base/text.h"
#include "engine/gallery/gallery_state.h"
#include "engine/gallery/names.h"
#include "engine/gallery/picture_coding.h"
#include "engine/requests/json.h"

namespace pinxit {
namespace {

/// A request without a style is none that JSON accepts; this one stands in for it in the database.
const WeightedStyle& missing_style() {
  static const WeightedStyle style = {"pinxit:missing", 1};
  return style;
}

struct StoredRequest {
  std::string json;
  RunState state = RunState::ready;
};

StoredRequest stored(NeuralStyleRequest request) {
  StoredRequest result;
  if (request.styles.empty()) {
    request.styles = {missing_style()};
    result.state = RunState::fresh;
  }
  validate(request).take();
  request.name.clear();  // the entry has it, and may change it
  result.json = to_json(request);
  return result;
}

RunState state_from_name(const std::string& name) {
  for (const RunState state : {RunState::fresh, RunState::ready, RunState::in_progress, RunState::completed,
                               RunState::failed, RunState::stopped})
    if (name == run_state_name(state)) return state;
  return RunState::failed;  // the table allows no others
}

constexpr const char* entry_columns =
    "SELECT e.id, e.name, e.state, e.request, e.made, e.changed, e.error, e.facts, e.result_bytes,"
    " (SELECT count(*) FROM iterations i WHERE i.entry = e.id AND i.iteration > 0),"
    " (SELECT coalesce(sum(i.shown_bytes + i.full_bytes), 0) FROM iterations i WHERE i.entry = e.id)"
    " FROM entries e ";

GalleryEntry entry_of(const Statement& row) {
  GalleryEntry entry;
  entry.id = row.integer(0);
  entry.name = row.text(1);
  entry.state = state_from_name(row.text(2));
  entry.error = row.text(6);
  if (auto request = neural_style_from_json(row.text(3))) {
    entry.request = std::move(*request);
    if (entry.request.styles == std::vector{missing_style()}) entry.request.styles.clear();
  } else if (entry.error.empty()) {  // of a newer version: shown all the same
    entry.error = request.error().sentence;
  }
  entry.request.name = entry.name;
  entry.made = row.text(4);
  entry.changed = row.text(5);
  entry.facts = row.text(7);
  entry.has_result = row.integer(8) > 0;
  entry.iterations = int(row.integer(9));
  entry.bytes = row.integer(8) + row.integer(10);
  return entry;
}

Failure no_such_run() {
  return Failure(ErrorCode::bad_argument, _("There is no such run in the gallery."), _("It may have been deleted."));
}

bool taken(const Database& database, const std::string& key, int64_t except = 0) {
  return Statement(database, "SELECT 1 FROM entries WHERE name_key = ? AND id <> ?", key, except).step();
}

void require_free(const Database& database, const std::string& name, int64_t except = 0) {
  if (taken(database, text_key(name), except))
    throw Failure(ErrorCode::bad_argument, format_text(_("There is already a run named “%s”."), name.c_str()),
                  _("Choose another name."));
}

void require_iteration(int iteration) {
  if (iteration < 0) throw Failure(ErrorCode::bad_argument, _("Iterations count from 0."));
}

void make_picture_folder(const GalleryFolder& folder, int64_t id) {
  g_mkdir(folder.pictures(id).c_str(), 0700);  // what follows tells where that failed
}

}  // namespace

// ---- state of runs

RunState Gallery::State::state_of(int64_t id) {
  Statement row(database, "SELECT state FROM entries WHERE id = ?", id);
  if (!row.step()) throw no_such_run();
  return state_from_name(row.text(0));
}

void Gallery::State::require_running(int64_t id) {
  if (!running.contains(id))
    throw Failure(ErrorCode::bad_argument, _("This run is not in progress."), _("Start it again as a new one."));
}

void Gallery::State::end(int64_t id, RunState state, const std::string& error, const std::string& facts,
                         int64_t result_bytes) {
  database.run("UPDATE entries SET state = ?, error = ?, facts = ?, result_bytes = ?, changed = ?"
               " WHERE id = ? AND state = 'in-progress'",
               run_state_name(state), error, facts, result_bytes, time_now(), id);
  running.erase(id);
}

void Gallery::State::end_with_result(int64_t id, RunState state, SrgbView result, const std::string& facts) {
  require_running(id);
  int64_t bytes = 0;
  try {
    make_picture_folder(folder, id);
    bytes = write_picture_file(folder.result(id), result);
  } catch (const Failure& failure) {
    end(id, RunState::failed, failure.error.sentence, facts, 0);
    throw;
  }
  end(id, state, {}, facts, bytes);
}

// ---- the gallery

Gallery::Gallery(std::unique_ptr<State> state) : state_(std::move(state)) {}
Gallery::Gallery(Gallery&&) noexcept = default;
Gallery& Gallery::operator=(Gallery&&) noexcept = default;
Gallery::~Gallery() = default;

Result<Gallery> Gallery::open(const std::string& folder) {
  return guarded([&] {
    auto state = std::make_unique<State>(folder.empty() ? user_gallery_folder() : folder);
    state->recover();
    state->sweep();
    return Gallery(std::move(state));
  });
}

const std::optional<Error>& Gallery::trouble() const { return state_->trouble; }

Result<int64_t> Gallery::add(const std::string& name, const NeuralStyleRequest& request) {
  return guarded([&] {
    const std::string checked = checked_name(name);
    const StoredRequest kept = stored(request);
    Transaction transaction(state_->database);
    require_free(state_->database, checked);
    const std::string now = time_now();
    state_->database.run(
        "INSERT INTO entries (name, name_key, state, request, made, changed) VALUES (?, ?, ?, ?, ?, ?)", checked,
        text_key(checked), run_state_name(kept.state), kept.json, now, now);
    const int64_t id = state_->database.last_id();
    transaction.commit();
    return id;
  });
}

std::string Gallery::free_name(const std::string& wanted) {
  const auto found = guarded([&] {
    const std::string checked = checked_name(wanted);
    std::string name = checked;
    for (int n = 2; taken(state_->database, text_key(name)); n++) name = checked + " " + std::to_string(n);
    return name;
  });
  return found ? *found : wanted;
}

Status Gallery::change(int64_t id, const NeuralStyleRequest& request) {
  return guarded([&] {
    const StoredRequest kept = stored(request);
    Transaction transaction(state_->database);
    if (state_->state_of(id) > RunState::ready)
      throw Failure(ErrorCode::bad_argument, _("The settings of a run that has begun cannot be changed."),
                    _("Run it again with other settings: that makes a new one."));
    state_->database.run("UPDATE entries SET request = ?, state = ?, changed = ? WHERE id = ?", kept.json,
                         run_state_name(kept.state), time_now(), id);
    transaction.commit();
    return Nothing{};
  });
}

Status Gallery::rename(int64_t id, const std::string& name) {
  return guarded([&] {
    const std::string checked = checked_name(name);
    Transaction transaction(state_->database);
    state_->state_of(id);
    require_free(state_->database, checked, id);
    state_->database.run("UPDATE entries SET name = ?, name_key = ?, changed = ? WHERE id = ?", checked,
                         text_key(checked), time_now(), id);
    transaction.commit();
    return Nothing{};
  });
}

Result<std::vector<GalleryEntry>> Gallery::list(const std::string& filter) {
  return guarded([&] {
    state_->recover();
    const std::string key = text_key(filter);
    std::vector<GalleryEntry> entries;
    Statement rows(state_->database, (std::string(entry_columns) + "ORDER BY e.id DESC").c_str());
    while (rows.step())
      if (text_key(rows.text(1)).find(key) != std::string::npos) entries.push_back(entry_of(rows));
    return entries;
  });
}

Result<GalleryEntry> Gallery::entry(int64_t id) {
  return guarded([&] {
    state_->recover();
    Statement row(state_->database, (std::string(entry_columns) + "WHERE e.id = ?").c_str(), id);
    if (!row.step()) throw no_such_run();
    return entry_of(row);
  });
}

Result<std::vector<GalleryIteration>> Gallery::iterations(int64_t id) {
  return guarded([&] {
    state_->state_of(id);
    std::vector<GalleryIteration> iterations;
    Statement rows(state_->database,
                   "SELECT iteration, total, content, style, variation, full_bytes > 0, shown_bytes > 0"
                   " FROM iterations WHERE entry = ? ORDER BY iteration", id);
    while (rows.step()) {
      GalleryIteration one;
      one.iteration = int(rows.integer(0));
      one.losses.total = rows.real(1);
      one.losses.content = rows.real(2);
      one.losses.style = rows.real(3);
      one.losses.variation = rows.real(4);
      one.full = rows.integer(5) != 0;
      one.shown = rows.integer(6) != 0;
      Statement taps(state_->database,
                     "SELECT layer, weight, loss FROM taps WHERE entry = ? AND iteration = ? ORDER BY place", id,
                     one.iteration);
      while (taps.step()) one.losses.taps.push_back({taps.text(0), taps.real(1), taps.real(2)});
      iterations.push_back(std::move(one));
    }
    return iterations;
  });
}

Result<SrgbPicture> Gallery::picture(int64_t id, int iteration, bool full) {
  return guarded([&] {
    state_->state_of(id);
    Statement kept(state_->database, "SELECT full_bytes FROM iterations WHERE entry = ? AND iteration = ?", id,
                   iteration);
    if (kept.step() && full && kept.integer(0) > 0) return read_picture_file(state_->folder.full(id, iteration));
    Statement row(state_->database, "SELECT picture FROM shown WHERE entry = ? AND iteration = ?", id, iteration);
    if (!row.step())
      throw Failure(ErrorCode::bad_argument, format_text(_("No picture of iteration %d is kept."), iteration));
    return decode_picture(row.blob(0));
  });
}

Result<SrgbPicture> Gallery::result(int64_t id) {
  return guarded([&] {
    state_->state_of(id);
    if (!Statement(state_->database, "SELECT 1 FROM entries WHERE id = ? AND result_bytes > 0", id).step())
      throw Failure(ErrorCode::bad_argument, _("This run has no result."),
                    _("Its iterations can be opened where they are kept."));
    return read_picture_file(state_->folder.result(id));
  });
}

Status Gallery::begin(int64_t id) {
  return guarded([&] {
    const RunState state = state_->state_of(id);
    if (state == RunState::fresh)
      throw Failure(ErrorCode::bad_argument, _("This run has no style picture yet."), _("Choose one first."));
    auto lock = state == RunState::ready ? RunLock::take(state_->folder.lock(id)) : std::nullopt;
    if (lock)
      state_->database.run("UPDATE entries SET state = 'in-progress', changed = ? WHERE id = ? AND state = 'ready'",
                           time_now(), id);
    if (!lock || state_->database.changes() != 1)
      throw Failure(ErrorCode::bad_argument, _("This run has begun already."), _("Start it again as a new one."));
    state_->running.emplace(id, std::move(*lock));
    return Nothing{};
  });
}

Status Gallery::record(int64_t id, int iteration, const Losses& losses, SrgbView shown) {
  return guarded([&] {
    require_iteration(iteration);
    state_->require_running(id);
    const std::vector<uint8_t> blob = encode_picture(shown);
    Database& database = state_->database;
    Transaction transaction(database);
    database.run("INSERT INTO iterations (entry, iteration, total, content, style, variation, shown_bytes)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (entry, iteration) DO UPDATE SET total = excluded.total,"
                 " content = excluded.content, style = excluded.style, variation = excluded.variation,"
                 " shown_bytes = excluded.shown_bytes",
                 id, iteration, losses.total, losses.content, losses.style, losses.variation, int64_t(blob.size()));
    database.run("DELETE FROM taps WHERE entry = ? AND iteration = ?", id, iteration);
    int place = 0;
    for (const Losses::OfTap& tap : losses.taps)
      database.run("INSERT INTO taps VALUES (?, ?, ?, ?, ?, ?)", id, iteration, place++, tap.layer, tap.weight,
                   tap.loss);
    database.run("INSERT OR REPLACE INTO shown (entry, iteration, picture) VALUES (?, ?, ?)", id, iteration,
                 Bytes(blob));
    database.run("UPDATE entries SET changed = ? WHERE id = ?", time_now(), id);
    transaction.commit();
    return Nothing{};
  });
}

Status Gallery::record_full(int64_t id, int iteration, SrgbView picture) {
  return guarded([&] {
    require_iteration(iteration);
    state_->require_running(id);
    if (!Statement(state_->database, "SELECT 1 FROM iterations WHERE entry = ? AND iteration = ?", id, iteration)
             .step())
      throw Failure(ErrorCode::bad_argument, format_text(_("Iteration %d has not been recorded."), iteration));
    make_picture_folder(state_->folder, id);
    const int64_t bytes = write_picture_file(state_->folder.full(id, iteration), picture);
    state_->database.run("UPDATE iterations SET full_bytes = ? WHERE entry = ? AND iteration = ?", bytes, id,
                         iteration);
    return Nothing{};
  });
}

Status Gallery::complete(int64_t id, SrgbView result, const std::string& facts) {
  return guarded([&] {
    state_->end_with_result(id, RunState::completed, result, facts);
    state_->tidy(limit_bytes);
    return Nothing{};
  });
}

Status Gallery::stop(int64_t id, SrgbView result, const std::string& facts) {
  return guarded([&] {
    state_->end_with_result(id, RunState::stopped, result, facts);
    state_->tidy(limit_bytes);
    return Nothing{};
  });
}

Status Gallery::fail(int64_t id, const std::string& sentence) {
  return guarded([&] {
    state_->require_running(id);
    state_->end(id, RunState::failed, sentence, {}, 0);
    state_->tidy(limit_bytes);
    return Nothing{};
  });
}

Status Gallery::remove(int64_t id) {
  return guarded([&] {
    state_->recover();
    state_->remove(id);
    return Nothing{};
  });
}

int64_t Gallery::bytes() {
  const auto used = guarded([&] { return state_->bytes(); });
  return used ? *used : 0;
}

Status Gallery::tidy(int64_t limit) {
  return guarded([&] {
    state_->tidy(limit);
    return Nothing{};
  });
}

}  // namespace pinxit
