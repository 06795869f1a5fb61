// SPDX-License-Identifier: Apache-2.0
//
// What `pinxit` tells while it works: a line of progress on a terminal, notes and errors on stderr, and with --json the
// events on stdout, one JSON object a line, each with the "input" it is about.
#pragma once

#include <cstdio>
#include <set>
#include <string>

#include "engine/requests/events.h"

namespace pinxit {

/// "pinxit: CODE: SENTENCE", and the hint on the next line; `about` is a file or empty.
void print_error(const Error& error, const std::string& about = {});

/// The same text in the locale's encoding, on stderr or stdout.
void print(FILE* to, const std::string& text);

class Report {
 public:
  /// `count`: pictures to come.
  Report(bool json, size_t count);
  ~Report();
  void begin(const std::string& input);
  void event(const Event& event);
  /// Told once of what it is about, however often it comes; `about` is a file or a caption, or empty: all pictures.
  void note(const std::string& text, const std::string& about = {});
  void written(const std::string& output);
  /// With what the `picture` event tells of it.
  void written(const std::string& output, const Event& picture);
  void failed(const Error& error);
  /// Takes the line of progress away, before something else is printed.
  void end() { clear(); }

 private:
  void show(const std::string& text);  ///< in place of the line of progress
  void clear();
  void line(const std::string& event_json, const char* output = nullptr);  ///< with an output: `written`

  bool json_, terminal_;
  bool shown_ = false;
  size_t count_, number_ = 0;
  std::string input_;
  std::string loss_;  ///< of the last iteration, as text
  std::set<std::string> told_;  ///< notes, with what they are about
};

}  // namespace pinxit
