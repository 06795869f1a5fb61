// SPDX-License-Identifier: Apache-2.0
#include "engine/gallery/database.h"

#include <fcntl.h>
#include <unistd.h>

#include <limits>

#include "engine/base/text.h"

namespace pinxit {
namespace {

constexpr int patience_ms = 10000;

void suspect(const std::string& file) {
  const int descriptor = ::open((file + ".suspect").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor >= 0) ::close(descriptor);
}

}  // namespace

Failure disk_full() {
  return Failure(ErrorCode::file_unwritable, _("The disk is full: the gallery cannot keep this picture."),
                 _("Free some space, or delete runs in the gallery."));
}

Database::Database(const std::string& file) : file_(file) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  handle_.reset(handle);  // there is one also where opening failed
  if (code != SQLITE_OK) fail(code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, patience_ms);
}

void Database::run(const char* sql) {
  if (const int code = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr); code != SQLITE_OK) fail(code);
}

int64_t Database::number(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

void Database::fail(int code) const {
  const std::string detail = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      suspect(file_);
      throw DamagedDatabase(ErrorCode::file_unreadable,
                            format_text(_("The gallery in %s is damaged."), file_.c_str()),
                            _("When the gallery is opened next, it is put aside and a new one begins."));
    case SQLITE_FULL:
      throw disk_full();
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Failure(ErrorCode::file_unwritable, _("The gallery is in use by another program."), _("Try again later."));
    case SQLITE_NOMEM:
      throw Failure(out_of_memory_error());
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_IOERR:
      throw Failure(ErrorCode::file_unwritable, format_text(_("The gallery in %s cannot be written."), file_.c_str()),
                    detail);
    default:
      throw Failure(ErrorCode::internal, format_text(_("The gallery failed: %s."), detail.c_str()));
  }
}

Statement::Statement(const Database& database, const char* sql, Prepare) : database_(database) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v2(database.handle(), sql, -1, &handle, nullptr);
  handle_.reset(handle);
  check(code);
}

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE) database_.fail(code);
  return code == SQLITE_ROW;
}

double Statement::real(int column) const {
  if (sqlite3_column_type(handle_.get(), column) == SQLITE_NULL) return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(handle_.get(), column);
}

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_.get(), column));
  return text ? std::string(text, size_t(sqlite3_column_bytes(handle_.get(), column))) : std::string();
}

Bytes Statement::blob(int column) const {
  const auto* data = static_cast<const uint8_t*>(sqlite3_column_blob(handle_.get(), column));
  return {data, size_t(sqlite3_column_bytes(handle_.get(), column))};
}

void Statement::bind(int place, int64_t value) { check(sqlite3_bind_int64(handle_.get(), place, value)); }

void Statement::bind(int place, double value) { check(sqlite3_bind_double(handle_.get(), place, value)); }

void Statement::bind(int place, const std::string& value) {
  check(sqlite3_bind_text64(handle_.get(), place, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind(int place, Bytes value) {
  check(sqlite3_bind_blob64(handle_.get(), place, value.data(), value.size(), SQLITE_TRANSIENT));
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) database_.fail(code);
}

Transaction::~Transaction() {
  // SQLite may have undone it already (a full disk), and says so by an error that means nothing here.
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace pinxit
