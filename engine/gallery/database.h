// SPDX-License-Identifier: Apache-2.0
//
// SQLite in C++: a connection, statements that end with their scope, transactions that are undone unless committed.
//
//     Database database(file);
//     Transaction transaction(database);                     // BEGIN IMMEDIATE: no other process writes meanwhile
//     database.run("UPDATE entries SET name = ? WHERE id = ?", name, id);
//     transaction.commit();
//
//     Statement rows(database, "SELECT name FROM entries WHERE id > ?", 7);
//     while (rows.step()) … rows.text(0) …
//
// Whatever goes wrong is thrown: DamagedDatabase, or Failure with a sentence for painters. One thread at a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/base/error.h"

namespace pinxit {

using Bytes = std::span<const uint8_t>;

/// The file is no database, or has broken pages. Where that is found, a file "….suspect" is left beside it, so that the
/// next one to open it looks closely.
struct DamagedDatabase : Failure {
  using Failure::Failure;
};

class Database {
 public:
  /// Makes the file where there is none (0600). Others may use it at once: waits up to 10 s for them.
  explicit Database(const std::string& file);
  /// One statement, or several without arguments.
  void run(const char* sql);
  template <class... Values>
  void run(const char* sql, const Values&... values);
  int64_t number(const char* sql);  ///< first column of the first row
  int changes() const { return sqlite3_changes(handle_.get()); }
  int64_t last_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
  sqlite3* handle() const { return handle_.get(); }
  [[noreturn]] void fail(int code) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::string file_;
  std::unique_ptr<sqlite3, Close> handle_;
};

class Statement {
 public:
  template <class... Values>
  Statement(const Database& database, const char* sql, const Values&... values) : Statement(database, sql, Prepare{}) {
    int place = 0;
    (bind(++place, values), ...);
  }
  /// Goes to the next row; false after the last.
  bool step();
  int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
  double real(int column) const;  ///< NaN where it is NULL
  std::string text(int column) const;
  Bytes blob(int column) const;  ///< valid until the next step

 private:
  struct Prepare {};
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  Statement(const Database& database, const char* sql, Prepare);
  void bind(int place, int64_t value);
  void bind(int place, int value) { bind(place, int64_t(value)); }
  void bind(int place, double value);
  void bind(int place, const std::string& value);
  void bind(int place, const char* value) { bind(place, std::string(value)); }
  void bind(int place, Bytes value);
  void check(int code) const;

  const Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

template <class... Values>
void Database::run(const char* sql, const Values&... values) {
  Statement statement(*this, sql, values...);
  while (statement.step()) {
  }
}

class Transaction {
 public:
  explicit Transaction(Database& database) : database_(database) { database.run("BEGIN IMMEDIATE"); }
  Transaction(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

/// "The disk is full…", for a file or the database.
Failure disk_full();

}  // namespace pinxit
