// SPDX-License-Identifier: Apache-2.0
//
// Asks what a model would read of a prompt while it is typed: a moment after the last key, one question at a time, on
// a thread. A newer question stops the one on its way, and only the newest is answered. Main thread only.
//
//     PromptReader reader(host.read_prompt);
//     reader.on_read = [&](const PromptReader::Answer& answer) { box.mark(prompt_facts(answer.facts)); };
//     reader.on_failed = [&](const Error& error) { … };
//     reader.ask(request, PromptReader::typing_delay_ms);
//     reader.rest();                                     // a run begins
#pragma once

#include <glib.h>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "dialogs/painting/paint_job.h"
#include "engine/base/error.h"
#include "engine/requests/generate.h"

namespace pinxit {

class PromptReader {
 public:
  static constexpr guint typing_delay_ms = 350;
  using Read = std::function<Result<std::string>(const GenerateRequest&, std::stop_token)>;
  struct Answer {
    GenerateRequest request;
    std::string facts;
  };

  explicit PromptReader(Read read) : read_(std::move(read)) {}
  ~PromptReader() { rest(); }
  PromptReader(const PromptReader&) = delete;

  std::function<void(const Answer&)> on_read;
  std::function<void(const Error&)> on_failed;

  void ask(const GenerateRequest& request, guint delay_ms);
  /// What was asked is not answered any more.
  void rest();
  /// The facts of the last answer if it was of this model and prompt; else empty.
  std::string facts_of(const GenerateRequest& request) const;

 private:
  void begin();
  void ended(const Status& status);

  Read read_;
  std::shared_ptr<Answer> asked_;  ///< its facts are written by the thread, read when that has ended
  Answer last_;
  guint timer_ = 0;
  std::optional<PaintJob> job_;
};

}  // namespace pinxit
