// SPDX-License-Identifier: Apache-2.0
//
// A pickle is a program for a stack machine; Python's own reader calls whatever function the file names. This one
// builds plain values only (None, booleans, numbers, strings, lists, tuples, dicts) and hands the three instructions
// that could do more to a `PickleHost`, which refuses them unless it knows better:
//
//     PickleValues values;
//     PickleHost plain;                                   // refuses every global by its name
//     const PickleRef top = read_pickle(in, plain, values);
//     for (PickleRef item : values[top].items) …
//
// Values are numbers in a table and refer to each other by their places, so shared, deep and circular values take no
// more memory than the file states and are freed without recursion. Who walks them minds circles.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/importers/held_bytes.h"

namespace pinxit {

using PickleRef = uint32_t;

enum class PickleKind : uint8_t { none, boolean, whole, big, real, text, list, tuple, dict, global, host };

struct PickleValue {
  PickleKind kind = PickleKind::none;
  int64_t whole = 0;             ///< boolean, whole; of `global` and `host` what the host likes; of `real` nothing
  std::string_view text;         ///< text (UTF-8 not checked) or bytes; big: two's complement, little-endian
  std::vector<PickleRef> items;  ///< of list and tuple; of a dict key, value, key, value, …
};

class PickleValues {
 public:
  /// More values than `limit` are refused; each takes about 60 bytes.
  explicit PickleValues(size_t limit = 2'000'000) : limit_(limit) {}
  PickleRef add(PickleValue value);  ///< throws Unsound where there are too many
  PickleValue& operator[](PickleRef ref) { return values_[ref]; }
  const PickleValue& operator[](PickleRef ref) const { return values_[ref]; }
  std::string_view keep(std::string text);  ///< for text that is not in the file as it is
  size_t size() const { return values_.size(); }
  /// The value of a dict's text key, or nullptr.
  const PickleValue* find(const PickleValue& dict, std::string_view key) const;

 private:
  size_t limit_;
  std::deque<PickleValue> values_;
  std::deque<std::string> texts_;
};

struct PickleHost {
  virtual ~PickleHost() = default;
  /// "module.name" is asked for: gives a value of kind `global`, or throws.
  virtual PickleValue global(std::string_view module, std::string_view name);
  /// A global is called with a tuple: gives a value, or throws.
  virtual PickleRef call(PickleValues& values, PickleRef callee, PickleRef arguments);
  /// A value outside the pickle.
  virtual PickleRef persistent(PickleValues& values, PickleRef id);
  /// An object gets its state: does nothing, or throws.
  virtual void build(PickleValues& values, PickleRef object, PickleRef state);
};

/// Reads one pickle and leaves `in` behind its end. Texts borrow from the bytes of `in`, which must outlive `values`.
PickleRef read_pickle(ByteReader& in, PickleHost& host, PickleValues& values);

}  // namespace pinxit
