// SPDX-License-Identifier: Apache-2.0
//
// Errors as Pinxit tells them: a stable code for programs, a sentence for painters, and what to do next.
//
//     Result<Model> load(const Path& file) {
//       if (!exists(file)) return Error{ErrorCode::model_missing, _("…"), _("…")};
//       ...
//     }
//     auto model = load(file);
//     if (!model) return model.error();
//
// Inside a module code may throw `Failure` (an Error) or `Cancelled`; at the module's edge they become a Result.
// Only the standard library is needed here.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace pinxit {

/// Stable for ever: scripts, the wire and docs/common-issues.md use the names (see `error_name`).
enum class ErrorCode {
  bad_argument,        ///< an argument is outside its range, unknown, or of the wrong kind
  cancelled,           ///< somebody stopped the job
  device_unavailable,  ///< the device asked for is not on this machine
  engine_busy,         ///< the engine refuses more jobs for now
  engine_lost,         ///< the engine went away during the job
  engine_missing,      ///< no engine program could be found or started
  engine_old,          ///< the running engine is of another version
  file_unreadable,     ///< a picture or weights file cannot be read
  file_unwritable,     ///< a result cannot be written
  internal,            ///< a bug of ours
  model_damaged,       ///< a weights file is broken or not what its catalogue entry says
  model_missing,       ///< no such model, or its file is not there
  model_unsupported,   ///< a readable weights file of a network Pinxit does not know
  out_of_memory,       ///< memory ran out, also with the smallest tiles
  picture_unsupported, ///< a picture, layer or profile Pinxit cannot work on
  protocol,            ///< client and engine do not understand each other
  disk_full,           ///< too little space for what is to be written
  download_failed,     ///< a model's file could not be fetched from any of its addresses
};

/// "bad-argument", "cancelled", …
std::string_view error_name(ErrorCode code);
/// Inverse of error_name; unknown names (of a newer engine) give `internal`.
ErrorCode error_code(std::string_view name);
/// The exit status `pinxit` ends with: 2 … 19 in the order above (0 is success, 1 is unused).
int error_exit_status(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string sentence;  ///< translated; what went wrong, in a painter's words
  std::string hint;      ///< translated; what to do next, may be empty
};

/// An Error on its way to the edge of a module.
struct Failure : std::exception {
  explicit Failure(Error e) : error(std::move(e)) {}
  Failure(ErrorCode code, std::string sentence, std::string hint = {})
      : error{code, std::move(sentence), std::move(hint)} {}
  const char* what() const noexcept override { return error.sentence.c_str(); }
  Error error;
};

/// Thrown where a stop is noticed.
struct Cancelled : Failure {
  Cancelled();
};

/// A value or an Error. Reading the value of a failed result is a bug (std::bad_variant_access).
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  explicit operator bool() const { return state_.index() == 0; }
  T& value() { return std::get<0>(state_); }
  const T& value() const { return std::get<0>(state_); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<1>(state_); }
  /// The value, or the error thrown as a Failure: for use inside a module.
  T take() {
    if (!*this) throw Failure(error());
    return std::move(value());
  }

 private:
  std::variant<T, Error> state_;
};

struct Nothing {};
using Status = Result<Nothing>;

/// "There is too little free memory for this.", with a hint.
Error out_of_memory_error();

/// Runs `work` at a module's edge: whatever it throws comes back as an Error.
template <class F>
auto guarded(F&& work) -> Result<decltype(work())> {
  try {
    return work();
  } catch (const Failure& failure) {
    return failure.error;
  } catch (const std::bad_alloc&) {
    return out_of_memory_error();
  } catch (const std::exception& problem) {
    return Error{ErrorCode::internal, problem.what(), {}};
  }
}

}  // namespace pinxit
