// SPDX-License-Identifier: Apache-2.0
#include "engine/gallery/schema.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/gallery/run_lock.h"

namespace pinxit {
namespace {

namespace fs = std::filesystem;

constexpr int64_t newest_version = 1;
constexpr double opening_patience_s = 10;

/// Identifiers are never given twice (AUTOINCREMENT): a picture left behind by a crash cannot become another run's.
/// Sizes are of the stored pictures; 0 where there is none (any more). NULL losses are no numbers.
constexpr const char* tables = R"(
CREATE TABLE entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('new', 'ready', 'in-progress', 'completed', 'failed', 'stopped')),
  request TEXT NOT NULL,
  made TEXT NOT NULL,
  changed TEXT NOT NULL,
  error TEXT NOT NULL DEFAULT '',
  facts TEXT NOT NULL DEFAULT '',
  result_bytes INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE iterations (
  entry INTEGER NOT NULL REFERENCES entries ON DELETE CASCADE,
  iteration INTEGER NOT NULL,
  total REAL, content REAL, style REAL, variation REAL,
  shown_bytes INTEGER NOT NULL DEFAULT 0,
  full_bytes INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (entry, iteration)
) WITHOUT ROWID;
CREATE TABLE taps (
  entry INTEGER NOT NULL,
  iteration INTEGER NOT NULL,
  place INTEGER NOT NULL,
  layer TEXT NOT NULL,
  weight REAL, loss REAL,
  PRIMARY KEY (entry, iteration, place),
  FOREIGN KEY (entry, iteration) REFERENCES iterations ON DELETE CASCADE
) WITHOUT ROWID;
CREATE TABLE shown (
  entry INTEGER NOT NULL,
  iteration INTEGER NOT NULL,
  picture BLOB NOT NULL,
  UNIQUE (entry, iteration),
  FOREIGN KEY (entry, iteration) REFERENCES iterations ON DELETE CASCADE
);
PRAGMA user_version = 1;
)";

void make_folder(const std::string& path) {
  if (g_mkdir_with_parents(path.c_str(), 0700) != 0 || ::chmod(path.c_str(), 0700) != 0)
    throw Failure(ErrorCode::file_unwritable, format_text(_("The gallery's folder %s cannot be made."), path.c_str()),
                  g_strerror(errno));
}

void require_sound(const Database& database, const char* check) {
  Statement statement(database, check);
  if (!statement.step() || statement.text(0) != "ok") database.fail(SQLITE_CORRUPT);
}

/// Without the pictures' own pages that takes no time; with them, all of the file is read.
void look_for_damage(const Database& database, bool closely) {
  if (closely) return require_sound(database, "PRAGMA quick_check(1)");
  require_sound(database, "PRAGMA quick_check('entries')");
  require_sound(database, "PRAGMA quick_check('iterations')");
}

Database open_sound(const std::string& file) {
  const bool suspicious = fs::exists(file + ".suspect");
  Database database(file);
  database.run("PRAGMA auto_vacuum = INCREMENTAL");  // means something only before there are tables
  database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
               "PRAGMA journal_size_limit = 16777216");
  const int64_t version = database.number("PRAGMA user_version");
  if (version > newest_version)
    throw Failure(ErrorCode::file_unreadable, _("The gallery was made by a newer version of Pinxit."),
                  _("Update Pinxit to see it."));
  if (version == 0) {
    Transaction transaction(database);
    database.run(tables);
    transaction.commit();
  }
  look_for_damage(database, suspicious);
  fs::remove(file + ".suspect");
  return database;
}

/// Gives the name of the folder.
std::string put_aside(const GalleryFolder& folder) {
  std::string aside;
  for (int n = 1; aside.empty() || fs::exists(aside); n++)
    aside = folder.root + "/gallery.damaged-" + std::to_string(n);
  fs::create_directory(aside);
  for (const char* name : {"gallery.sqlite", "gallery.sqlite-wal", "gallery.sqlite-shm", "pictures", "running"}) {
    std::error_code missing;
    fs::rename(fs::path(folder.root) / name, fs::path(aside) / name, missing);
    if (missing && missing != std::errc::no_such_file_or_directory) throw fs::filesystem_error(name, missing);
  }
  fs::remove(folder.database() + ".suspect");
  return aside;
}

void make_subfolders(const GalleryFolder& folder) {
  make_folder(folder.pictures());
  make_folder(folder.root + "/running");
}

}  // namespace

std::string user_gallery_folder() {
  const char* own = std::getenv("PINXIT_DATA_DIR_USER");
  return (own && *own ? fs::path(own) : fs::path(g_get_user_data_dir()) / "pinxit") / "gallery";
}

Database open_gallery_database(const GalleryFolder& folder, std::optional<Error>& trouble) {
  make_folder(folder.root);
  auto lock = RunLock::wait(folder.root + "/opening", opening_patience_s);
  if (!lock)
    throw Failure(ErrorCode::file_unwritable, _("The gallery is in use by another program."), _("Try again later."));
  lock->keep_file();  // others may wait for this very file
  make_subfolders(folder);
  try {
    return open_sound(folder.database());
  } catch (const DamagedDatabase&) {
    const std::string aside = put_aside(folder);
    trouble = Error{ErrorCode::file_unreadable, _("The gallery was damaged, and a new one was begun."),
                    format_text(_("Nothing was deleted: the old one is in %s."), aside.c_str())};
  }
  make_subfolders(folder);
  Database database = open_sound(folder.database());
  // A program that still has the old one open must not meet our runs in its folders.
  database.run("INSERT INTO sqlite_sequence (name, seq) VALUES ('entries', unixepoch())");
  return database;
}

}  // namespace pinxit
